#include "forward/forwarder.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "config/log.hpp"
#include "forward/telemetry.hpp"
#include "forward/uploader.hpp"

namespace xrayd::forward {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// What writing the rest to the spool may take beyond the deadline, and the last telemetry.
constexpr auto save_time = 1s;
constexpr auto last_telemetry_time = 1s;

}  // namespace

class Forwarder::Impl {
 public:
  Impl(ForwarderSettings settings, net::ClientFactory clients)
      : settings_(std::move(settings)),
        clients_(std::move(clients)),
        backlog_(settings_.backlog),
        retries_(settings_.retry),
        patience_(settings_.request_timeout),
        pace_(
            limits(settings_), [this] { return retries_.random(); }, backlog_, log_) {
    settings_.concurrency = std::clamp(settings_.concurrency, 1, 64);
    if (settings_.telemetry_interval.count() == 0) return;
    Telemetry::Settings telemetry;
    telemetry.interval = settings_.telemetry_interval;
    telemetry.request_timeout = settings_.request_timeout;
    telemetry.retry = settings_.retry;
    telemetry.counts = [this] { return counts(); };
    telemetry_.emplace(
        std::move(telemetry),
        TelemetrySender{settings_.resource_arn, settings_.hostname, settings_.instance_id},
        clients_);
  }

  ~Impl() {
    backlog_.close();
    uploader_.reset();
  }

  [[nodiscard]] backlog::Backlog& documents() { return backlog_; }

  void start(const aws::Endpoint& endpoint, aws::CredentialsSource& credentials) {
    service_.emplace(Service{endpoint, credentials, clock_, settings_.user_agent});
    uploader_.emplace(UploadParts{*service_, backlog_, counters_, log_, retries_, pace_, patience_,
                                  settings_.request_timeout},
                      clients_, settings_.concurrency);
    try {
      uploader_->start();
    } catch (...) {
      uploader_.reset();
      throw;
    }
    if (telemetry_) telemetry_->start(*service_);
    const std::lock_guard lock(mutex_);
    credentials_ = &credentials;
  }

  void set_instance(const std::string& hostname, const std::string& instance_id) {
    if (telemetry_) telemetry_->set_instance(hostname, instance_id);
  }

  void drain(std::chrono::milliseconds time) noexcept {
    const auto deadline = Clock::now() + time;
    backlog_.close();
    pace_.close();
    if (uploader_) {
      // What a spool keeps is not lost: no need to hold up a restart for a service that is away.
      pace_.await_empty(deadline, !settings_.backlog.spool_dir.empty());
      uploader_->stop();
    }
    const std::uint64_t left = backlog_.waiting();
    const std::uint64_t dropped_before = backlog_.dropped();
    backlog_.save(std::max(deadline, Clock::now() + save_time));
    log_.flush();
    if (left > 0) {
      const std::uint64_t dropped = std::min(left, backlog_.dropped() - dropped_before);
      log::warn(std::to_string(left) + " segments were left: " + std::to_string(left - dropped) +
                " in the spool, " + std::to_string(dropped) + " dropped");
    }
    if (telemetry_) telemetry_->finish(last_telemetry_time);
  }

  [[nodiscard]] std::string trouble() const {
    {
      const std::lock_guard lock(mutex_);
      if (credentials_ != nullptr) {
        std::string without = credentials_->trouble();
        if (!without.empty()) return without;
      }
    }
    std::string upload = pace_.trouble();
    if (!upload.empty()) return "segments can't be sent: " + upload;
    return backlog_.trouble();
  }

  void report(CounterRows& rows) const {
    backlog_.report(rows);
    counters_.report(rows);
    const auto gauge = [&rows](const char* name, const char* help, std::int64_t value) {
      rows.push_back({name, help, {}, value, true});
    };
    gauge("xrayd_forward_documents_waiting",
          "Documents taken and not yet delivered, lost or dropped.",
          static_cast<std::int64_t>(backlog_.waiting()));
    gauge("xrayd_upload_in_flight", "Batches that are being sent.", pace_.in_flight());
    gauge("xrayd_upload_concurrency", "Batches that may be sent at a time at present.",
          pace_.limit());
    if (telemetry_) telemetry_->report(rows);
  }

 private:
  static Limiter::Options limits(const ForwarderSettings& settings) {
    Limiter::Options options;
    options.most = std::clamp(settings.concurrency, 1, 64);
    options.first_pause = std::min(options.first_pause, settings.retry.base);
    options.longest_pause = std::min(options.longest_pause, settings.retry.ceiling);
    return options;
  }

  [[nodiscard]] TelemetryCounts counts() const {
    const intake::Totals intake = settings_.intake ? settings_.intake() : intake::Totals();
    const UploadTotals uploads = counters_.totals();
    TelemetryCounts result;
    result.received = intake.received;
    result.rejected = intake.refused + uploads.rejected;
    result.sent = uploads.sent;
    result.spilled = backlog_.dropped();
    result.status_4xx = uploads.status_4xx;
    result.status_5xx = uploads.status_5xx;
    result.refused = uploads.refused;
    result.timeouts = uploads.timeouts;
    result.unknown_host = uploads.unknown_host;
    result.other = uploads.other;
    return result;
  }

  ForwarderSettings settings_;
  net::ClientFactory clients_;
  backlog::Backlog backlog_;
  AwsClock clock_;
  UploadCounters counters_;
  UploadLog log_;
  Retries retries_;
  Patience patience_;
  Pace pace_;
  mutable std::mutex mutex_;
  const aws::CredentialsSource* credentials_ = nullptr;
  // Their threads end before what they use goes.
  std::optional<Service> service_;
  std::optional<Telemetry> telemetry_;
  std::optional<Uploader> uploader_;
};

Forwarder::Forwarder(ForwarderSettings settings, net::ClientFactory clients)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(clients))) {
}
Forwarder::~Forwarder() = default;

void Forwarder::accept(std::span<const std::string_view> bodies) noexcept {
  impl_->documents().offer(bodies);
}
bool Forwarder::has_room() const noexcept {
  return impl_->documents().has_room();
}
std::size_t Forwarder::longest_body() const noexcept {
  return impl_->documents().longest_document();
}
void Forwarder::start(const aws::Endpoint& endpoint, aws::CredentialsSource& credentials) {
  impl_->start(endpoint, credentials);
}
void Forwarder::set_instance(const std::string& hostname, const std::string& instance_id) {
  impl_->set_instance(hostname, instance_id);
}
void Forwarder::drain(std::chrono::milliseconds deadline) noexcept {
  impl_->drain(deadline);
}
std::string Forwarder::trouble() const {
  return impl_->trouble();
}
void Forwarder::report(CounterRows& rows) const {
  impl_->report(rows);
}

}  // namespace xrayd::forward
