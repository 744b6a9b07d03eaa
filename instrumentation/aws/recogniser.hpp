// Recognises calls of AWS services in HTTP requests, whoever makes them.
#pragma once

#include <cstdint>
#include <string_view>

#include "http_message.hpp"
#include "recognised_call.hpp"

namespace xray::instrumentation {

enum class RequestKind : std::uint8_t {
  other,        ///< a call to a host like any other
  aws,          ///< of an AWS service: Namespace::aws, named RecognisedCall::service
  never_trace,  ///< X-Ray's own, or Lambda's with its runtime: no subsegment, no header
};

/// Hosts whose calls are never traced: `host` or `host:port`, borrowed; empty: none.
struct RecogniserSettings {
  /// What AWS_LAMBDA_RUNTIME_API says.
  std::string_view lambda_runtime_api;
  /// Where the daemon answers sampling calls (TCP).
  std::string_view daemon;
};

/// Tells what a request is, before it is sent; an AWS call is described in `call`, which is
/// otherwise left empty. A request is an AWS call if it is signed for a service, at whatever
/// endpoint. Of the credentials nothing but the scope's region and service is read, and of the body
/// nothing but what the whitelist names. Never throws, allocates or blocks; linear in what it is
/// given. Any thread.
RequestKind recognise(const RequestView& request, const RecogniserSettings& settings,
                      RecognisedCall& call) noexcept;

/// Adds what the answer says: request ids, status, error and throttling, whitelisted parameters.
/// With a status of 0 the attempt failed without one. What an earlier attempt's answer said is
/// forgotten. As recognise() otherwise.
void read_response(const ResponseView& response, RecognisedCall& call) noexcept;

/// Whether an error of this name means "slow down".
bool is_throttling(std::string_view error_code) noexcept;

}  // namespace xray::instrumentation
