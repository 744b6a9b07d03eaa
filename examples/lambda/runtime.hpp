// The Lambda Runtime API, as far as a function needs it. A real function takes aws-lambda-cpp for
// this; what is here has the same shape, so that the example builds without it.
#pragma once

#include <functional>
#include <string>

namespace function {

struct invocation_request {  // NOLINT(readability-identifier-naming): aws-lambda-cpp's names
  std::string payload;
  std::string request_id;
  std::string xray_trace_id;
};

struct invocation_response {  // NOLINT(readability-identifier-naming)
  std::string payload;
  std::string content_type;
};

using Handler = std::function<invocation_response(const invocation_request&)>;

/// Asks the Runtime API at `address` (host:port) for invocations and answers them, for ever. An
/// exception of the handler is answered as the invocation's error. Throws std::runtime_error where
/// the Runtime API can't be reached or refuses.
[[noreturn]] void run_handler(const std::string& address, const Handler& handler);

}  // namespace function
