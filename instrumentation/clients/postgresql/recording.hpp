// How a command becomes a subsegment, whatever function sends it.
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#include <xray/config.hpp>
#include <xray/subsegment.hpp>

#include "clients/keep_errno.hpp"
#include "clients/postgresql/facts.hpp"
#include "clients/postgresql/libpq.hpp"
#include "clients/postgresql/prepared_statements.hpp"
#include "clients/settings.hpp"
#include "clients/sql_call.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::postgresql {

/// All of libpq is one client: its functions call one another.
struct LibpqCalls;

/// What a program asks to be executed: a text, or the name of a statement prepared before.
class Asked {
 public:
  static Asked query(const char* text) noexcept {
    return Asked(SqlKind::query, view_of(text), nullptr);
  }

  template <std::size_t Library>
  static Asked statement(const Connection* connection, const char* name) {
    PreparedStatements::Text text =
        find_statement(connection, BackendPid<Library>::original(connection), view_of(name));
    const std::string_view view = text ? std::string_view(*text) : std::string_view();
    return Asked(SqlKind::statement, view, std::move(text));
  }

  [[nodiscard]] SqlKind kind() const noexcept { return kind_; }
  /// Empty where it isn't known. Good as long as this object and the program's text.
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

  static std::string_view view_of(const char* text) noexcept {
    return text != nullptr ? std::string_view(text) : std::string_view();
  }

 private:
  Asked(SqlKind kind, std::string_view text, PreparedStatements::Text kept) noexcept
      : kind_(kind), text_(text), kept_(std::move(kept)) {}

  SqlKind kind_;
  std::string_view text_;
  PreparedStatements::Text kept_;
};

template <std::size_t Library>
std::optional<Subsegment> begin(const Connection* connection, const Asked& asked,
                                SqlLasting lasting) {
  return begin_sql_call(database_of<Library>(connection, asked.text()), asked.text(), asked.kind(),
                        lasting);
}

/// Of a command that failed without a result of the server's.
template <std::size_t Library>
void set_client_error(Subsegment& subsegment, const Connection* connection) {
  const bool is_lost = Status<Library>::original(connection) == connection_bad;
  set_sql_error(subsegment, is_lost ? "PostgreSQL connection" : "PostgreSQL",
                Asked::view_of(ErrorMessage<Library>::original(connection)));
}

/// Whether a function in the database may have worded the message (RAISE): it may hold any value.
/// The languages' sources have names such as pl_exec.c and plpy_elog.c; planner.c and its like are
/// the server's.
inline bool may_be_of_a_function(std::string_view sqlstate, std::string_view source_file) noexcept {
  return sqlstate.substr(0, 2) == "P0" ||
         (source_file.substr(0, 2) == "pl" && source_file.substr(0, 3) != "pla");
}

/// Of a command whose result is an error.
template <std::size_t Library>
void set_result_error(Subsegment& subsegment, const Connection* connection, const Result* result) {
  if (StatusOfResult<Library>::original(result) == result_pipeline_aborted) {
    set_sql_error(subsegment, "PostgreSQL pipeline aborted",
                  "an earlier command of the pipeline failed");
    return;
  }
  const char* const state = ErrorField<Library>::original(result, field_sqlstate);
  if (state == nullptr) {  // the library's own words
    const bool is_lost = Status<Library>::original(connection) == connection_bad;
    set_sql_error(subsegment, is_lost ? "PostgreSQL connection" : "PostgreSQL",
                  Asked::view_of(ErrorOfResult<Library>::original(result)));
    return;
  }
  FixedText<32> type;
  type.append("PostgreSQL ");
  type.append(state);
  std::string_view message = Asked::view_of(ErrorField<Library>::original(result, field_message));
  const char* const file = ErrorField<Library>::original(result, field_source_file);
  if (may_be_of_a_function(state, Asked::view_of(file)) &&
      settings().sql == sql::Collection::sanitised) {
    message = {};
  }
  set_sql_error(subsegment, type.view(), message);
}

/// Keeps the text of a statement that was prepared.
template <std::size_t Library>
void remember(const Connection* connection, const char* name, const char* query) noexcept {
  const KeepErrno keep;
  try {
    remember_statement(connection, BackendPid<Library>::original(connection), Asked::view_of(name),
                       Asked::view_of(query));
  } catch (const std::exception&) {  // it will be executed without a text
  }
}

}  // namespace clients::postgresql
XRAY_NAMESPACE_END
