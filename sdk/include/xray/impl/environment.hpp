// Every environment variable that the SDK reads, and the only place that reads one.
#pragma once

#include <cstdlib>
#include <string_view>

#include <xray/config.hpp>

// name, what it takes, default, meaning. README.md's table is checked against this one.
#define XRAY_ENVIRONMENT(X)                                                                       \
  X(AWS_XRAY_DAEMON_ADDRESS, "host:port, tcp:host:port udp:host:port, or unix:/path",             \
    "127.0.0.1:2000", "where the daemon listens; IPv6 in brackets")                               \
  X(AWS_XRAY_TRACING_NAME, "name", "", "replaces the name of every segment")                      \
  X(AWS_XRAY_CONTEXT_MISSING, "LOG_ERROR, RUNTIME_ERROR or IGNORE_ERROR", "LOG_ERROR",            \
    "what a subsegment without a segment does")                                                   \
  X(AWS_XRAY_SDK_ENABLED, "true or false", "true", "false records and sends nothing")             \
  X(AWS_XRAY_SDK_DISABLED, "true or false", "false", "true records and sends nothing")            \
  X(AWS_XRAY_PROPAGATE_W3C, "true or false", "false",                                             \
    "true makes inject() write traceparent and tracestate too")                                   \
  X(AWS_XRAY_SAMPLER, "central, rules, always, never or a rate from 0 to 1", "central",           \
    "who decides whether a trace that begins here is recorded")                                   \
  X(AWS_XRAY_SAMPLING_RULES, "file, or JSON text", "",                                            \
    "local sampling rules; unset: one trace a second and 5 % of the rest")                        \
  X(AWS_XRAY_KEEP_FAULTS, "segments a second", "0",                                               \
    "unsampled segments that end in a fault are sent after all, at most so many")                 \
  X(AWS_XRAY_KEEP_SLOWER_THAN, "milliseconds", "0",                                               \
    "likewise those that took longer, within AWS_XRAY_KEEP_FAULTS; 0: not for that")              \
  X(AWS_XRAY_PLUGINS, "ec2, ecs, eks, elastic_beanstalk by commas; all or none", "none",          \
    "what finds out where the program runs")                                                      \
  X(AWS_XRAY_FILE_ROOT, "directory", "", "stands for / where plugins read files")                 \
  X(AWS_LOG_GROUP, "name", "", "a CloudWatch log group that every segment names")                 \
  X(AWS_EC2_METADATA_SERVICE_ENDPOINT, "http://host:port", "http://169.254.169.254",              \
    "where the ec2 plugin asks")                                                                  \
  X(IMDS_ENDPOINT, "host:port", "", "the same, if the other one is unset")                        \
  X(AWS_EC2_METADATA_DISABLED, "true or false", "false", "true keeps the ec2 plugin from asking") \
  X(AWS_EC2_METADATA_V1_DISABLED, "true or false", "false",                                       \
    "true keeps it from asking without a token")                                                  \
  X(ECS_CONTAINER_METADATA_URI_V4, "http://host:port/path", "",                                   \
    "where the ecs plugin asks; ECS sets it")                                                     \
  X(ECS_CONTAINER_METADATA_URI, "http://host:port/path", "",                                      \
    "the same, if the other one is unset or silent")                                              \
  X(KUBERNETES_SERVICE_HOST, "host", "", "where the eks plugin asks; Kubernetes sets it")         \
  X(KUBERNETES_SERVICE_PORT, "port", "443", "and at which port")                                  \
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

inline const char* name_of(Variable variable) noexcept {
  return environment_variables[static_cast<unsigned>(variable)].name;
}

/// The variable's value; empty when it is unset.
inline std::string_view environment(Variable variable) noexcept {
  const char* const value = std::getenv(environment_variables[static_cast<unsigned>(variable)]
                                            .name);  // NOLINT(concurrency-mt-unsafe)
  return value != nullptr ? std::string_view(value) : std::string_view();
}

/// Compares with upper-case ASCII, ignoring case.
inline bool equal_ignoring_case(std::string_view text, std::string_view upper) noexcept {
  if (text.size() != upper.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c) != upper[i]) return false;
  }
  return true;
}

enum class Switch : unsigned char { unset, off, on, bad };

/// What a variable that takes true or false says.
inline Switch switch_of(Variable variable) noexcept {
  const std::string_view value = environment(variable);
  if (value.empty()) return Switch::unset;
  if (equal_ignoring_case(value, "TRUE") || value == "1") return Switch::on;
  if (equal_ignoring_case(value, "FALSE") || value == "0") return Switch::off;
  return Switch::bad;
}

}  // namespace detail
XRAY_NAMESPACE_END
