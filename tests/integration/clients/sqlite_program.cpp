// A program that uses SQLite in the ways programs do. Of tracing it knows a segment and
// patch_all().
//
//     sqlite_program FILE
#include <sqlite3.h>

#include <xray/patch.hpp>
#include <xray/xray.hpp>

#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

namespace {

int problems = 0;

void expect(int result, int wanted, const char* what) {
  if (result == wanted) return;
  std::fprintf(stderr, "%s: %d instead of %d\n", what, result, wanted);
  ++problems;
}

sqlite3* open(const char* file) {
  sqlite3* database = nullptr;
  expect(sqlite3_open(file, &database), SQLITE_OK, "open");
  sqlite3_busy_timeout(database, 5000);
  return database;
}

sqlite3_stmt* prepare(sqlite3* database, const char* text) {
  sqlite3_stmt* statement = nullptr;
  expect(sqlite3_prepare_v2(database, text, -1, &statement, nullptr), SQLITE_OK, text);
  return statement;
}

void make_tables(sqlite3* database) {
  expect(sqlite3_exec(database,
                      "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE, word TEXT);"
                      "CREATE VIRTUAL TABLE notes USING fts5(text)",
                      nullptr, nullptr, nullptr),
         SQLITE_OK, "tables");
}

void insert_users(sqlite3* database) {
  sqlite3_stmt* const insert = prepare(database, "INSERT INTO users (name, word) VALUES (?, ?)");
  for (const char* name : {"ann", "bob", "eve"}) {
    sqlite3_bind_text(insert, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, "s3cret-bound", -1, SQLITE_STATIC);
    expect(sqlite3_step(insert), SQLITE_DONE, "insert");
    sqlite3_reset(insert);
  }
  sqlite3_bind_text(insert, 1, "ann", -1, SQLITE_STATIC);
  expect(sqlite3_step(insert), SQLITE_CONSTRAINT, "second insert");
  sqlite3_finalize(insert);
}

void search(sqlite3* database) {
  expect(sqlite3_exec(database, "INSERT INTO notes VALUES ('s3cret-literal is what it says')",
                      nullptr, nullptr, nullptr),
         SQLITE_OK, "note");
  sqlite3_stmt* const found = prepare(database, "SELECT text FROM notes WHERE notes MATCH ?");
  sqlite3_bind_text(found, 1, "says", -1, SQLITE_STATIC);
  expect(sqlite3_step(found), SQLITE_ROW, "search");
  sqlite3_finalize(found);  // with a row left unread
}

void query_on_two_threads(const char* file) {
  std::thread threads[2];
  for (std::thread& thread : threads) {
    thread = std::thread([file, context = xray::current_context()] {
      const xray::ContextScope scope(context);
      sqlite3* const database = open(file);
      sqlite3_stmt* const all = prepare(database, "SELECT name FROM users ORDER BY id");
      int rows = 0;
      while (sqlite3_step(all) == SQLITE_ROW) ++rows;
      expect(rows, 3, "rows");
      sqlite3_finalize(all);
      sqlite3_close(database);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void make_mistakes(sqlite3* database) {
  sqlite3_stmt* statement = nullptr;
  expect(
      sqlite3_prepare_v2(database, "SELECT 's3cret-failed' FROM nowhere", -1, &statement, nullptr),
      SQLITE_ERROR, "no such table");
  expect(sqlite3_exec(database, "SELECT 1; SELEC", nullptr, nullptr, nullptr), SQLITE_ERROR,
         "no statement");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const xray::PatchReport report = xray::patch_all();
  std::fputs(report.to_string().c_str(), stdout);
  {
    const xray::Segment segment("sqlite-program");
    sqlite3* const database = open(argv[1]);
    make_tables(database);
    insert_users(database);
    search(database);
    query_on_two_threads(argv[1]);
    make_mistakes(database);
    sqlite3_close(database);
  }
  xray::shutdown(std::chrono::seconds(5));
  return problems == 0 ? 0 : 1;
}
