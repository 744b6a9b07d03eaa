#include "app/daemon.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <future>
#include <stop_token>
#include <utility>

#include "commands/daemon_notes.hpp"
#include "config/log.hpp"
#include "service_manager/watchdog.hpp"
#include "startup_error.hpp"

namespace xrayd::app {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t wanted_buffer = std::uint64_t{8} << 20U;
/// The receiving thread comes round at least each second.
constexpr auto longest_turn = 10s;
/// What a stop needs besides its draining.
constexpr auto grace = 5s;

bool is_sampling_call(const web::Request& request) {
  return request.method == "POST" &&
         (request.path == "/GetSamplingRules" || request.path == "/SamplingTargets");
}

using config::BackendKind;

std::unique_ptr<local::Backend> open_local(const config::Options& options) {
  if (options.backend == BackendKind::aws) return nullptr;
  const bool both = options.backend == BackendKind::both;
  return local::Backend::open({.data_dir = options.local.data_dir,
                               .retention_bytes = options.local.retention_bytes,
                               .retention_age = options.local.retention_age,
                               .queue_bytes = both ? options.queue_bytes / 2 : options.queue_bytes,
                               .default_sampling = options.local.default_sampling,
                               .sampling_interval = options.local.sampling_interval,
                               .strict = options.local.strict});
}

void say_shutdown(int signal) {
  log::info(std::string("Got shutdown signal: ") + (signal == SIGINT ? "interrupt" : "terminated"));
}

web::ServerSettings server_settings(const config::Options& options) {
  web::ServerSettings settings;
  settings.address = options.tcp;
  settings.body_limit = &web::Site::body_limit;
  settings.is_quick = &web::Site::is_quick;
  // Calls that are passed on wait for AWS, as many at a time as the proxy has connections.
  if (options.backend != BackendKind::local) settings.workers = 8;
  return settings;
}

}  // namespace

Daemon::Daemon(const config::Options& options)
    : options_(options),
      local_(open_local(options)),
      aws_(options.backend == BackendKind::local
               ? nullptr
               : std::make_unique<AwsSide>(options, [this] { return intake_totals(); })),
      both_(local_ && aws_ ? std::make_unique<TeeSink>(*local_, aws_->sink()) : nullptr),
      udp_(options.udp, sink()),
      server_(server_settings(options)),
      site_(site_settings(), local_.get()) {
  if (!options.unix_socket.empty()) stream_.emplace(options.unix_socket, sink());
  if (local_) commands::leave_address(options.local.data_dir, server_.local_address());
}

Daemon::~Daemon() = default;

intake::DocumentSink& Daemon::sink() {
  if (both_) return *both_;
  if (aws_) return aws_->sink();
  return *local_;
}

intake::Totals Daemon::intake_totals() const {
  return stream_ ? udp_.totals() + stream_->totals() : udp_.totals();
}

web::SiteSettings Daemon::site_settings() {
  web::SiteSettings settings;
  settings.hosts = {server_.is_loopback(), options_.web.allowed_hosts, console_token(),
                    options_.forward.proxy_all_paths && aws_ && !local_};
  settings.console_dir = options_.web.console_dir;
  settings.report = [this](CounterRows& rows) { report(rows); };
  settings.trouble = [this] { return trouble(); };
  if (aws_) settings.backend_kind = "both";
  if (aws_) settings.pass_on = [this](const web::Request& request) { return pass_on(request); };
  return settings;
}

/// Beyond loopback the local backend has one, whether it was given or not.
std::string Daemon::console_token() const {
  std::string given = commands::given_token(options_.web);
  if (!given.empty() || !local_ || server_.is_loopback()) return given;
  auto kept = commands::kept_token(options_.local.data_dir);
  if (!kept.is_new) {
    log::info(
        "the tcp address is reachable from elsewhere: console and traces ask for the token "
        "in " +
        kept.file.string());
    return kept.text;
  }
  config::Address address = server_.local_address();
  if (address.host == "0.0.0.0" || address.host == "::") address.host = "127.0.0.1";
  log::warn(
      "the tcp address is reachable from elsewhere: console and traces ask for a token, open "
      "http://" +
      config::to_string(address) + "/?token=" + kept.text + " (said this once; it is kept in " +
      kept.file.string() + ")");
  return kept.text;
}

