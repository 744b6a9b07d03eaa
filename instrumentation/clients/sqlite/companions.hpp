// The functions of SQLite that are not wrapped, and are called by wrappers.
#pragma once

#include <cstddef>

#include "clients/sqlite/api.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::sqlite {

template <std::size_t Library>
struct DbHandle {
  static constexpr const char* symbol = "sqlite3_db_handle";
  static inline patching::Original<sqlite3*(sqlite3_stmt*)> original;
};

template <std::size_t Library>
struct Sql {
  static constexpr const char* symbol = "sqlite3_sql";
  static inline patching::Original<const char*(sqlite3_stmt*)> original;
};

template <std::size_t Library>
struct StmtBusy {
  static constexpr const char* symbol = "sqlite3_stmt_busy";
  static inline patching::Original<int(sqlite3_stmt*)> original;
};

template <std::size_t Library>
struct DbFilename {
  static constexpr const char* symbol = "sqlite3_db_filename";
  static inline patching::Original<const char*(sqlite3*, const char*)> original;
};

template <std::size_t Library>
struct DbMutex {
  static constexpr const char* symbol = "sqlite3_db_mutex";
  static inline patching::Original<sqlite3_mutex*(sqlite3*)> original;
};

template <std::size_t Library>
struct MutexEnter {
  static constexpr const char* symbol = "sqlite3_mutex_enter";
  static inline patching::Original<void(sqlite3_mutex*)> original;
};

template <std::size_t Library>
struct MutexLeave {
  static constexpr const char* symbol = "sqlite3_mutex_leave";
  static inline patching::Original<void(sqlite3_mutex*)> original;
};

template <std::size_t Library>
struct Errmsg {
  static constexpr const char* symbol = "sqlite3_errmsg";
  static inline patching::Original<const char*(sqlite3*)> original;
};

template <std::size_t Library>
struct Errstr {
  static constexpr const char* symbol = "sqlite3_errstr";
  static inline patching::Original<const char*(int)> original;
};

template <std::size_t Library>
struct ExtendedErrcode {
  static constexpr const char* symbol = "sqlite3_extended_errcode";
  static inline patching::Original<int(sqlite3*)> original;
};

template <std::size_t Library>
struct Libversion {
  static constexpr const char* symbol = "sqlite3_libversion";
  static inline patching::Original<const char*()> original;
};

template <std::size_t Library>
inline constexpr Api api{
    DbHandle<Library>::original,        Sql<Library>::original,       StmtBusy<Library>::original,
    DbFilename<Library>::original,      DbMutex<Library>::original,   MutexEnter<Library>::original,
    MutexLeave<Library>::original,      Errmsg<Library>::original,    Errstr<Library>::original,
    ExtendedErrcode<Library>::original, Libversion<Library>::original};

}  // namespace clients::sqlite
XRAY_NAMESPACE_END
