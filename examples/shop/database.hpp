#pragma once

#include <sqlite3.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

/// A column's text; nothing where the column is NULL.
using Value = std::optional<std::string>;
using Row = std::vector<Value>;

/// One connection to the inventory's SQLite file. Each request opens its own, so none waits for
/// another's connection. Every failure throws std::runtime_error with SQLite's message. Nothing
/// here knows of tracing: xray::patch_all() sees to that.
class Database {
 public:
  explicit Database(const std::string& file);

  /// Runs one prepared statement; parameters are bound as text.
  std::vector<Row> query(const std::string& sql, const std::vector<std::string>& parameters = {});

  /// How many rows the last INSERT, UPDATE or DELETE touched.
  int changes() const;

  /// Makes and fills the tables of a new file; leaves a file that has them alone.
  void seed();

 private:
  struct Close {
    void operator()(sqlite3* connection) const noexcept { sqlite3_close(connection); }
  };

  void execute(const char* script);
  [[noreturn]] void fail(std::string_view action) const;

  std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace shop
