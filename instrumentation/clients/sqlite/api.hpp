// What of SQLite's interface is used here: its header is not needed to build this.
#pragma once

#include <xray/config.hpp>

#include "patching/original.hpp"

struct sqlite3;
struct sqlite3_stmt;
struct sqlite3_mutex;

XRAY_NAMESPACE_BEGIN
namespace clients::sqlite {

/// Result codes; the lowest byte is the kind of result, the others tell more of it.
enum Result : int {
  result_ok = 0,
  result_abort = 4,
  result_busy = 5,
  result_locked = 6,
  result_row = 100,
  result_done = 101,
};

inline int kind_of(int result) noexcept {
  return result & 0xFF;
}

/// What sqlite3_exec calls with each row.
using RowCallback = int(void* argument, int columns, char** values, char** names);

/// The functions of one library that are called besides those that are wrapped.
struct Api {
  const patching::Original<sqlite3*(sqlite3_stmt*)>& db_handle;
  const patching::Original<const char*(sqlite3_stmt*)>& sql;
  const patching::Original<int(sqlite3_stmt*)>& stmt_busy;
  const patching::Original<const char*(sqlite3*, const char*)>& db_filename;
  const patching::Original<sqlite3_mutex*(sqlite3*)>& db_mutex;
  const patching::Original<void(sqlite3_mutex*)>& mutex_enter;
  const patching::Original<void(sqlite3_mutex*)>& mutex_leave;
  const patching::Original<const char*(sqlite3*)>& errmsg;
  const patching::Original<const char*(int)>& errstr;
  const patching::Original<int(sqlite3*)>& extended_errcode;
  const patching::Original<const char*()>& libversion;
};

}  // namespace clients::sqlite
XRAY_NAMESPACE_END
