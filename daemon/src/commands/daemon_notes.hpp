// What a daemon leaves in its data directory, so that commands on the same machine find it and may
// talk to it: who can read that directory can read its traces anyway.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "config/address.hpp"
#include "config/options.hpp"

namespace xrayd::commands {

/// Writes where the daemon listens. A failure is a line in the log.
void leave_address(const std::filesystem::path& data_dir, const config::Address& address) noexcept;

/// What the last daemon has left; nothing if there is nothing that makes sense. Where it listens on
/// every interface the address is the loopback one.
[[nodiscard]] std::optional<config::Address> left_address(const std::filesystem::path& data_dir);

/// The token that was given, as text or in a file; empty if none was. Throws StartupError naming a
/// file that can't be read or holds no token.
[[nodiscard]] std::string given_token(const config::WebOptions& options);

struct KeptToken {
  std::string text;
  std::filesystem::path file;
  /// Nobody knows it yet.
  bool is_new = false;
};

/// The token that an earlier start made, or a new one of 160 random bits, in a file that only its
/// owner can read. Throws StartupError naming the file and the cause.
[[nodiscard]] KeptToken kept_token(const std::filesystem::path& data_dir);

/// That token if there is one and it can be read.
[[nodiscard]] std::optional<std::string> left_token(const std::filesystem::path& data_dir);

}  // namespace xrayd::commands
