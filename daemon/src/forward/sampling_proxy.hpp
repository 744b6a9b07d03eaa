// Signs the SDKs' sampling calls and passes them on.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "aws/credentials_source.hpp"
#include "aws/endpoints.hpp"
#include "counter_row.hpp"
#include "net/http_client.hpp"

namespace xrayd::forward {

struct ProxySettings {
  /// Every path and method goes through, not those two POSTs alone: as the daemon before this one
  /// did. Whoever reaches the port then has this daemon's rights.
  bool open = false;
  std::chrono::milliseconds request_timeout{20'000};
};

/// A client's request, its headers in their order.
struct PassedRequest {
  std::string method;
  std::string path;
  std::string query;
  std::vector<net::Header> headers;
  std::string body;
};

/// Thread-safe; each call may wait for the network.
class SamplingProxy {
 public:
  SamplingProxy(const ProxySettings& settings, net::ClientFactory clients);
  ~SamplingProxy();

  /// Before this, requests get a 502.
  void start(const aws::Endpoint& endpoint, aws::CredentialsSource& credentials);
  /// Ends what is in progress.
  void stop() noexcept;

  /// True for what this proxy passes on.
  [[nodiscard]] bool passes(const std::string& method, const std::string& path) const noexcept;

  /// The service's answer, unchanged but for headers that are about the connection. 502 with an
  /// empty body if there is none: never unsigned, so also without credentials.
  [[nodiscard]] net::HttpResponse pass(const PassedRequest& request) noexcept;

  void report(CounterRows& rows) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xrayd::forward
