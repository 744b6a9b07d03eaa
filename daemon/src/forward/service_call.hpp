// One signed request of the daemon's own to X-Ray.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "aws/credentials_source.hpp"
#include "aws/endpoints.hpp"
#include "aws/retry_policy.hpp"
#include "forward/aws_clock.hpp"
#include "net/http_client.hpp"

namespace xrayd::forward {

/// Where requests go and what they are signed with. The references outlive it.
struct Service {
  aws::Endpoint endpoint;
  aws::CredentialsSource& credentials;
  AwsClock& clock;
  std::string user_agent;
};

struct ServiceRequest {
  /// `/TraceSegments`: behind the endpoint's own path.
  std::string_view path;
  /// JSON.
  std::string_view body;
  /// aws::sha256_hex() of the body, made once for all attempts.
  std::string_view body_sha256;
  /// The same for all attempts.
  std::string_view invocation_id;
  int attempt = 1;
  int attempts = 2;
};

/// What became of it.
struct ServiceAnswer {
  net::HttpResult http;
  /// Without namespace; empty where the service named none.
  std::string error_code;
  std::string error_message;
  /// What it was signed with; null: nothing was sent, for want of credentials.
  std::shared_ptr<const aws::CredentialsLease> lease;
  AwsClock::Time signed_for{};

  [[nodiscard]] bool was_sent() const { return lease != nullptr; }
  /// Its views are valid as long as this.
  [[nodiscard]] aws::RequestOutcome outcome() const;
  /// One line for the log: status, code and message, or what went wrong on the way. Of printable
  /// characters, bounded.
  [[nodiscard]] std::string description() const;
};

/// Signs the request with current credentials and this moment's time, sends it and reads an error's
/// name. Never throws; without memory it is as if the connection had been cut.
[[nodiscard]] ServiceAnswer call_service(const Service& service, net::HttpClient& client,
                                         const ServiceRequest& request,
                                         std::chrono::milliseconds timeout) noexcept;

/// The name of an error: out of the X-Amzn-ErrorType header, else of the body.
[[nodiscard]] std::string error_code_of(const net::HttpResponse& response);

/// 32 random hexadecimal digits, written as a UUID.
[[nodiscard]] std::string make_invocation_id();

/// At most 200 bytes of a text of others, control characters escaped.
[[nodiscard]] std::string for_log(std::string_view text);

}  // namespace xrayd::forward
