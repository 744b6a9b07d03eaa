// xrayd: puts the daemon's parts together, runs them until a signal, takes them apart in order.
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "config/command_line.hpp"
#include "config/log.hpp"
#include "intake/stream_intake.hpp"
#include "intake/udp_intake.hpp"
#include "local/backend.hpp"
#include "startup_error.hpp"
#include "web/http_server.hpp"
#include "web/site.hpp"

namespace xrayd {
namespace {

using namespace std::chrono_literals;

/// SIGINT and SIGTERM, blocked before any thread exists so that only wait() gets them.
class StopSignals {
 public:
  StopSignals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  void wait() const {
    int number = 0;
    sigwait(&set_, &number);
  }

 private:
  sigset_t set_{};
};

/// The daemon while it runs. Everything that can fail fails in the constructor, with a
/// StartupError.
class Daemon {
 public:
  explicit Daemon(const config::Options& options)
      : backend_(local::Backend::open({.data_dir = options.local.data_dir,
                                       .retention_bytes = options.local.retention_bytes,
                                       .retention_age = options.local.retention_age,
                                       .queue_bytes = options.queue_bytes,
                                       .default_sampling = options.local.default_sampling,
                                       .sampling_interval = options.local.sampling_interval})),
        intake_(options.udp, *backend_),
        server_(server_settings(options)),
        site_(site_settings(options), backend_.get()) {
    if (!options.unix_socket.empty()) stream_.emplace(options.unix_socket, *backend_);
    if (!server_.is_loopback() && options.web.console_token.empty()) {
      log::warn(
          "the tcp address is reachable from elsewhere: without --console-token the console "
          "and traces stay closed");
    }
  }

  void run(const StopSignals& signals) {
    intake_.start();
    if (stream_) stream_->start();
    server_.start([this](const web::Request& request) { return site_.handle(request); });
    const intake::UdpSocket& udp = intake_.socket();
    log::info("the system granted " + std::to_string(udp.granted_buffer()) +
              " bytes of socket buffer" +
              (udp.granted_buffer() < wanted_buffer
                   ? ": bursts may be lost, net.core.rmem_max=4194304 would do"
                   : ""));
    log::info("xrayd is receiving on udp " + config::to_string(udp.local_address()) + ", tcp " +
              config::to_string(server_.local_address()) +
              (stream_ ? ", unix " + stream_->path().string() : ""));
    signals.wait();
    stop();
  }

 private:
  static constexpr std::uint64_t wanted_buffer = std::uint64_t{8} << 20U;

  static web::ServerSettings server_settings(const config::Options& options) {
    web::ServerSettings settings;
    settings.address = options.tcp;
    settings.body_limit = &web::Site::body_limit;
    settings.is_quick = &web::Site::is_quick;
    return settings;
  }

  web::SiteSettings site_settings(const config::Options& options) {
    web::SiteSettings settings;
    settings.hosts = {server_.is_loopback(), options.web.allowed_hosts, options.web.console_token};
    settings.console_dir = options.web.console_dir;
    settings.report = [this](CounterRows& rows) { report(rows); };
    settings.trouble = [this] { return backend_->trouble(); };
    return settings;
  }

  void report(CounterRows& rows) const {
    intake_.report(rows);
    if (stream_) stream_->report(rows);
    backend_->report(rows);
    server_.report(rows);
  }

  /// Both ends first, then the store: so nothing new comes while the rest is written.
  void stop() {
    log::info("stopping");
    intake_.stop();
    if (stream_) stream_->stop();
    server_.stop(2s);
    // Supervisors kill after 10 s (Docker), 30 s (Kubernetes) or 90 s (systemd): nobody is better
    // off when what was accepted is given up before that.
    backend_->drain(25s);
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

  std::unique_ptr<local::Backend> backend_;
  intake::UdpIntake intake_;
  std::optional<intake::StreamIntake> stream_;
  web::HttpServer server_;
  web::Site site_;
};

std::optional<std::string> read_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

int start_and_run(const config::Options& options) {
  const StopSignals signals;
  if (options.backend != config::BackendKind::local) {
    throw StartupError("forwarding to AWS is not there yet; start with --backend local");
  }
  log::configure(options.log);
  for (const config::Remark& remark : options.remarks) log::write(remark.level, remark.text);
  // Traces hold what users did: what is written from here on is the owner's alone, the log is not.
  umask(077);
  Daemon(options).run(signals);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace xrayd

int main(int argc, char** argv) {
  try {
    const auto parsed = xrayd::config::parse_command_line(
        std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(1),
        xrayd::read_environment);
    if (const auto* exit = std::get_if<xrayd::config::EarlyExit>(&parsed)) {
      return xrayd::config::leave(*exit);
    }
    return xrayd::start_and_run(std::get<xrayd::config::Options>(parsed));
  } catch (const std::exception& problem) {
    const std::string line = "xrayd: " + xrayd::log::printable(problem.what()) + "\n";
    std::fputs(line.c_str(), stderr);
    return EXIT_FAILURE;
  }
}
