// A prepared statement of a database in memory.
#pragma once

#include <sqlite3.h>

#include <stdexcept>

namespace bench {

struct SqliteStatement {
  explicit SqliteStatement(const char* text) {
    if (sqlite3_open(":memory:", &database) != SQLITE_OK ||
        sqlite3_prepare_v2(database, text, -1, &prepared, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sqlite3_errmsg(database));
    }
  }
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;
  ~SqliteStatement() {
    sqlite3_finalize(prepared);
    sqlite3_close(database);
  }

  sqlite3* database = nullptr;
  sqlite3_stmt* prepared = nullptr;
};

/// Rows without end.
constexpr const char* endless_rows =
    "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n";

}  // namespace bench