std::optional<web::Response> Daemon::pass_on(const web::Request& request) {
  // Beside a store of our own only sampling is AWS's, and the store's rules stand in for it.
  if (local_ && !is_sampling_call(request)) return std::nullopt;
  auto response = aws_->pass_on(request);
  if (local_ && response && response->status >= 500) return std::nullopt;
  return response;
}

std::string Daemon::trouble() const {
  std::string why = local_ ? local_->trouble() : "";
  return why.empty() && aws_ ? aws_->trouble() : why;
}

void Daemon::report(CounterRows& rows) const {
  udp_.report(rows);
  if (stream_) stream_->report(rows);
  if (aws_) aws_->report(rows);
  if (local_) local_->report(rows);
  server_.report(rows);
}

void Daemon::run(const Signals& signals, const service_manager::ManagerVariables& manager) {
  service_manager::Notifier notifier(manager);
  udp_.start();
  if (stream_) stream_->start();
  server_.start([this](const web::Request& request) { return site_.handle(request); });
  say_start();
  try {
    if (aws_ && !connect(signals)) {
      stop();
      return;
    }
  } catch (...) {
    stop();
    throw;
  }
  notifier.ready();
  service_manager::Watchdog watchdog(notifier, service_manager::watchdog_timeout(manager));
  wait(signals, notifier, watchdog);
  notifier.stopping(options_.drain_timeout + grace);
  stop();
}

/// Metadata services may take seconds; who wants the daemon to stop need not wait for them.
bool Daemon::connect(const Signals& signals) {
  constexpr auto a_moment = 2ms;
  constexpr auto attention = 10ms;
  std::stop_source stop;
  auto connecting =
      std::async(std::launch::async, [this, token = stop.get_token()] { aws_->connect(token); });
  while (connecting.wait_for(a_moment) != std::future_status::ready) {
    const auto number = signals.wait_for(attention);
    if (number == SIGHUP) {
      log::reopen();
    } else if (number) {
      say_shutdown(*number);
      stop.request_stop();
      connecting.wait();
      return false;
    }
  }
  connecting.get();
  return true;
}

void Daemon::say_start() const {
  const intake::UdpSocket& udp = udp_.socket();
  log::info("the system granted " + std::to_string(udp.granted_buffer()) +
            " bytes of socket buffer" +
            (udp.granted_buffer() < wanted_buffer
                 ? ": bursts may be lost, net.core.rmem_max=4194304 would do"
                 : ""));
  if (aws_) {
    log::info("Starting proxy http server on " + config::to_string(server_.local_address()));
  }
  log::info("xrayd is receiving on udp " + config::to_string(udp.local_address()) + ", tcp " +
            config::to_string(server_.local_address()) +
            (stream_ ? ", unix " + stream_->path().string() : ""));
}

void Daemon::wait(const Signals& signals, service_manager::Notifier& notifier,
                  service_manager::Watchdog& watchdog) const {
  const auto nap =
      std::chrono::duration_cast<std::chrono::milliseconds>(watchdog.interval().value_or(60s));
  while (true) {
    const auto number = signals.wait_for(nap);
    if (number == SIGHUP) {
      notifier.reloading();
      log::reopen();
      notifier.ready();
    } else if (number) {
      say_shutdown(*number);
      return;
    }
    watchdog.tick(udp_.last_turn() + longest_turn > std::chrono::steady_clock::now(),
                  std::chrono::steady_clock::now());
  }
}

/// Both ends first, then what they brought: so nothing new comes while the rest leaves.
void Daemon::stop() {
  const auto deadline = std::chrono::steady_clock::now() + options_.drain_timeout;
  const auto left = [deadline] {
    const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    return std::max(time, std::chrono::milliseconds{0});
  };
  udp_.stop();
  if (stream_) stream_->stop();
  if (aws_) aws_->stop_passing();
  server_.stop(std::min<std::chrono::milliseconds>(left(), 2s));
  // The store first, for it needs the disk alone; but a slow disk leaves time to send.
  if (local_) local_->drain(aws_ ? left() / 2 : left());
  if (aws_) aws_->drain(left());
  CounterRows rows;
  report(rows);
  std::string totals = "stopped;";
  for (const CounterRow& row : with_sums(rows)) {
    if (row.gauge || row.value == 0) continue;
    totals += " " + row.name + (row.labels.empty() ? "" : "{" + row.labels + "}") + "=" +
              std::to_string(row.value);
  }
  log::info(totals);
}

}  // namespace xrayd::app
