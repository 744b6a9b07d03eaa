// How much memory this process may use.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace xrayd::config {

/// Bytes: the smallest of the host's memory and the limits of this process's control groups, of
/// both versions, from its own up to the outermost that can be seen. Nothing if none of this can be
/// read. `root` is where `proc` and `sys` lie.
[[nodiscard]] std::optional<std::uint64_t> memory_limit(const std::filesystem::path& root = "/");

/// What waits may fill unless told otherwise: 1 % of `limit` in whole MiB, at least 16 MiB.
[[nodiscard]] std::uint64_t default_buffer_bytes(std::optional<std::uint64_t> limit);

}  // namespace xrayd::config
