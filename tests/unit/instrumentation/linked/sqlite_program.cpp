// A program that contains SQLite and traces nothing but its own work; the documents are looked at
// as they would leave.
#include <sqlite3.h>

#include <cstdio>
#include <string>

#include <xray/testing.hpp>
#include <xray/xray.hpp>

namespace {

std::size_t count(const std::string& text, const char* part) {
  std::size_t times = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++times;
  return times;
}

}  // namespace

int main() {
  const auto emitter = xray::testing::CapturingEmitter::install();
  {
    const xray::Segment segment("shop");
    sqlite3* database = nullptr;
    sqlite3_open(":memory:", &database);
    // Several statements of SQLite's own inside of one call.
    sqlite3_exec(database, "create table item(name, price); insert into item values ('a', 12)",
                 nullptr, nullptr, nullptr);
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(database, "select name from item where price = 12", -1, &statement, nullptr);
    while (sqlite3_step(statement) == SQLITE_ROW) {
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
  }
  std::string document;
  for (const std::string& part : emitter->documents()) document += part;
  const bool is_well = count(document, "\"database_type\":\"SQLite\"") == 2 &&
                       count(document, "select name from item where price = ?") == 1;
  if (!is_well) std::printf("not as it must be: %s\n", document.c_str());
  return is_well ? 0 : 1;
}
