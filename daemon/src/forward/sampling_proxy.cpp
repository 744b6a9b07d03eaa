#include "forward/sampling_proxy.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "aws/sigv4.hpp"
#include "config/log.hpp"
#include "config/log_throttle.hpp"
#include "forward/aws_clock.hpp"
#include "forward/client_pool.hpp"
#include "forward/passed_headers.hpp"
#include "forward/service_call.hpp"

namespace xrayd::forward {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t most_clients = 8;
constexpr auto credentials_patience = 5s;
/// How soon waiting for credentials ends when all is over.
constexpr auto attention = 100ms;

/// What becomes of a request line: no blanks, no control characters.
bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f;
  });
}

net::HttpResponse bare(int status) {
  net::HttpResponse response;
  response.status = status;
  return response;
}

}  // namespace

class SamplingProxy::Impl {
 public:
  Impl(const ProxySettings& settings, net::ClientFactory clients)
      : settings_(settings), pool_(std::move(clients), client_settings(settings), most_clients) {}

  void start(const aws::Endpoint& endpoint, aws::CredentialsSource& credentials) {
    const std::lock_guard lock(mutex_);
    target_ = std::make_shared<const Target>(Target{endpoint, &credentials});
  }

  void stop() noexcept {
    stopped_ = true;
    pool_.stop();
  }

  [[nodiscard]] bool passes(const std::string& method, const std::string& path) const noexcept {
    if (path == "/healthz" || path == "/readyz" || path == "/metrics") return false;
    if (settings_.open) return true;
    return method == "POST" && (path == "/GetSamplingRules" || path == "/SamplingTargets");
  }

  net::HttpResponse pass(const PassedRequest& request) noexcept {
    net::HttpResponse response;
    try {
      response = try_to_pass(request);
    } catch (const std::exception& problem) {
      response = no_answer(problem.what());
    }
    return response;
  }

  void report(CounterRows& rows) const {
    constexpr std::array<const char*, 5> labels = {"2xx", "3xx", "4xx", "5xx", "none"};
    for (std::size_t i = 0; i < labels.size(); ++i) {
      rows.push_back({"xrayd_proxy_requests_total",
                      "Requests passed on, by the service's answer; none: it gave none.",
                      std::string("status=\"") + labels[i] + "\"",
                      static_cast<std::int64_t>(answers_[i].load())});
    }
  }

 private:
  struct Target {
    aws::Endpoint endpoint;
    aws::CredentialsSource* credentials;
  };

  static net::ClientSettings client_settings(const ProxySettings& settings) {
    net::ClientSettings result;
    result.connect_timeout = std::min(result.connect_timeout, settings.request_timeout);
    return result;
  }

  net::HttpResponse try_to_pass(const PassedRequest& request) {
    std::shared_ptr<const Target> target;
    {
      const std::lock_guard lock(mutex_);
      target = target_;
    }
    if (target == nullptr) return no_answer("the region is not known yet");
    if (!request.path.starts_with('/') || !is_visible(request.path) || !is_visible(request.query) ||
        !is_visible(request.method)) {
      return bare(400);
    }
    const auto deadline = Clock::now() + settings_.request_timeout;
    const ClientPool::Loan client = pool_.borrow(deadline);
    if (!client) return no_answer("no connection is free");

    const std::string sha256 = aws::sha256_hex(request.body);
    bool once_more = true;
    while (true) {
      const auto lease = target->credentials->current();
      if (lease == nullptr) return no_answer("there are no credentials");
      const AwsClock::Time time = clock_.now();
      net::HttpResult result = send(*target, *client, request, sha256, *lease, time, deadline);
      if (result.end != aws::RequestEnd::answered) return no_answer(result.problem);
      if (once_more && may_do_better(*target, result.response, *lease, time, deadline)) {
        once_more = false;
        continue;
      }
      keep_response_headers_to_pass(result.response.headers);
      count(result.response.status);
      return std::move(result.response);
    }
  }

