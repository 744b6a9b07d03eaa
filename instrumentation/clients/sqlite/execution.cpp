#include "clients/sqlite/execution.hpp"

#include <exception>
#include <string_view>
#include <utility>

#include "clients/handle_map.hpp"
#include "clients/keep_errno.hpp"
#include "clients/never_destroyed.hpp"
#include "clients/settings.hpp"
#include "clients/sql_call.hpp"
#include "clients/sqlite/problem.hpp"
#include "clients/sqlite/result_name.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::sqlite {
namespace {

using Executions = HandleMap<Subsegment>;

/// Those that a step has left in the middle.
Executions& executions() noexcept {
  static NeverDestroyed<Executions> map;
  return *map;
}

/// Keeps an execution for the statement's next step. Without memory it ends here.
void keep(sqlite3_stmt* statement, Subsegment&& execution) noexcept {
  try {
    executions().put(statement, std::move(execution));
  } catch (const std::exception&) {  // std::bad_alloc
  }
}

bool is_in_the_middle(sqlite3_stmt* statement) noexcept {
  return executions().with(statement, [](const Subsegment&) {});
}

/// Without its folder, which may be private.
std::string_view base_name(std::string_view path) noexcept {
  return path.substr(path.find_last_of('/') + 1);
}

/// The connection's main database. Its list of databases changes when another thread attaches one.
void set_file(const Api& api, sqlite3* connection, Database& database) noexcept {
  const char* const path = api.db_filename(connection, "main");
  // A database without a file is in memory; so is a temporary one, as far as it can.
  const bool in_memory = path == nullptr || *path == '\0';
  database.where.database.append(in_memory ? std::string_view("memory") : base_name(path));
}

std::optional<Subsegment> begin(const Api& api, sqlite3* connection, std::string_view text,
                                SqlKind kind, SqlLasting lasting) noexcept {
  Database database;
  database.type.append("SQLite");
  database.scheme.append("sqlite");
  database.version.append(api.libversion());
  database.dialect = sql::Dialect::sqlite;
  database.is_file = true;
  set_file(api, connection, database);
  return begin_sql_call(database, text, kind, lasting);
}

std::string_view text_of(const char* text) noexcept {
  return text != nullptr ? std::string_view(text) : std::string_view();
}

/// What the connection says of a call that has just failed.
void set_error(const Api& api, sqlite3* connection, std::string_view text, int result,
               Subsegment& subsegment) noexcept {
  const int extended = api.extended_errcode(connection);
  const int code = kind_of(extended) == kind_of(result) ? extended : result;
  std::string_view message = text_of(api.errmsg(connection));
  if (settings().sql == sql::Collection::sanitised) {
    message = own_words(code, message, text);
    if (message.empty()) message = text_of(api.errstr(code));
  }
  set_sql_error(subsegment, result_name(code), message);
}

/// Whether a step that got no lock has changed nothing and may be tried again.
bool may_be_repeated(const Api& api, sqlite3_stmt* statement, int result) noexcept {
  const int kind = kind_of(result);
  return (kind == result_busy || kind == result_locked) && api.stmt_busy(statement) != 0;
}

}  // namespace

ConnectionLock::ConnectionLock(const Api& api, sqlite3* connection) noexcept
    : api_(api), mutex_(connection != nullptr ? api.db_mutex(connection) : nullptr) {
  // There is none where the program vouches for its threads; a library built for one thread has not
  // even the functions.
  if (mutex_ != nullptr) api_.mutex_enter(mutex_);
}

void ConnectionLock::release() noexcept {
  if (mutex_ != nullptr) api_.mutex_leave(mutex_);
  mutex_ = nullptr;
}

bool none_in_the_middle() noexcept {
  return executions().empty();
}

std::optional<Subsegment> begin_step(const Api& api, sqlite3_stmt* statement,
                                     bool sampled) noexcept {
  const KeepErrno keep_errno;
  sqlite3* const connection = api.db_handle(statement);
  if (connection == nullptr) return std::nullopt;  // the caller's mistake, which SQLite reports
  // Stepped before: in an execution that we know, or that began where nothing was recorded.
  if (api.stmt_busy(statement) != 0) return std::nullopt;
  // What is known still was finished behind our back, while nothing was patched.
  if (is_in_the_middle(statement)) take_execution(statement);
  if (!sampled) return std::nullopt;
  return begin(api, connection, text_of(api.sql(statement)), SqlKind::statement,
               SqlLasting::longer);
}

void end_step(const Api& api, sqlite3_stmt* statement, int result, std::optional<Subsegment>& begun,
              ConnectionLock& lock) noexcept {
  const KeepErrno keep_errno;
  if (result == result_row || may_be_repeated(api, statement, result)) {
    if (begun) keep(statement, std::move(*begun));
    lock.release();
    begun.reset();
    return;
  }
  if (!begun) begun = take_execution(statement);
  if (begun && result != result_done) {
    set_error(api, api.db_handle(statement), text_of(api.sql(statement)), result, *begun);
  }
  lock.release();
  begun.reset();
}

std::optional<Subsegment> take_execution(sqlite3_stmt* statement) noexcept {
  return executions().take(statement);
}

void end_taken(const Api& api, int result, std::optional<Subsegment>& taken) noexcept {
  if (!taken) return;
  const KeepErrno keep_errno;
  // The connection is not asked: it may be gone with its last statement.
  if (result != result_ok) set_sql_error(*taken, result_name(result), text_of(api.errstr(result)));
  taken.reset();
}

std::optional<Subsegment> begin_text(const Api& api, sqlite3* connection,
                                     const char* text) noexcept {
  const KeepErrno keep_errno;
  return begin(api, connection, text_of(text), SqlKind::query, SqlLasting::this_call);
}

void end_text(const Api& api, sqlite3* connection, const char* text, int result, bool stopped,
              std::optional<Subsegment>& begun, ConnectionLock& lock) noexcept {
  if (!begun) return;
  const KeepErrno keep_errno;
  const bool as_wanted = result == result_ok || (stopped && kind_of(result) == result_abort);
  if (!as_wanted) set_error(api, connection, text_of(text), result, *begun);
  lock.release();
  begun.reset();
}

void record_unprepared(const Api& api, sqlite3* connection, std::string_view text, int result,
                       ConnectionLock& lock) noexcept {
  const KeepErrno keep_errno;
  auto call = begin(api, connection, text, SqlKind::statement, SqlLasting::this_call);
  if (call) set_error(api, connection, text, result, *call);
  lock.release();
}

}  // namespace clients::sqlite
XRAY_NAMESPACE_END
