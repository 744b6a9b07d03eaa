// How the wrappers begin and end what they record.
#pragma once

#include <cstring>
#include <optional>
#include <string_view>

#include "clients/call.hpp"
#include "clients/keep_errno.hpp"
#include "clients/mysql/connections.hpp"
#include "clients/mysql/database.hpp"
#include "clients/mysql/problem.hpp"
#include "clients/mysql/quoting.hpp"
#include "clients/mysql/statements.hpp"
#include "clients/sql_call.hpp"
#include "patching/depth_guard.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {

struct DepthTag;
using Depth = patching::DepthGuard<DepthTag>;

/// Whether this is the library's own call inside another one. Holds no guard: libmariadb leaves
/// such calls in the middle, for the thread that goes on with them.
[[nodiscard]] inline bool is_nested() noexcept {
  const Depth depth;
  return !depth.is_outermost();
}

/// Calls that one function begins and another ends, by their connection or statement.
HandleMap<Subsegment>& open_calls() noexcept;

/// Keeps it open until its end is seen; what was open there before ends. Throws nothing: out of
/// memory it ends now.
void keep_open(const void* handle, std::optional<Subsegment>& subsegment) noexcept;

/// Ends what is open there, for it is closed.
void close_open(const void* handle) noexcept;

template <std::size_t Library>
Problem problem_of(Mysql* connection) noexcept {
  return {Errno<Library>::original(connection), SqlState<Library>::original(connection),
          Error<Library>::original(connection)};
}

template <std::size_t Library>
Problem problem_of(Statement* statement) noexcept {
  return {StatementErrno<Library>::original(statement),
          StatementSqlState<Library>::original(statement),
          StatementError<Library>::original(statement)};
}

/// Ends a call now; `failed`: with what the library says of its handle.
template <std::size_t Library, typename Handle>
void finish(std::optional<Subsegment>& subsegment, Handle* handle, bool failed) noexcept {
  if (!subsegment) return;
  const KeepErrno keep;
  if (failed) set_problem(*subsegment, problem_of<Library>(handle));
  subsegment.reset();
}

/// The same for one that may last: until its last result has come, if it has several.
template <std::size_t Library>
void settle(std::optional<Subsegment>& subsegment, Mysql* connection, bool failed) noexcept {
  if (!subsegment) return;
  if (!failed && MoreResults<Library>::original(connection) != 0) {
    const KeepErrno keep;
    keep_open(connection, subsegment);
  } else {
    finish<Library>(subsegment, connection, failed);
  }
}

template <std::size_t Library>
std::optional<Subsegment> begin_query(Mysql* connection, std::string_view text,
                                      SqlLasting lasting) noexcept {
  const KeepErrno keep;
  const SqlKind kind = is_procedure_call(text) ? SqlKind::call : SqlKind::query;
  return begin_sql_call(describe(questions<Library>(), connection), text, kind, lasting);
}

std::optional<Subsegment> begin_execution(const Statement* statement, SqlLasting lasting) noexcept;

/// A preparation is a question to the server of its own: `mysql.command` is "prepare".
std::optional<Subsegment> begin_preparation(const Statement* statement,
                                            SqlLasting lasting) noexcept;

/// What a program means by a text and its size: to libmariadb, -1 is up to the zero.
[[nodiscard]] inline std::string_view given_text(const char* text, unsigned long size) noexcept {
  constexpr auto to_its_end = static_cast<unsigned long>(-1);
  if (text == nullptr) return {};
  return {text, size == to_its_end ? std::strlen(text) : size};
}

/// Sees whether a query changes how literals are written. Goes by where nothing is recorded, too.
inline void watch(const Mysql* connection, const char* text, unsigned long size) noexcept {
  if (text == nullptr || size < 3 || !may_set(text)) return;
  const KeepErrno keep;
  if (may_change_quoting(given_text(text, size))) remember_changed_quoting(connection);
}

/// The same of a text that ends in a zero.
inline void watch(const Mysql* connection, const char* text) noexcept {
  if (text == nullptr || !may_set(text)) return;
  const KeepErrno keep;
  if (may_change_quoting(text)) remember_changed_quoting(connection);
}

}  // namespace clients::mysql
XRAY_NAMESPACE_END