  net::HttpResult send(const Target& target, net::HttpClient& client, const PassedRequest& request,
                       const std::string& sha256, const aws::CredentialsLease& lease,
                       AwsClock::Time time, Clock::time_point deadline) {
    const std::string path = target.endpoint.base_path + request.path;
    const std::string host = target.endpoint.authority();
    std::vector<aws::HeaderView> headers = request_headers_to_pass(request.headers);
    aws::RequestToSign to_sign;
    to_sign.method = request.method;
    to_sign.host = host;
    to_sign.path = path;
    to_sign.query = request.query;
    to_sign.headers = headers;
    to_sign.body_sha256 = sha256;
    const auto signature = aws::sign(to_sign, lease.keys, {target.endpoint.signing_region, "xray"},
                                     std::chrono::floor<std::chrono::seconds>(time));
    for (const aws::SignatureHeader& header : signature) {
      headers.push_back({header.name, header.value});
    }
    const std::string full = request.query.empty() ? path : path + "?" + request.query;
    net::HttpRequest http;
    http.method = request.method;
    http.target = full;
    http.headers = headers;
    http.body = request.body;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    return client.send(target.endpoint, http, std::max(left, std::chrono::milliseconds(1)));
  }

  /// True if the service refused the signature and another one is at hand.
  bool may_do_better(const Target& target, const net::HttpResponse& response,
                     const aws::CredentialsLease& lease, AwsClock::Time time,
                     Clock::time_point deadline) {
    if (response.status < 400) return false;
    const std::string code = error_code_of(response);
    aws::RequestOutcome outcome;
    outcome.status = response.status;
    outcome.error_code = code;
    switch (aws::judge(outcome)) {
      case aws::Verdict::correct_clock:
        return clock_.correct(response.header("Date"), time);
      case aws::Verdict::refresh_credentials: {
        target.credentials->refused(lease);
        const auto until = std::min(deadline, Clock::now() + credentials_patience);
        while (!stopped_ && Clock::now() < until) {
          const auto soon = std::min<Clock::time_point>(until, Clock::now() + attention);
          if (target.credentials->newer_than(&lease, soon) != nullptr) return true;
        }
        return false;
      }
      default:
        return false;
    }
  }

  net::HttpResponse no_answer(const std::string& why) {
    ++answers_[4];
    std::optional<std::uint64_t> left_out;
    {
      const std::lock_guard lock(mutex_);
      left_out = throttle_.admit(Clock::now());
    }
    if (left_out && !stopped_) {
      std::string line = "A sampling call was answered 502: " + for_log(why);
      if (*left_out > 0) line += " (" + std::to_string(*left_out) + " such lines left out)";
      log::error(line);
    }
    return bare(502);
  }

  void count(int status) {
    ++answers_[static_cast<std::size_t>(std::clamp(status / 100, 2, 5) - 2)];
  }

  const ProxySettings settings_;
  AwsClock clock_;
  ClientPool pool_;
  std::mutex mutex_;
  std::shared_ptr<const Target> target_;
  log::Throttle throttle_{1};
  std::atomic<bool> stopped_{false};
  std::array<std::atomic<std::uint64_t>, 5> answers_{};
};

SamplingProxy::SamplingProxy(const ProxySettings& settings, net::ClientFactory clients)
    : impl_(std::make_unique<Impl>(settings, std::move(clients))) {
}
SamplingProxy::~SamplingProxy() = default;

void SamplingProxy::start(const aws::Endpoint& endpoint, aws::CredentialsSource& credentials) {
  impl_->start(endpoint, credentials);
}
void SamplingProxy::stop() noexcept {
  impl_->stop();
}
bool SamplingProxy::passes(const std::string& method, const std::string& path) const noexcept {
  return impl_->passes(method, path);
}
net::HttpResponse SamplingProxy::pass(const PassedRequest& request) noexcept {
  return impl_->pass(request);
}
void SamplingProxy::report(CounterRows& rows) const {
  impl_->report(rows);
}

}  // namespace xrayd::forward
