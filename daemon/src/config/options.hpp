// Everything the daemon is told, as one value made once at the start.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/address.hpp"
#include "config/log.hpp"

namespace xrayd::config {

enum class BackendKind { aws, local, both };

/// The command line and the environment, checked. option_values.cpp has names and meanings.
struct Options {
  Address udp{"127.0.0.1", 2000};
  Address tcp{"127.0.0.1", 2000};
  /// Empty: none.
  std::filesystem::path unix_socket;
  BackendKind backend = BackendKind::aws;
  std::filesystem::path data_dir;
  std::uint64_t retention_bytes = std::uint64_t{1} << 30U;
  std::chrono::seconds retention_age = std::chrono::hours{24 * 7};
  std::uint64_t queue_bytes = std::uint64_t{16} << 20U;
  /// Nothing: as the store has it.
  std::optional<double> default_sampling;
  std::chrono::seconds sampling_interval{10};
  log::Level log_level = log::Level::info;
  /// Empty: standard output.
  std::filesystem::path log_file;
  std::vector<std::string> allowed_hosts;
  /// Empty: none was set.
  std::string console_token;
  /// Empty: the console that was compiled in.
  std::filesystem::path console_dir;
};

}  // namespace xrayd::config
