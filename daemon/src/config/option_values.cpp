#include "config/option_values.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <utility>

namespace xrayd::config {
namespace {

/// A whole number followed by one of the units; positive, and at most `most` in all.
template <std::size_t Count>
std::uint64_t scaled_number(
    std::string_view text,
    const std::array<std::pair<std::string_view, std::uint64_t>, Count>& units, std::uint64_t most,
    const char* expected) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem == std::errc{} && number > 0) {
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const auto& [name, factor] : units) {
      if (unit == name && number <= most / factor) return number * factor;
    }
  }
  throw BadValue(expected);
}

std::uint64_t size_in_bytes(std::string_view text) {
  constexpr std::uint64_t kilo = 1000;
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 8> units = {{
      {"", 1},
      {"B", 1},
      {"KB", kilo},
      {"MB", kilo * kilo},
      {"GB", kilo * kilo * kilo},
      {"KiB", std::uint64_t{1} << 10U},
      {"MiB", std::uint64_t{1} << 20U},
      {"GiB", std::uint64_t{1} << 30U},
  }};
  return scaled_number(text, units, std::uint64_t{1} << 50U,
                       "it takes a size such as 512MB or 1GiB");
}

std::chrono::seconds duration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> units = {
      {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};
  constexpr std::uint64_t ten_years = 3650ULL * 86400;
  return std::chrono::seconds(
      scaled_number(text, units, ten_years, "it takes a time such as 12h or 7d"));
}

Address listen_address(std::string_view text) {
  auto address = parse_address(text);
  if (!address) throw BadValue("it takes host:port, [ipv6]:port or :port");
  return *std::move(address);
}

template <typename Value, std::size_t Count>
Value one_of(std::string_view text,
             const std::array<std::pair<std::string_view, Value>, Count>& words,
             const char* expected) {
  for (const auto& [word, value] : words) {
    if (word == text) return value;
  }
  throw BadValue(expected);
}

BackendKind backend_kind(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, BackendKind>, 3> words = {
      {{"aws", BackendKind::aws}, {"local", BackendKind::local}, {"both", BackendKind::both}}};
  return one_of(text, words, "it takes aws, local or both");
}

log::Level log_level(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, log::Level>, 6> words = {
      {{"dev", log::Level::trace},
       {"debug", log::Level::debug},
       {"info", log::Level::info},
       {"warn", log::Level::warn},
       {"error", log::Level::error},
       {"prod", log::Level::info}}};
  return one_of(text, words, "it takes dev, debug, info, warn, error or prod");
}

std::uint64_t buffer_memory(std::string_view text) {
  constexpr std::uint64_t most_mb = std::uint64_t{1} << 20U;
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size() || number < 3 ||
      number > most_mb) {
    throw BadValue("it takes a number of megabytes, at least 3");
  }
  return number << 20U;
}

double rate(std::string_view text) {
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool fits = problem == std::errc{} && end == text.data() + text.size();
  // Written so that NaN fails, too.
  if (!fits || !(number >= 0 && number <= 1)) {
    throw BadValue("it takes a number from 0 to 1, such as 0.05");
  }
  return number;
}

std::chrono::seconds report_interval(std::string_view text) {
  constexpr std::int64_t longest = 300;
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool fits = problem == std::errc{} && end == text.data() + text.size();
  if (!fits || number < 1 || number > longest) {
    throw BadValue("it takes a number of seconds, 1 to 300");
  }
  return std::chrono::seconds(number);
}

std::filesystem::path path_value(std::string_view text) {
  if (text.empty() || text.find('\0') != std::string_view::npos) {
    throw BadValue("it takes a path");
  }
  return {text};
}

/// The kernel keeps a socket's path in 108 bytes.
std::filesystem::path socket_path(std::string_view text) {
  constexpr std::size_t longest = 107;
  if (!text.starts_with('/') || text.size() > longest ||
      text.find('\0') != std::string_view::npos) {
    throw BadValue("it takes a path that begins with / and has at most 107 bytes");
  }
  return {text};
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// As browsers write it in Host and Origin: IPv6 in brackets and in its shortest form.
std::string host_name(std::string_view text) {
  constexpr std::size_t longest = 253;
  const bool bracketed = text.size() > 2 && text.starts_with('[') && text.ends_with(']');
  const std::string number(bracketed ? text.substr(1, text.size() - 2) : text);
  in6_addr ipv6{};
  if (inet_pton(AF_INET6, number.c_str(), &ipv6) == 1) {
    std::array<char, INET6_ADDRSTRLEN> shortest{};
    inet_ntop(AF_INET6, &ipv6, shortest.data(), shortest.size());
    return "[" + std::string(shortest.data()) + "]";
  }
  const bool fits =
      !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
      });
  if (!fits) throw BadValue("it takes a host name without a port");
  return std::string(text);
}

