// What the library says of a call that failed.
#pragma once

#include <string_view>

#include <xray/subsegment.hpp>

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {

struct Problem {
  unsigned number = 0;
  const char* sqlstate = nullptr;
  const char* message = nullptr;
};

/// Marks the call as failed: "MySQL 1146 (42S02)" with the message, as set_sql_error() shows it.
/// What SIGNAL says in a procedure or trigger is its author's own, and shown with raw statements
/// only.
void set_problem(Subsegment& subsegment, const Problem& problem) noexcept;

}  // namespace clients::mysql
XRAY_NAMESPACE_END
