#include "forward/telemetry.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "aws/sigv4.hpp"
#include "config/log.hpp"

namespace xrayd::forward {
namespace {

constexpr std::size_t most_records = 30;
constexpr std::size_t records_a_request = 10;
/// What the last record waits for the request before it.
constexpr std::chrono::milliseconds longest_wait{500};

}  // namespace

Telemetry::Telemetry(Settings settings, TelemetrySender sender, net::ClientFactory clients)
    : settings_(std::move(settings)),
      clients_(std::move(clients)),
      client_(make_client()),
      retries_(settings_.retry),
      sender_(std::move(sender)) {
}

std::unique_ptr<net::HttpClient> Telemetry::make_client() const {
  net::ClientSettings settings;
  settings.connect_timeout = settings_.request_timeout;
  return clients_(settings);
}

Telemetry::~Telemetry() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ended_changed_.notify_all();
  client_->cancel();
  if (thread_.joinable()) thread_.join();
}

void Telemetry::start(const Service& service) {
  service_ = &service;
  thread_ = std::thread([this] {
    run();
    const std::lock_guard lock(mutex_);
    idle_ = true;
    ended_changed_.notify_all();
  });
}

void Telemetry::set_instance(const std::string& hostname, const std::string& instance_id) {
  const std::lock_guard lock(mutex_);
  sender_.hostname = hostname;
  sender_.instance_id = instance_id;
}

void Telemetry::run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (ended_changed_.wait_for(lock, settings_.interval, [this] { return ended_; })) return;
    }
    try {
      add_record();
      (void)send_all(Clock::time_point::max(), true);
    } catch (const std::exception& problem) {
      log::debug("No telemetry: " + std::string(problem.what()));
    }
  }
}

void Telemetry::add_record() {
  const TelemetryCounts now = settings_.counts();
  if (now.received == 0) return;
  if (records_.size() == most_records) records_.pop_front();
  records_.push_back({std::chrono::system_clock::now(), now - told_});
  told_ = now;
}

bool Telemetry::send_all(Clock::time_point deadline, bool retry) {
  while (!records_.empty()) {
    const std::size_t count = std::min(records_.size(), records_a_request);
    if (!send_some(count, deadline, retry)) return false;
    records_.erase(records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(count));
    sent_ += count;
  }
  return true;
}

bool Telemetry::send_some(std::size_t count, Clock::time_point deadline, bool retry) {
  std::string body;
  {
    const std::lock_guard lock(mutex_);
    body = telemetry_body(sender_, records_, count);
  }
  const std::string sha256 = aws::sha256_hex(body);
  const std::string invocation = make_invocation_id();
  ServiceRequest request;
  request.path = "/TelemetryRecords";
  request.body = body;
  request.body_sha256 = sha256;
  request.invocation_id = invocation;
  request.attempts = retry ? retries_.attempts() : 1;

  for (int attempt = 1;; ++attempt) {
    request.attempt = attempt;
    auto timeout = settings_.request_timeout;
    if (deadline != Clock::time_point::max()) {
      timeout = std::min(
          timeout, std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()));
      if (timeout.count() <= 0) return false;
    }
    const ServiceAnswer answer = call_service(*service_, *client_, request, timeout);
    const aws::RequestOutcome outcome = answer.outcome();
    if (aws::judge(outcome) == aws::Verdict::success) {
      retries_.succeeded(attempt > 1);
      return true;
    }
    ++failures_;
    log::debug("Telemetry was not sent: " + answer.description());
    if (!answer.was_sent()) return false;
    if (aws::judge(outcome) == aws::Verdict::correct_clock &&
        !service_->clock.correct(answer.http.response.header("Date"), answer.signed_for)) {
      return false;
    }
    if (aws::judge(outcome) == aws::Verdict::refresh_credentials) {
      service_->credentials.refused(*answer.lease);
    }
    const auto wait = retry ? retries_.next_attempt(outcome, attempt) : std::nullopt;
    if (!wait) return false;
    std::unique_lock lock(mutex_);
    if (ended_changed_.wait_for(lock, *wait, [this] { return ended_; })) return false;
  }
}

void Telemetry::finish(std::chrono::milliseconds time) noexcept {
  const auto deadline = Clock::now() + time;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ended_changed_.notify_all();
  if (service_ == nullptr) return;
  {
    // A request in progress would be told twice if it were cut now; but it may take longer than
    // there is time.
    std::unique_lock lock(mutex_);
    ended_changed_.wait_for(lock, std::min(time / 2, longest_wait), [this] { return idle_; });
  }
  client_->cancel();
  thread_.join();
  try {
    client_ = make_client();
    add_record();
    (void)send_all(deadline, false);
  } catch (const std::exception& problem) {
    log::debug("No telemetry: " + std::string(problem.what()));
  }
}

void Telemetry::report(CounterRows& rows) const {
  rows.push_back({"xrayd_telemetry_records_total",
                  "Telemetry records that the service has taken.",
                  {},
                  static_cast<std::int64_t>(sent_.load())});
  rows.push_back({"xrayd_telemetry_failures_total",
                  "Telemetry requests that failed.",
                  {},
                  static_cast<std::int64_t>(failures_.load())});
}

}  // namespace xrayd::forward
