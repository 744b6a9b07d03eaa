// Clients that answer from a script: no sockets, no waiting.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "credentials/environment.hpp"
#include "net/http_client.hpp"

namespace xrayd::credentials::testing {

/// A request as a service would have seen it.
struct Seen {
  /// `http://169.254.169.254`
  std::string url;
  std::string method;
  std::string target;
  std::string body;
  std::vector<net::Header> headers;
  bool through_proxy = true;

  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& header : headers) {
      if (header.name == name) return header.value;
    }
    return {};
  }
};

struct Reply {
  net::HttpResult result;
  /// Nothing comes until the client is cancelled.
  bool hangs = false;
};

inline Reply answer(int status, std::string body, std::vector<net::Header> headers = {}) {
  Reply reply;
  reply.result.response = {status, std::move(headers), std::move(body)};
  return reply;
}

inline Reply no_answer(aws::RequestEnd end, std::string problem) {
  Reply reply;
  reply.result.end = end;
  reply.result.problem = std::move(problem);
  return reply;
}

inline Reply hang() {
  Reply reply;
  reply.hangs = true;
  return reply;
}

/// Thread-safe. Requests without a script are refused.
class FakeNetwork {
 public:
  using Handler = std::function<Reply(const Seen&)>;

  /// What `METHOD url/target` answers; a star at the end stands for anything.
  void on(const std::string& request, Handler handler) {
    const std::lock_guard lock(mutex_);
    handlers_[request] = std::move(handler);
  }
  void on(const std::string& request, const Reply& reply) {
    on(request, [reply](const Seen&) { return reply; });
  }

  [[nodiscard]] net::ClientFactory factory() {
    return [this](const net::ClientSettings& settings) {
      return std::make_unique<Client>(*this, settings);
    };
  }

  [[nodiscard]] std::vector<Seen> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  /// `GET http://host/path`, one for each request, in the order in which they came.
  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> result;
    for (const Seen& request : seen()) {
      result.push_back(request.method + " " + request.url + request.target);
    }
    return result;
  }
  [[nodiscard]] std::size_t count(const std::string& line) const {
    const auto all = lines();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), line));
  }

 private:
  class Client final : public net::HttpClient {
   public:
    Client(FakeNetwork& network, const net::ClientSettings& settings)
        : network_(network), settings_(settings) {}

    net::HttpResult send(const aws::Endpoint& endpoint, const net::HttpRequest& request,
                         std::chrono::milliseconds /*timeout*/) noexcept override {
      Seen seen{(endpoint.tls ? "https://" : "http://") + endpoint.authority(),
                std::string(request.method),
                std::string(request.target),
                std::string(request.body),
                {},
                settings_.through_proxy};
      for (const auto& header : request.headers) {
        seen.headers.push_back({std::string(header.name), std::string(header.value)});
      }
      std::unique_lock lock(mutex_);
      if (cancelled_) return no_answer(aws::RequestEnd::cut, "called off").result;
      lock.unlock();
      const Reply reply = network_.reply_to(seen);
      lock.lock();
      // A hang that nobody ends would hang the test.
      if (reply.hangs)
        changed_.wait_for(lock, std::chrono::seconds(30), [this] { return cancelled_; });
      if (cancelled_) return no_answer(aws::RequestEnd::cut, "called off").result;
      if (reply.hangs) std::abort();
      return reply.result;
    }

    void cancel() noexcept override {
      {
        const std::lock_guard lock(mutex_);
        cancelled_ = true;
      }
      changed_.notify_all();
    }

   private:
    FakeNetwork& network_;
    net::ClientSettings settings_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool cancelled_ = false;
  };

  Reply reply_to(const Seen& seen) {
    const std::string line = seen.method + " " + seen.url + seen.target;
    Handler handler;
    {
      const std::lock_guard lock(mutex_);
      seen_.push_back(seen);
      for (const auto& [pattern, candidate] : handlers_) {
        const bool fits =
            pattern.ends_with('*')
                ? line.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1))
                : line == pattern;
        if (fits) handler = candidate;
      }
    }
    return handler ? handler(seen) : no_answer(aws::RequestEnd::refused, seen.url + ": refused");
  }

  mutable std::mutex mutex_;
  std::map<std::string, Handler> handlers_;
  std::vector<Seen> seen_;
};

/// Variables for a test.
using Variables = std::map<std::string, std::string>;

inline Environment environment_of(Variables variables) {
  // Nobody's real profile has a part in it.
  variables.try_emplace("HOME", "/nonexistent");
  return [variables = std::move(variables)](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

/// A clock that tests set.
class FakeClock {
 public:
  explicit FakeClock(std::chrono::sys_seconds now) : now_(now.time_since_epoch().count()) {}
  void advance(std::chrono::seconds time) { now_ += time.count(); }
  [[nodiscard]] std::chrono::sys_seconds now() const {
    return std::chrono::sys_seconds(std::chrono::seconds(now_));
  }
  [[nodiscard]] WallClock reader() {
    return [this] { return now(); };
  }

 private:
  std::atomic<std::chrono::seconds::rep> now_;
};

}  // namespace xrayd::credentials::testing
