// A service that answers what a test wants, behind the interface of the HTTP client.
#pragma once

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/credentials_source.hpp"
#include "counter_row.hpp"
#include "net/http_client.hpp"

namespace xrayd::forward {

/// A request as it came.
struct SeenRequest {
  std::string method;
  std::string target;
  std::vector<net::Header> headers;
  std::string body;
  std::chrono::milliseconds timeout{};

  [[nodiscard]] std::string header(std::string_view name) const {
    for (const net::Header& header : headers) {
      if (header.name == name) return header.value;
    }
    return {};
  }
  /// The documents of a PutTraceSegments.
  [[nodiscard]] std::vector<std::string> documents() const {
    rapidjson::Document parsed;
    parsed.Parse(body.data(), body.size());
    std::vector<std::string> result;
    if (parsed.HasParseError() || !parsed.HasMember("TraceSegmentDocuments")) return result;
    for (const auto& document : parsed["TraceSegmentDocuments"].GetArray()) {
      result.emplace_back(document.GetString(), document.GetStringLength());
    }
    return result;
  }
};

inline net::HttpResult answer(int status, std::string body = "{\"UnprocessedTraceSegments\":[]}",
                              std::vector<net::Header> headers = {}) {
  net::HttpResult result;
  result.response.status = status;
  result.response.body = std::move(body);
  result.response.headers = std::move(headers);
  return result;
}

inline net::HttpResult no_answer(aws::RequestEnd end) {
  net::HttpResult result;
  result.end = end;
  result.problem = "127.0.0.1:1: a test's fault";
  return result;
}

/// Thread-safe.
class FakeService {
 public:
  using Handler = std::function<net::HttpResult(const SeenRequest&)>;

  /// Called for each request, from several threads at a time.
  explicit FakeService(Handler handler) : handler_(std::move(handler)) {}

  net::ClientFactory clients() {
    return [this](const net::ClientSettings&) { return std::make_unique<Client>(*this); };
  }

  void handle(Handler handler) {
    const std::lock_guard lock(mutex_);
    handler_ = std::move(handler);
  }

  [[nodiscard]] std::vector<SeenRequest> seen(std::string_view target = "/TraceSegments") const {
    const std::lock_guard lock(mutex_);
    std::vector<SeenRequest> result;
    for (const SeenRequest& request : seen_) {
      if (request.target == target) result.push_back(request);
    }
    return result;
  }

  /// Waits until so many requests have come; false after 20 seconds.
  [[nodiscard]] bool await(std::size_t requests, std::string_view target = "/TraceSegments") const {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, std::chrono::seconds(20), [&] {
      return std::count_if(seen_.begin(), seen_.end(), [&](const SeenRequest& request) {
               return request.target == target;
             }) >= static_cast<std::ptrdiff_t>(requests);
    });
  }

  /// What a handler returns to have the request hang until its client is cancelled.
  static net::HttpResult hang() {
    net::HttpResult result;
    result.problem = "hang";
    result.end = aws::RequestEnd::cut;
    return result;
  }

 private:
  class Client final : public net::HttpClient {
   public:
    explicit Client(FakeService& service) : service_(service) {}

    net::HttpResult send(const aws::Endpoint&, const net::HttpRequest& request,
                         std::chrono::milliseconds timeout) noexcept override {
      SeenRequest seen{std::string(request.method),
                       std::string(request.target),
                       {},
                       std::string(request.body),
                       timeout};
      for (const aws::HeaderView& header : request.headers) {
        seen.headers.push_back({std::string(header.name), std::string(header.value)});
      }
      {
        const std::lock_guard lock(mutex_);
        if (cancelled_) return no_answer(aws::RequestEnd::cut);
      }
      Handler handler;
      {
        const std::lock_guard lock(service_.mutex_);
        service_.seen_.push_back(seen);
        handler = service_.handler_;
      }
      service_.came_.notify_all();
      net::HttpResult result = handler(seen);
      if (result.problem == "hang") {
        std::unique_lock lock(mutex_);
        cancelled_changed_.wait_for(lock, std::chrono::seconds(20), [this] { return cancelled_; });
      }
      return result;
    }

    void cancel() noexcept override {
      const std::lock_guard lock(mutex_);
      cancelled_ = true;
      cancelled_changed_.notify_all();
    }

   private:
    FakeService& service_;
    std::mutex mutex_;
    std::condition_variable cancelled_changed_;
    bool cancelled_ = false;
  };

  mutable std::mutex mutex_;
  mutable std::condition_variable came_;
  Handler handler_;
  std::vector<SeenRequest> seen_;
};

/// Credentials that a test gives and takes away. Thread-safe.
class FakeCredentials final : public aws::CredentialsSource {
 public:
  explicit FakeCredentials(const char* key = "AKIDEXAMPLE") {
    if (key != nullptr) give(key);
  }

  void give(const std::string& key) {
    auto lease = std::make_shared<aws::CredentialsLease>();
    lease->keys.access_key_id = key;
    lease->keys.secret_access_key = aws::Secret("secret");
    lease->origin = "test";
    const std::lock_guard lock(mutex_);
    current_ = std::move(lease);
    changed_.notify_all();
  }

  /// The next refused lease is replaced by one with this key.
  void replace_refused_by(const std::string& key) {
    const std::lock_guard lock(mutex_);
    next_ = key;
  }
  [[nodiscard]] int refusals() const {
    const std::lock_guard lock(mutex_);
    return refusals_;
  }

  [[nodiscard]] std::shared_ptr<const aws::CredentialsLease> current() const noexcept override {
    const std::lock_guard lock(mutex_);
    return current_;
  }
  [[nodiscard]] std::shared_ptr<const aws::CredentialsLease> newer_than(
      const aws::CredentialsLease* stale,
      std::chrono::steady_clock::time_point deadline) noexcept override {
    std::unique_lock lock(mutex_);
    const auto fresh = [&] { return current_ != nullptr && current_.get() != stale; };
    return changed_.wait_until(lock, deadline, fresh) ? current_ : nullptr;
  }
  void refused(const aws::CredentialsLease& lease) noexcept override {
    std::string key;
    {
      const std::lock_guard lock(mutex_);
      ++refusals_;
      if (current_.get() != &lease || next_.empty()) return;
      key = std::exchange(next_, {});
    }
    give(key);
  }
  [[nodiscard]] std::string trouble() const override {
    return current() == nullptr ? "there are no credentials" : "";
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const aws::CredentialsLease> current_;
  std::string next_;
  int refusals_ = 0;
};

inline aws::Endpoint test_endpoint() {
  aws::Endpoint endpoint;
  endpoint.tls = false;
  endpoint.host = "127.0.0.1";
  endpoint.port = 8000;
  endpoint.signing_region = "us-east-1";
  return endpoint;
}

/// The sum of a name's rows, or of those with these labels.
inline std::int64_t row_sum(const CounterRows& rows, std::string_view name,
                            std::string_view labels = {}) {
  std::int64_t sum = 0;
  for (const CounterRow& row : rows) {
    if (row.name == name && (labels.empty() || row.labels == labels)) sum += row.value;
  }
  return sum;
}

}  // namespace xrayd::forward
