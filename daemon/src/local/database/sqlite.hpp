// SQLite with owners for its handles and exceptions for its codes. Nothing else is hidden.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace xrayd::local {

/// what() names the file and the cause.
class SqliteError : public std::runtime_error {
 public:
  SqliteError(const std::string& text, int code) : std::runtime_error(text), code_(code) {}

  /// The cause alone, without the file: for those who needn't know where the store lies.
  [[nodiscard]] const char* cause() const noexcept { return sqlite3_errstr(code_); }

  /// The file's contents are no longer those of a database.
  [[nodiscard]] bool is_damage() const noexcept {
    return code_ == SQLITE_CORRUPT || code_ == SQLITE_NOTADB;
  }
  /// The file can't be opened or read, or somebody else has it: its contents may be well.
  [[nodiscard]] bool is_out_of_reach() const noexcept {
    return code_ == SQLITE_CANTOPEN || code_ == SQLITE_IOERR || code_ == SQLITE_PERM ||
           code_ == SQLITE_READONLY || code_ == SQLITE_BUSY;
  }

 private:
  int code_;
};

class Statement;

/// One connection. To be used by one thread at a time.
class Database {
 public:
  enum class Mode { create, existing, query_only };

  Database(const std::filesystem::path& file, Mode mode);

  /// Runs statements that answer nothing that is of interest.
  void execute(const std::string& sql);
  /// The first column of the first row, 0 where there is no row.
  std::int64_t integer(const std::string& sql);

  [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
  [[nodiscard]] SqliteError error(int code) const;
  [[nodiscard]] sqlite3* handle() const noexcept { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };

  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// The rows of one query; ends it when it goes.
class Rows {
 public:
  Rows(const Database& database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows() { sqlite3_reset(statement_); }

  /// Goes to the next row; false behind the last.
  bool next();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double number(int column) const;
  /// Text and blobs; good until the next call of next().
  [[nodiscard]] std::string_view bytes(int column) const;

 private:
  const Database& database_;
  sqlite3_stmt* statement_;
};

/// A prepared statement. Must not outlive its database.
class Statement {
 public:
  using Blob = std::span<const std::byte>;

  Statement(const Database& database, std::string_view sql);

  /// Binds the values to ?1, ?2, ... Texts and blobs must live as long as the rows do.
  template <typename... Values>
  Rows query(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
    return {database_, handle_.get()};
  }

  template <typename... Values>
  void run(const Values&... values) {
    Rows rows = query(values...);
    while (rows.next()) {
    }
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const noexcept { sqlite3_finalize(handle); }
  };

  void bind(int index, std::int64_t value);
  void bind(int index, double value);
  void bind(int index, std::string_view text);
  void bind(int index, Blob blob);
  void check(int code) const;

  const Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// Rolled back unless committed.
class Transaction {
 public:
  enum class Kind { write, read };

  explicit Transaction(Database& database, Kind kind = Kind::write);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace xrayd::local
