// Every environment variable that the SDK reads, and the only place that reads one.
#pragma once

#include <cstdlib>
#include <string_view>

#include <xray/config.hpp>

// name, what it takes, default, meaning. README.md's table is checked against this one.
#define XRAY_ENVIRONMENT(X)                                                                       \
  X(AWS_XRAY_DAEMON_ADDRESS, "host:port, or tcp:host:port udp:host:port", "127.0.0.1:2000",       \
    "where the daemon listens; IPv6 in brackets")                                                 \
  X(AWS_XRAY_TRACING_NAME, "name", "", "replaces the name of every segment")                      \
  X(AWS_XRAY_CONTEXT_MISSING, "LOG_ERROR, RUNTIME_ERROR or IGNORE_ERROR", "LOG_ERROR",            \
    "what a subsegment without a segment does")                                                   \
  X(AWS_XRAY_SDK_ENABLED, "true or false", "true", "false records and sends nothing")             \
  X(LAMBDA_TASK_ROOT, "set by AWS Lambda", "", "documents are sent by the thread that ends them") \
  X(AWS_LAMBDA_RUNTIME_API, "set by AWS Lambda", "", "calls of this address are not traced")      \
  X(_X_AMZN_TRACE_ID, "set by AWS Lambda's runtimes", "",                                         \
    "the trace of an invocation whose request names none")

XRAY_NAMESPACE_BEGIN
namespace detail {

enum class Variable : unsigned char {
#define XRAY_VARIABLE(name, type, fallback, meaning) name,
  XRAY_ENVIRONMENT(
      XRAY_VARIABLE)  // NOLINT(readability-identifier-naming): the variables' own names
#undef XRAY_VARIABLE
};

struct VariableInfo {
  const char* name;
  const char* type;
  const char* fallback;
  const char* meaning;
};

inline constexpr VariableInfo environment_variables[] = {
#define XRAY_VARIABLE(name, type, fallback, meaning) {#name, type, fallback, meaning},
    XRAY_ENVIRONMENT(XRAY_VARIABLE)
#undef XRAY_VARIABLE
};

/// The variable's value; empty when it is unset.
inline std::string_view environment(Variable variable) noexcept {
  const char* const value = std::getenv(environment_variables[static_cast<unsigned>(variable)]
                                            .name);  // NOLINT(concurrency-mt-unsafe)
  return value != nullptr ? std::string_view(value) : std::string_view();
}

}  // namespace detail
XRAY_NAMESPACE_END
