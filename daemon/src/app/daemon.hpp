// The daemon while it runs: its parts, in the order in which they begin and end.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/aws_side.hpp"
#include "app/signals.hpp"
#include "app/tee_sink.hpp"
#include "config/options.hpp"
#include "counter_row.hpp"
#include "intake/stream_intake.hpp"
#include "intake/udp_intake.hpp"
#include "local/backend.hpp"
#include "service_manager/notifier.hpp"
#include "service_manager/watchdog.hpp"
#include "web/http_server.hpp"
#include "web/site.hpp"

namespace xrayd::app {

class Daemon {
 public:
  /// Binds and opens everything: what can fail fails here, with a StartupError, apart from the
  /// region. `options` must outlive this.
  explicit Daemon(const config::Options& options);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon();

  /// Runs until SIGINT or SIGTERM. Throws StartupError if AWS is wanted and no region is found;
  /// what came meanwhile is then kept as far as there is a spool.
  void run(const Signals& signals, const service_manager::ManagerVariables& manager);

 private:
  [[nodiscard]] intake::DocumentSink& sink();
  [[nodiscard]] intake::Totals intake_totals() const;
  [[nodiscard]] web::SiteSettings site_settings();
  [[nodiscard]] std::optional<web::Response> pass_on(const web::Request& request);
  [[nodiscard]] std::string console_token() const;
  [[nodiscard]] std::string trouble() const;
  void report(CounterRows& rows) const;

  void say_start() const;
  /// False if a signal to stop came first.
  [[nodiscard]] bool connect(const Signals& signals);
  void wait(const Signals& signals, service_manager::Notifier& notifier,
            service_manager::Watchdog& watchdog) const;
  void stop();

  const config::Options& options_;
  /// Each null unless the backend wants it.
  std::unique_ptr<local::Backend> local_;
  std::unique_ptr<AwsSide> aws_;
  std::unique_ptr<TeeSink> both_;
  intake::UdpIntake udp_;
  std::optional<intake::StreamIntake> stream_;
  web::HttpServer server_;
  web::Site site_;
};

}  // namespace xrayd::app
