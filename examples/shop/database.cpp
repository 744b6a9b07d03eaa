#include "database.hpp"

#include <stdexcept>

namespace shop {
namespace {

constexpr int busy_timeout_ms = 2000;

// 500,000 sales without an index: what the shop's slow page adds up.
constexpr const char* schema = R"sql(
  BEGIN IMMEDIATE;
  CREATE TABLE products (id TEXT PRIMARY KEY, price TEXT, stock INTEGER NOT NULL);
  INSERT INTO products VALUES
    ('desk-lamp', '39.90', 1000000), ('teapot', '24.50', 1000000), ('notebook', '3.20', 1000000),
    ('gold-teapot', '990.00', 1000000), ('antique-clock', 'on request', 1);
  CREATE TABLE reviews (product TEXT NOT NULL, stars INTEGER NOT NULL, words TEXT NOT NULL);
  INSERT INTO reviews VALUES
    ('desk-lamp', 5, 'Bright.'), ('desk-lamp', 4, 'Bright, but heavy.'), ('teapot', 3, 'Drips.');
  CREATE TABLE sales (product TEXT NOT NULL, quantity INTEGER NOT NULL);
  WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 500000)
    INSERT INTO sales
      SELECT CASE n % 5 WHEN 0 THEN 'desk-lamp' WHEN 1 THEN 'teapot' ELSE 'notebook' END, n % 3 + 1
      FROM numbers;
  PRAGMA user_version = 1;
  COMMIT;
)sql";

struct Finalize {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

Row current_row(sqlite3_stmt* statement) {
  Row row;
  for (int column = 0; column < sqlite3_column_count(statement); ++column) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    row.push_back(text == nullptr ? Value{} : Value{text});
  }
  return row;
}

}  // namespace

Database::Database(const std::string& file) {
  sqlite3* connection = nullptr;
  const int result = sqlite3_open(file.c_str(), &connection);
  connection_.reset(connection);
  if (result != SQLITE_OK) fail("cannot open the database");
  sqlite3_busy_timeout(connection, busy_timeout_ms);
}

std::vector<Row> Database::query(const std::string& sql,
                                 const std::vector<std::string>& parameters) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(connection_.get(), sql.c_str(), -1, &raw, nullptr) != SQLITE_OK) {
    fail("cannot prepare a statement");
  }
  const Statement statement(raw);
  int position = 0;
  for (const std::string& value : parameters) {
    sqlite3_bind_text(raw, ++position, value.c_str(), -1, SQLITE_TRANSIENT);
  }

  std::vector<Row> rows;
  int result = sqlite3_step(raw);
  for (; result == SQLITE_ROW; result = sqlite3_step(raw)) rows.push_back(current_row(raw));
  if (result != SQLITE_DONE) fail("a statement failed");
  return rows;
}

int Database::changes() const {
  return sqlite3_changes(connection_.get());
}

void Database::seed() {
  execute("PRAGMA journal_mode = WAL");
  if (query("PRAGMA user_version").at(0).at(0) == "0") execute(schema);
}

void Database::execute(const char* script) {
  if (sqlite3_exec(connection_.get(), script, nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail("cannot set up the database");
  }
}

void Database::fail(std::string_view action) const {
  throw std::runtime_error(std::string(action) + ": " + sqlite3_errmsg(connection_.get()));
}

}  // namespace shop
