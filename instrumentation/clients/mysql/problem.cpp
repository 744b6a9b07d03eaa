#include "clients/mysql/problem.hpp"

#include <cstdio>

#include "clients/settings.hpp"
#include "clients/sql_call.hpp"
#include "sql/message.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {
namespace {

/// What SIGNAL in a procedure or trigger says, unless it claims to be another error.
bool is_users_own(const Problem& problem) noexcept {
  constexpr unsigned first = 1642;  // ER_SIGNAL_WARN, _NOT_FOUND, _EXCEPTION
  constexpr unsigned last = 1644;
  const std::string_view state = problem.sqlstate != nullptr ? problem.sqlstate : "";
  return (problem.number >= first && problem.number <= last) || state.substr(0, 2) == "45";
}

}  // namespace

void set_problem(Subsegment& subsegment, const Problem& problem) noexcept {
  char type[48];
  std::snprintf(type, sizeof type, "MySQL %u (%.5s)", problem.number,
                problem.sqlstate != nullptr ? problem.sqlstate : "");
  std::string_view message = problem.message != nullptr ? problem.message : "";
  if (settings().sql != sql::Collection::sanitised) {
    set_sql_error(subsegment, type, message);
    return;
  }
  if (is_users_own(problem)) message = {};
  char buffer[512];
  subsegment.add_remote_exception(type, sql::message_until_values(message, buffer, sizeof buffer));
}

}  // namespace clients::mysql
XRAY_NAMESPACE_END