/// The token travels in a cookie and in a query, so it holds only what both take unescaped.
std::string token(std::string_view text) {
  constexpr std::size_t shortest = 8;
  constexpr std::size_t longest = 256;
  const bool fits = text.size() >= shortest && text.size() <= longest &&
                    std::all_of(text.begin(), text.end(), [](char c) {
                      return is_alphanumeric(c) || c == '.' || c == '-' || c == '_' || c == '~';
                    });
  if (!fits) throw BadValue("it takes 8 to 256 letters, digits and .-_~");
  return std::string(text);
}

constexpr std::array<OptionRow, 15> rows = {{
    {"-b,--bind", "XRAYD_BIND", "ADDRESS", "127.0.0.1:2000", "receive segments on this UDP address",
     false, [](Options& o, std::string_view v) { o.udp = listen_address(v); }},
    {"-t,--bind-tcp", "XRAYD_BIND_TCP", "ADDRESS", "127.0.0.1:2000",
     "serve the X-Ray API and the console on this TCP address", false,
     [](Options& o, std::string_view v) { o.tcp = listen_address(v); }},
    {"--unix-socket", "XRAYD_UNIX_SOCKET", "PATH", "none",
     "receive segments on this stream socket too, where senders wait instead of losing any", false,
     [](Options& o, std::string_view v) { o.unix_socket = socket_path(v); }},
    {"--backend", "XRAYD_BACKEND", "KIND", "aws",
     "where segments go: local (a store on this machine); aws and both are still to come", false,
     [](Options& o, std::string_view v) { o.backend = backend_kind(v); }},
    {"--data-dir", "XRAYD_DATA_DIR", "PATH",
     "/var/lib/xrayd for root, otherwise ~/.local/state/xrayd", "the local store's directory",
     false, [](Options& o, std::string_view v) { o.data_dir = path_value(v); }},
    {"--retention-size", "XRAYD_RETENTION_SIZE", "SIZE", "1GiB",
     "the local store stays below this; the oldest traces go first", false,
     [](Options& o, std::string_view v) { o.retention_bytes = size_in_bytes(v); }},
    {"--retention-age", "XRAYD_RETENTION_AGE", "TIME", "7d",
     "traces older than this leave the local store", false,
     [](Options& o, std::string_view v) { o.retention_age = duration(v); }},
    {"-m,--buffer-memory", "XRAYD_BUFFER_MEMORY", "MB", "16",
     "memory for segments that wait to be stored; beyond it the oldest are dropped", false,
     [](Options& o, std::string_view v) { o.queue_bytes = buffer_memory(v); }},
    {"--default-sampling", "XRAYD_DEFAULT_SAMPLING", "RATE", "1, or what UpdateSamplingRule set",
     "rate of the sampling rule Default, 0 to 1, set at the start", false,
     [](Options& o, std::string_view v) { o.default_sampling = rate(v); }},
    {"--sampling-interval", "XRAYD_SAMPLING_INTERVAL", "SECONDS", "10",
     "how often samplers are told to report and to ask for their quota, 1 to 300", false,
     [](Options& o, std::string_view v) { o.sampling_interval = report_interval(v); }},
    {"-l,--log-level", "XRAYD_LOG_LEVEL", "LEVEL", "prod",
     "dev, debug, info, warn, error or prod (which is info)", false,
     [](Options& o, std::string_view v) { o.log_level = log_level(v); }},
    {"-f,--log-file", "XRAYD_LOG_FILE", "PATH", "standard output", "append the log to this file",
     false, [](Options& o, std::string_view v) { o.log_file = path_value(v); }},
    {"--allowed-host", "XRAYD_ALLOWED_HOST", "NAME", "none",
     "a further name by which browsers may call this daemon (repeatable)", true,
     [](Options& o, std::string_view v) { o.allowed_hosts.push_back(host_name(v)); }},
    {"--console-token", "XRAYD_CONSOLE_TOKEN", "TOKEN", "none",
     "what callers show for the console and for traces; needed beyond loopback", false,
     [](Options& o, std::string_view v) { o.console_token = token(v); }},
    {"--console-dir", "XRAYD_CONSOLE_DIR", "PATH", "the built-in console",
     "serve the console from this directory, for its development", false,
     [](Options& o, std::string_view v) { o.console_dir = path_value(v); }},
}};

}  // namespace

std::string_view OptionRow::name() const {
  const std::string_view all(flags);
  return all.substr(all.rfind(',') + 1);
}

std::span<const OptionRow> option_rows() {
  return rows;
}

std::filesystem::path default_data_dir(const DataDirInputs& inputs) {
  const auto given = [](const std::optional<std::string>& value) {
    return value && value->starts_with('/');
  };
  if (given(inputs.state_directory)) {
    return inputs.state_directory->substr(0, inputs.state_directory->find(':'));
  }
  if (inputs.root) return "/var/lib/xrayd";
  if (given(inputs.xdg_state_home)) return std::filesystem::path(*inputs.xdg_state_home) / "xrayd";
  if (given(inputs.home)) return std::filesystem::path(*inputs.home) / ".local/state/xrayd";
  return {};
}

}  // namespace xrayd::config
