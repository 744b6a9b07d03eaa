// Statements that are prepared, and executed any number of times.
#pragma once

#include "clients/mysql/calls.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {

template <std::size_t Library, typename Call>
int statement_at_once(Statement* statement,
                      std::optional<Subsegment> (*begin)(const Statement*, SqlLasting) noexcept,
                      Call&& call) {
  if (is_nested()) return call();
  const Depth depth;
  std::optional<Subsegment> subsegment = begin(statement, SqlLasting::this_call);
  const int result = call();
  finish<Library>(subsegment, statement, result != 0);
  return result;
}

template <std::size_t Library, typename Call>
int start_statement(const int* result, Statement* statement,
                    std::optional<Subsegment> (*begin)(const Statement*, SqlLasting) noexcept,
                    Call&& call) {
  if (is_nested()) return call();
  const Depth depth;
  std::optional<Subsegment> subsegment = begin(statement, SqlLasting::longer);
  const int waits_for = call();
  if (waits_for == 0) {
    finish<Library>(subsegment, statement, *result != 0);
  } else {
    const KeepErrno keep;
    keep_open(statement, subsegment);
  }
  return waits_for;
}

template <std::size_t Library, typename Original>
int continue_statement(const Original& original, int* result, Statement* statement, int status) {
  if (open_calls().empty()) return original(result, statement, status);
  const int waits_for = original(result, statement, status);
  if (waits_for == 0) {
    const KeepErrno keep;
    std::optional<Subsegment> subsegment = open_calls().take(statement);
    finish<Library>(subsegment, statement, *result != 0);
  }
  return waits_for;
}

/// Kept whether or not anything is recorded here: the statement may be executed elsewhere.
inline void keep_text(const Statement* statement, const char* text, unsigned long size) noexcept {
  if (text == nullptr) return;
  const KeepErrno keep;
  remember_text(statement, given_text(text, size));
}

template <std::size_t Library>
struct StatementInit {
  static constexpr const char* symbol = "mysql_stmt_init";
  static inline patching::Original<Statement*(Mysql*)> original;
  static Statement* call(Mysql* connection) {
    Statement* const statement = original(connection);
    if (statement != nullptr) {
      const KeepErrno keep;
      remember_statement(statement, describe(questions<Library>(), connection));
    }
    return statement;
  }
};

template <std::size_t Library>
struct StatementPrepare {
  static constexpr const char* symbol = "mysql_stmt_prepare";
  static inline patching::Original<int(Statement*, const char*, unsigned long)> original;
  static int call(Statement* statement, const char* text, unsigned long size) {
    keep_text(statement, text, size);
    if (tracing() != Tracing::sampled) return original(statement, text, size);
    return statement_at_once<Library>(statement, &begin_preparation,
                                      [=] { return original(statement, text, size); });
  }
};

template <std::size_t Library>
struct StatementExecute {
  static constexpr const char* symbol = "mysql_stmt_execute";
  static inline patching::Original<int(Statement*)> original;
  static int call(Statement* statement) {
    if (tracing() != Tracing::sampled) return original(statement);
    return statement_at_once<Library>(statement, &begin_execution,
                                      [=] { return original(statement); });
  }
};

/// libmariadb alone: both in one question to the server.
template <std::size_t Library>
struct StatementExecuteDirect {
  static constexpr const char* symbol = "mariadb_stmt_execute_direct";
  static inline patching::Original<int(Statement*, const char*, std::size_t)> original;
  static int call(Statement* statement, const char* text, std::size_t size) {
    keep_text(statement, text, size);
    if (tracing() != Tracing::sampled) return original(statement, text, size);
    return statement_at_once<Library>(statement, &begin_execution,
                                      [=] { return original(statement, text, size); });
  }
};

template <std::size_t Library>
struct StatementPrepareStart {
  static constexpr const char* symbol = "mysql_stmt_prepare_start";
  static inline patching::Original<int(int*, Statement*, const char*, unsigned long)> original;
  static int call(int* result, Statement* statement, const char* text, unsigned long size) {
    keep_text(statement, text, size);
    if (tracing() != Tracing::sampled) return original(result, statement, text, size);
    return start_statement<Library>(result, statement, &begin_preparation,
                                    [=] { return original(result, statement, text, size); });
  }
};

template <std::size_t Library>
struct StatementPrepareCont {
  static constexpr const char* symbol = "mysql_stmt_prepare_cont";
  static inline patching::Original<int(int*, Statement*, int)> original;
  static int call(int* result, Statement* statement, int status) {
    return continue_statement<Library>(original, result, statement, status);
  }
};

template <std::size_t Library>
struct StatementExecuteStart {
  static constexpr const char* symbol = "mysql_stmt_execute_start";
  static inline patching::Original<int(int*, Statement*)> original;
  static int call(int* result, Statement* statement) {
    if (tracing() != Tracing::sampled) return original(result, statement);
    return start_statement<Library>(result, statement, &begin_execution,
                                    [=] { return original(result, statement); });
  }
};

template <std::size_t Library>
struct StatementExecuteCont {
  static constexpr const char* symbol = "mysql_stmt_execute_cont";
  static inline patching::Original<int(int*, Statement*, int)> original;
  static int call(int* result, Statement* statement, int status) {
    return continue_statement<Library>(original, result, statement, status);
  }
};

/// Before the library frees it: its address may be another's at once.
inline void close_statement(const Statement* statement) noexcept {
  const KeepErrno keep;
  close_open(statement);
  forget_statement(statement);
}

template <std::size_t Library>
struct StatementClose {
  static constexpr const char* symbol = "mysql_stmt_close";
  static inline patching::Original<char(Statement*)> original;
  static char call(Statement* statement) {
    close_statement(statement);
    return original(statement);
  }
};

template <std::size_t Library>
struct StatementCloseStart {
  static constexpr const char* symbol = "mysql_stmt_close_start";
  static inline patching::Original<int(char*, Statement*)> original;
  static int call(char* result, Statement* statement) {
    close_statement(statement);
    return original(result, statement);
  }
};

}  // namespace clients::mysql
XRAY_NAMESPACE_END
