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

/// What the program is to do.
enum class Command {
  run,
  /// `xrayd doctor`: look whether everything that is needed is there.
  doctor,
  /// `xrayd export`: write the store's documents as lines of JSON.
  export_traces,
  /// `xrayd import`: store documents from files.
  import_traces,
  /// `xrayd clear`: remove all traces.
  clear_traces,
};

/// What export, import and clear are told beside the daemon's own options.
struct StoreCommandOptions {
  /// `http://host:port` of the daemon to go to; empty: whoever has the data directory.
  std::string address = {};
  std::string filter = {};
  /// Seconds since 1970.
  std::optional<double> start = std::nullopt;
  std::optional<double> end = std::nullopt;
  /// Empty or `-`: standard output.
  std::filesystem::path output = {};
  /// Empty: standard input.
  std::vector<std::filesystem::path> files = {};
  bool yes = false;
};

/// The store on this machine.
struct LocalOptions {
  /// Empty only where nothing is stored here.
  std::filesystem::path data_dir = {};
  std::uint64_t retention_bytes = std::uint64_t{1} << 30U;
  std::chrono::seconds retention_age = std::chrono::hours{24 * 7};
  /// Nothing: as the store has it.
  std::optional<double> default_sampling = std::nullopt;
  std::chrono::seconds sampling_interval{10};
  /// The API takes no more than X-Ray's does.
  bool strict = false;
};

/// Who may ask, and what is shown.
struct WebOptions {
  std::vector<std::string> allowed_hosts = {};
  /// Empty: none was set.
  std::string console_token = {};
  /// Where it is read from instead; empty: nowhere.
  std::filesystem::path console_token_file = {};
  /// Empty: the console that was compiled in.
  std::filesystem::path console_dir = {};
};

/// Who this daemon is to AWS, and the way there.
struct AwsOptions {
  /// `-n` or Region; AWS_REGION and the rest of the order are aws::choose_region()'s. Empty: none.
  std::string region = {};
  /// X-Ray's address, with scheme, checked; empty: the region's own.
  std::string endpoint = {};
  bool dual_stack = false;
  bool fips = false;
  /// `-o`: neither EC2's nor ECS's metadata are asked.
  bool local_mode = false;
  /// A profile of the shared config files; empty: AWS_PROFILE, else `default`.
  std::string profile = {};
  /// `-r`: the role to take. Empty: none.
  std::string role_arn = {};
  std::string external_id = {};
  /// The HTTP proxy, from `-p`, HTTPS_PROXY or https_proxy; empty: none. May hold a password.
  std::string proxy = {};
  /// Hosts reached without it, from --no-proxy, NO_PROXY or no_proxy.
  std::string no_proxy = {};
  /// A PEM file instead of the system's certificates; empty: the system's.
  std::filesystem::path ca_bundle = {};
  /// False: any certificate will do.
  bool verify_tls = true;
};

/// Uploads, telemetry, and what passes through to AWS.
struct ForwardOptions {
  /// Uploads at a time, at most; 1 to 64.
  int concurrency = 8;
  /// One attempt, the connection included.
  std::chrono::milliseconds request_timeout{2000};
  /// The first one counts.
  int max_attempts = 2;
  std::chrono::milliseconds retry_base{2000};
  std::chrono::milliseconds retry_max{20'000};
  /// What all repetitions together may cost, as aws::RetryOptions counts it.
  int retry_budget = 500;
  /// A batch leaves at the latest so long after its first document came.
  std::chrono::milliseconds batch_time{1000};
  /// Empty: no spool.
  std::filesystem::path spool_dir = {};
  std::uint64_t spool_bytes = std::uint64_t{256} << 20U;
  bool telemetry = true;
  std::chrono::milliseconds telemetry_interval{60'000};
  /// `-a`, for telemetry.
  std::string resource_arn = {};
  /// The TCP port passes on whatever comes, not the sampling calls alone.
  bool proxy_all_paths = false;
  /// How long such a call may take.
  std::chrono::milliseconds proxy_timeout{20'000};
};

/// Something to say about the configuration that doesn't keep the daemon from running.
struct Remark {
  log::Level level = log::Level::warn;
  std::string text = {};
};

/// The command line, the environment and cfg.yaml, checked. option_values.cpp has names and
/// meanings.
struct Options {
  Command command = Command::run;
  /// The cfg.yaml that was read; empty: none.
  std::filesystem::path config_file = {};
  log::Settings log = {};

  Address udp{"127.0.0.1", 2000};
  Address tcp{"127.0.0.1", 2000};
  /// Empty: none.
  std::filesystem::path unix_socket = {};

  BackendKind backend = BackendKind::aws;
  /// What waits to be sent or stored may fill so much memory. 0 while these are being put together:
  /// to be computed.
  std::uint64_t queue_bytes = std::uint64_t{16} << 20U;
  /// What a stop may take while there is still something to send or store.
  std::chrono::milliseconds drain_timeout{8000};

  LocalOptions local = {};
  WebOptions web = {};
  StoreCommandOptions store_command = {};
  AwsOptions aws = {};
  ForwardOptions forward = {};

  /// To be logged once the log is there, in this order.
  std::vector<Remark> remarks = {};
};

}  // namespace xrayd::config
