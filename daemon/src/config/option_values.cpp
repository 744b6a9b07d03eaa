#include "config/option_values.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace xrayd::config {
namespace {

using namespace std::chrono_literals;

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

log::Format log_format(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, log::Format>, 2> words = {
      {{"text", log::Format::text}, {"json", log::Format::json}}};
  return one_of(text, words, "it takes text or json");
}

/// Files of today ask for hundreds, since that was the way to a higher rate: they must not fail.
void concurrency(Options& options, std::string_view text) {
  constexpr std::int64_t usual = 8;
  constexpr std::int64_t most = 64;
  const std::int64_t wanted = whole_number(text, 0, 1'000'000);
  options.forward.concurrency = static_cast<int>(wanted == 0 ? usual : std::min(wanted, most));
}

constexpr std::array<OptionRow, 47> rows = {{
    // What Amazon's daemon knows, too.
    {"-a,--resource-arn", "XRAYD_RESOURCE_ARN", "ResourceARN", "", "ARN", "none",
     "what telemetry names as the resource that runs this", ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.forward.resource_arn = plain_text(v); }},
    {"-o,--local-mode", "XRAYD_LOCAL_MODE", "LocalMode", "", "", "false",
     "ask neither EC2 nor ECS where this is", ValueType::boolean, Visibility::all, false,
     [](Options& o, std::string_view v) { o.aws.local_mode = boolean(v); }},
    {"-m,--buffer-memory", "XRAYD_BUFFER_MEMORY", "TotalBufferSizeMB", "", "MB",
     "1 % of the memory, at least 16",
     "memory for what waits to be sent or stored, at least 3; 0 is the default; beyond it the "
     "oldest goes",
     ValueType::integer, Visibility::all, false,
     [](Options& o, std::string_view v) { o.queue_bytes = buffer_memory(v); }},
    {"-n,--region", "XRAYD_REGION", "Region", "", "REGION", "AWS_REGION, else metadata",
     "send to this region", ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.aws.region = region(v); }},
    {"-b,--bind", "XRAYD_BIND", "Socket.UDPAddress", "", "ADDRESS", "127.0.0.1:2000",
     "receive segments on this UDP address; port 0 takes a free one", ValueType::text,
     Visibility::all, false, [](Options& o, std::string_view v) { o.udp = listen_address(v); }},
    {"-t,--bind-tcp", "XRAYD_BIND_TCP", "Socket.TCPAddress", "", "ADDRESS", "127.0.0.1:2000",
     "serve sampling, the X-Ray API, console and health on this TCP address", ValueType::text,
     Visibility::all, false, [](Options& o, std::string_view v) { o.tcp = listen_address(v); }},
    {"-r,--role-arn", "XRAYD_ROLE_ARN", "RoleARN", "", "ARN", "none",
     "send with this role's rights", ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.aws.role_arn = plain_text(v); }},
    {"-c,--config", "XRAYD_CONFIG", "", "", "FILE",
     "/etc/amazon/xray/cfg.yaml, else ./cfg.yaml, if there",
     "read this configuration file and no other", ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) {
       static_cast<void>(o);
       static_cast<void>(path_value(v));
     }},
    {"-f,--log-file", "XRAYD_LOG_FILE", "Logging.LogPath", "", "FILE", "standard output",
     "append the log to this file", ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.log.file = path_value(v); }},
    {"-l,--log-level", "XRAYD_LOG_LEVEL", "Logging.LogLevel", "", "LEVEL", "prod",
     "dev, debug, info, warn, error or prod (which is info)", ValueType::text, Visibility::all,
     false, [](Options& o, std::string_view v) { o.log.level = log_level(v); }},
    {"-p,--proxy-address", "XRAYD_PROXY_ADDRESS", "ProxyAddress", "HTTPS_PROXY,https_proxy", "URL",
     "none", "reach AWS through this HTTP proxy", ValueType::text, Visibility::url, false,
     [](Options& o, std::string_view v) { o.aws.proxy = plain_text(v); }},
    // Keys of Amazon's cfg.yaml that had no flag.
    {"--endpoint", "XRAYD_ENDPOINT", "Endpoint", "AWS_ENDPOINT_URL_XRAY,AWS_ENDPOINT_URL", "URL",
     "the region's", "send to this X-Ray", ValueType::text, Visibility::url, false,
     [](Options& o, std::string_view v) { o.aws.endpoint = endpoint(v); }},
    {"--concurrency", "XRAYD_CONCURRENCY", "Concurrency", "", "NUMBER", "8",
     "uploads at a time, at most; 0 is the default, more than 64 is 64", ValueType::integer,
     Visibility::all, false, [](Options& o, std::string_view v) { concurrency(o, v); }},
    {"--no-verify-ssl", "XRAYD_NO_VERIFY_SSL", "NoVerifySSL", "", "", "false",
     "take any certificate of AWS's (dangerous)", ValueType::boolean, Visibility::all, false,
     [](Options& o, std::string_view v) { o.aws.verify_tls = !boolean(v); }},
    {"--log-rotation", "XRAYD_LOG_ROTATION", "Logging.LogRotation", "", "", "true",
     "at 50 MiB the log file becomes FILE.1, and a new one begins", ValueType::boolean,
     Visibility::all, false, [](Options& o, std::string_view v) { o.log.rotation = boolean(v); }},
    // The way to AWS.
    {"--external-id", "XRAYD_EXTERNAL_ID", "ExternalID", "", "TEXT", "none",
     "what the role's owner wants to hear", ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.aws.external_id = plain_text(v); }},
    {"--profile", "XRAYD_PROFILE", "AWSProfile", "", "NAME", "AWS_PROFILE, else default",
     "the profile of the shared config files", ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.aws.profile = plain_text(v); }},
    {"--no-proxy", "XRAYD_NO_PROXY", "NoProxy", "NO_PROXY,no_proxy", "HOSTS", "none",
     "reach these without the proxy: names, addresses, networks, joined by commas", ValueType::text,
     Visibility::all, false,
     [](Options& o, std::string_view v) { o.aws.no_proxy = plain_text(v); }},
    {"--ca-bundle", "XRAYD_CA_BUNDLE", "CABundle", "AWS_CA_BUNDLE", "FILE", "the system's",
     "trust the certificates of this PEM file instead", ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.aws.ca_bundle = path_value(v); }},
    {"--dualstack", "XRAYD_DUALSTACK", "DualStack", "AWS_USE_DUALSTACK_ENDPOINT", "", "false",
     "use endpoints that have IPv6 addresses, too", ValueType::boolean, Visibility::all, false,
     [](Options& o, std::string_view v) { o.aws.dual_stack = any_case_boolean(v); }},
    {"--fips", "XRAYD_FIPS", "FIPS", "AWS_USE_FIPS_ENDPOINT", "", "false",
     "use endpoints whose cryptography FIPS 140 validates", ValueType::boolean, Visibility::all,
     false, [](Options& o, std::string_view v) { o.aws.fips = any_case_boolean(v); }},
    // Uploads and what waits for them.
    {"--request-timeout", "XRAYD_REQUEST_TIMEOUT", "Upload.RequestTimeout", "", "TIME", "2s",
     "what one attempt of an upload may take, 100ms to 5m; more while they time out",
     ValueType::text, Visibility::all, false,
     [](Options& o,
        std::string_view v) { o.forward.request_timeout = short_time(v, 100ms, 5min); }},
    {"--max-attempts", "XRAYD_MAX_ATTEMPTS", "Upload.MaxAttempts", "", "NUMBER", "2",
     "attempts of an upload before it waits its turn again, 1 to 10", ValueType::integer,
     Visibility::all, false,
     [](Options& o,
        std::string_view v) { o.forward.max_attempts = static_cast<int>(whole_number(v, 1, 10)); }},
    {"--retry-base", "XRAYD_RETRY_BASE", "Upload.RetryBase", "", "TIME", "2s",
     "the wait before the second attempt is a random part of this; it doubles", ValueType::text,
     Visibility::all, false,
     [](Options& o, std::string_view v) { o.forward.retry_base = short_time(v, 1ms, 5min); }},
    {"--retry-max", "XRAYD_RETRY_MAX", "Upload.RetryMax", "", "TIME", "20s",
     "the wait before an attempt is never longer", ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.forward.retry_max = short_time(v, 1ms, 10min); }},
    {"--retry-budget", "XRAYD_RETRY_BUDGET", "Upload.RetryBudget", "", "NUMBER", "500",
     "what all repeated attempts together may cost before there are no more: 5 each, 10 after a "
     "time-out, and each success gives 1 back; 0 to 100000",
     ValueType::integer, Visibility::all, false,
     [](Options& o,
        std::string_view
            v) { o.forward.retry_budget = static_cast<int>(whole_number(v, 0, 100'000)); }},
    {"--batch-time", "XRAYD_BATCH_TIME", "Upload.BatchTime", "", "TIME", "1s",
     "a batch that is not full leaves after this, 10ms to 10s", ValueType::text, Visibility::all,
     false,
     [](Options& o, std::string_view v) { o.forward.batch_time = short_time(v, 10ms, 10s); }},
    {"--spool-dir", "XRAYD_SPOOL_DIR", "Spool.Directory", "", "PATH", "none",
     "keep what can't be sent in this directory, over restarts too", ValueType::text,
     Visibility::all, false,
     [](Options& o, std::string_view v) { o.forward.spool_dir = path_value(v); }},
    {"--spool-size", "XRAYD_SPOOL_SIZE", "Spool.Size", "", "SIZE", "256MiB",
     "the spool stays below this; the oldest goes first", ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.forward.spool_bytes = size_in_bytes(v); }},
    {"--drain-timeout", "XRAYD_DRAIN_TIMEOUT", "DrainTimeout", "", "TIME", "8s",
     "what a stop may take for what still waits, up to 10m", ValueType::text, Visibility::all,
     false, [](Options& o, std::string_view v) { o.drain_timeout = short_time(v, 0ms, 10min); }},
    {"--telemetry", "XRAYD_TELEMETRY", "Telemetry.Enabled", "", "", "true",
     "tell X-Ray how many segments came, went and were lost", ValueType::boolean, Visibility::all,
     false, [](Options& o, std::string_view v) { o.forward.telemetry = boolean(v); }},
    {"--telemetry-interval", "XRAYD_TELEMETRY_INTERVAL", "Telemetry.Interval", "", "TIME", "1m",
     "and how often, 1s to 1h", ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.forward.telemetry_interval = short_time(v, 1s, 1h); }},
    {"--proxy-all-paths", "XRAYD_PROXY_ALL_PATHS", "Proxy.AllPaths", "", "", "false",
     "sign and pass on every call, not the samplers' alone: whoever reaches the port has this "
     "daemon's rights",
     ValueType::boolean, Visibility::all, false,
     [](Options& o, std::string_view v) { o.forward.proxy_all_paths = boolean(v); }},
    {"--proxy-timeout", "XRAYD_PROXY_TIMEOUT", "Proxy.Timeout", "", "TIME", "20s",
     "what a call that is passed on may take, 100ms to 5m", ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.forward.proxy_timeout = short_time(v, 100ms, 5min); }},
    // On this machine.
    {"--backend", "XRAYD_BACKEND", "Backend", "", "KIND", "aws",
     "where segments go: aws, local (a store on this machine) or both", ValueType::text,
     Visibility::all, false, [](Options& o, std::string_view v) { o.backend = backend_kind(v); }},
    {"--unix-socket", "XRAYD_UNIX_SOCKET", "Socket.UnixPath", "", "PATH", "none",
     "receive segments on this stream socket too, where senders wait instead of losing any",
     ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.unix_socket = socket_path(v); }},
    {"--data-dir", "XRAYD_DATA_DIR", "Local.DataDirectory", "", "PATH",
     "/var/lib/xrayd for root, else ~/.local/state/xrayd", "the local store's directory",
     ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.local.data_dir = path_that_must_be(v); }},
    {"--retention-size", "XRAYD_RETENTION_SIZE", "Local.RetentionSize", "", "SIZE", "1GiB",
     "the local store stays below this; the oldest traces go first", ValueType::text,
     Visibility::all, false,
     [](Options& o, std::string_view v) { o.local.retention_bytes = size_in_bytes(v); }},
    {"--retention-age", "XRAYD_RETENTION_AGE", "Local.RetentionAge", "", "TIME", "7d",
     "traces older than this leave the local store", ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.local.retention_age = long_time(v); }},
    {"--default-sampling", "XRAYD_DEFAULT_SAMPLING", "Local.DefaultSampling", "", "RATE",
     "1, or what UpdateSamplingRule set",
     "rate of the local sampling rule Default, 0 to 1, set at the start", ValueType::text,
     Visibility::all, false,
     [](Options& o, std::string_view v) { o.local.default_sampling = rate(v); }},
    {"--sampling-interval", "XRAYD_SAMPLING_INTERVAL", "Local.SamplingInterval", "", "SECONDS",
     "10", "how often samplers are told to report and to ask for their quota, 1 to 300",
     ValueType::integer, Visibility::all, false,
     [](Options& o, std::string_view v) { o.local.sampling_interval = report_interval(v); }},
    {"--strict", "XRAYD_STRICT", "Local.Strict", "", "", "false",
     "hold questions about traces to X-Ray's own limits: ids a call, hours, periods, lengths",
     ValueType::boolean, Visibility::all, false,
     [](Options& o, std::string_view v) { o.local.strict = boolean(v); }},
    {"--log-format", "XRAYD_LOG_FORMAT", "Logging.Format", "", "FORMAT", "text", "text or json",
     ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.log.format = log_format(v); }},
    {"--allowed-host", "XRAYD_ALLOWED_HOST", "Web.AllowedHosts", "", "NAME", "none",
     "a further name by which browsers may call this daemon (repeatable)", ValueType::text,
     Visibility::all, true,
     [](Options& o, std::string_view v) { o.web.allowed_hosts.push_back(host_name(v)); }},
    {"--console-token", "XRAYD_CONSOLE_TOKEN", "Web.ConsoleToken", "", "TOKEN", "none",
     "what callers show for the console and for traces; beyond loopback one is made if none is "
     "given",
     ValueType::text, Visibility::nothing, false,
     [](Options& o, std::string_view v) { o.web.console_token = token(v); }},
    {"--console-token-file", "XRAYD_CONSOLE_TOKEN_FILE", "Web.ConsoleTokenFile", "", "FILE", "none",
     "read that token from the first line of this file", ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.web.console_token_file = path_value(v); }},
    {"--console-dir", "XRAYD_CONSOLE_DIR", "Web.ConsoleDirectory", "", "PATH",
     "the built-in console", "serve the console from this directory, for its development",
     ValueType::text, Visibility::all, false,
     [](Options& o, std::string_view v) { o.web.console_dir = path_value(v); }},
}};
}  // namespace

std::string_view OptionRow::name() const {
  const std::string_view all(flags);
  return all.substr(all.rfind(',') + 1);
}

std::span<const OptionRow> option_rows() {
  return rows;
}

std::string shown(const OptionRow& row, std::string_view value) {
  if (row.visibility == Visibility::all || value.empty()) return std::string(value);
  if (row.visibility == Visibility::nothing) return "********";

  std::string text(value);
  const std::size_t query = text.find_first_of("?#");
  const std::size_t at = text.rfind('@');
  if (at == text.npos) return text.substr(0, query);
  const std::size_t scheme = text.find("://");
  const std::size_t begin = scheme == text.npos || scheme > at ? 0 : scheme + 3;
  // With a question mark before it, it may be part of a password as well as of a query.
  const std::size_t end = query < at ? text.size() : at;
  text.replace(begin, end - begin, "********");
  return text.substr(0, text.find_first_of("?#"));
}

}  // namespace xrayd::config
