// Every environment variable that the instrumentation reads, beside the SDK's own.
#pragma once

#include <cstdlib>
#include <string_view>

#include <xray/config.hpp>

// name, what it takes, default, meaning. README.md's table is checked against this one.
#define XRAY_CLIENTS_ENVIRONMENT(X)                                                       \
  X(AWS_XRAY_PATCH, "all, none, or clients by commas", "all",                             \
    "which clients patch_all() and the preload library trace: curl, sqlite3, ...")        \
  X(AWS_XRAY_EXCLUDED_HOSTS, "patterns by commas", "",                                    \
    "HTTP calls to these hosts are neither recorded nor given a trace header")            \
  X(AWS_XRAY_EXCLUDED_PATHS, "patterns by commas", "", "likewise by the path of the URL") \
  X(AWS_XRAY_COLLECT_SQL_QUERIES, "true or false", "",                                    \
    "SQL statements: unset without their values, true as they are, false not at all")

XRAY_NAMESPACE_BEGIN
namespace clients {

enum class Variable : unsigned char {
#define XRAY_VARIABLE(name, type, fallback, meaning) name,
  XRAY_CLIENTS_ENVIRONMENT(
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
    XRAY_CLIENTS_ENVIRONMENT(XRAY_VARIABLE)
#undef XRAY_VARIABLE
};

/// The variable's value; empty when it is unset.
inline std::string_view environment(Variable variable) noexcept {
  const char* const value = std::getenv(  // NOLINT(concurrency-mt-unsafe)
      environment_variables[static_cast<unsigned>(variable)].name);
  return value != nullptr ? std::string_view(value) : std::string_view();
}

}  // namespace clients
XRAY_NAMESPACE_END
