#include "every_option.hpp"

namespace xrayd::config {

using namespace std::chrono_literals;

const std::vector<OptionCase>& option_cases() {
  static const std::vector<OptionCase> cases = {
      {"--resource-arn", "arn:aws:ec2:x",
       [](const Options& o) { return o.forward.resource_arn == "arn:aws:ec2:x"; }},
      {"--local-mode", "true", [](const Options& o) { return o.aws.local_mode; }},
      {"--buffer-memory", "3", [](const Options& o) { return o.queue_bytes == 3U << 20U; }},
      {"--region", "eu-west-3", [](const Options& o) { return o.aws.region == "eu-west-3"; }},
      {"--bind", ":1",
       [](const Options& o) {
         return o.udp == Address{"", 1};
       }},
      {"--bind-tcp", "[::1]:2",
       [](const Options& o) {
         return o.tcp == Address{"::1", 2};
       }},
      {"--role-arn", "arn:aws:iam::1:role/r",
       [](const Options& o) { return o.aws.role_arn == "arn:aws:iam::1:role/r"; }},
      {"--log-file", "/l", [](const Options& o) { return o.log.file == "/l"; }},
      {"--log-level", "dev", [](const Options& o) { return o.log.level == log::Level::trace; }},
      {"--proxy-address", "http://u:p@proxy:1",
       [](const Options& o) { return o.aws.proxy == "http://u:p@proxy:1"; }},
      {"--endpoint", "https://x.example:44",
       [](const Options& o) { return o.aws.endpoint == "https://x.example:44"; }},
      {"--concurrency", "32", [](const Options& o) { return o.forward.concurrency == 32; }},
      {"--no-verify-ssl", "true", [](const Options& o) { return !o.aws.verify_tls; }},
      {"--log-rotation", "false", [](const Options& o) { return !o.log.rotation; }},
      {"--external-id", "id-1", [](const Options& o) { return o.aws.external_id == "id-1"; }},
      {"--profile", "p-1", [](const Options& o) { return o.aws.profile == "p-1"; }},
      {"--no-proxy", "a.example,10.0.0.0/8",
       [](const Options& o) { return o.aws.no_proxy == "a.example,10.0.0.0/8"; }},
      {"--ca-bundle", "/ca.pem", [](const Options& o) { return o.aws.ca_bundle == "/ca.pem"; }},
      {"--dualstack", "true", [](const Options& o) { return o.aws.dual_stack; }},
      {"--fips", "true", [](const Options& o) { return o.aws.fips; }},
      {"--request-timeout", "5s", [](const Options& o) { return o.forward.request_timeout == 5s; }},
      {"--max-attempts", "4", [](const Options& o) { return o.forward.max_attempts == 4; }},
      {"--retry-base", "50ms", [](const Options& o) { return o.forward.retry_base == 50ms; }},
      {"--retry-budget", "20", [](const Options& o) { return o.forward.retry_budget == 20; }},
      {"--retry-max", "1m", [](const Options& o) { return o.forward.retry_max == 60s; }},
      {"--batch-time", "100ms", [](const Options& o) { return o.forward.batch_time == 100ms; }},
      {"--spool-dir", "/spool", [](const Options& o) { return o.forward.spool_dir == "/spool"; }},
      {"--spool-size", "1GiB", [](const Options& o) { return o.forward.spool_bytes == 1U << 30U; }},
      {"--drain-timeout", "0s", [](const Options& o) { return o.drain_timeout == 0s; }},
      {"--telemetry", "false", [](const Options& o) { return !o.forward.telemetry; }},
      {"--telemetry-interval", "5s",
       [](const Options& o) { return o.forward.telemetry_interval == 5s; }},
      {"--proxy-all-paths", "true", [](const Options& o) { return o.forward.proxy_all_paths; }},
      {"--proxy-timeout", "3s", [](const Options& o) { return o.forward.proxy_timeout == 3s; }},
      {"--backend", "both", [](const Options& o) { return o.backend == BackendKind::both; }},
      {"--unix-socket", "/u", [](const Options& o) { return o.unix_socket == "/u"; }},
      {"--data-dir", "/d", [](const Options& o) { return o.local.data_dir == "/d"; }},
      {"--retention-size", "512MB",
       [](const Options& o) { return o.local.retention_bytes == 512'000'000; }},
      {"--retention-age", "12h", [](const Options& o) { return o.local.retention_age == 12h; }},
      {"--default-sampling", "0.05",
       [](const Options& o) { return o.local.default_sampling == 0.05; }},
      {"--sampling-interval", "300",
       [](const Options& o) { return o.local.sampling_interval == 300s; }},
      {"--strict", "true", [](const Options& o) { return o.local.strict; }},
      {"--log-format", "json", [](const Options& o) { return o.log.format == log::Format::json; }},
      {"--allowed-host", "a.example",
       [](const Options& o) {
         return o.web.allowed_hosts == std::vector<std::string>{"a.example"};
       }},
      {"--console-token", "secret-1234",
       [](const Options& o) { return o.web.console_token == "secret-1234"; }},
      {"--console-token-file", "/t",
       [](const Options& o) { return o.web.console_token_file == "/t"; }},
      {"--console-dir", "/c", [](const Options& o) { return o.web.console_dir == "/c"; }},
  };
  return cases;
}

}  // namespace xrayd::config
