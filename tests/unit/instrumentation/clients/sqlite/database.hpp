// A database in a folder of its own, and the traces of what is asked of it.
#pragma once

#include <sqlite3.h>

#include <xray/patch.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "clients/sqlite/execution.hpp"
#include "support/documents.hpp"

namespace sqlite_test {

struct Close {
  void operator()(sqlite3* connection) const { sqlite3_close(connection); }
};
using Connection = std::unique_ptr<sqlite3, Close>;

inline Connection open(const std::string& file) {
  sqlite3* connection = nullptr;
  if (sqlite3_open(file.c_str(), &connection) != SQLITE_OK) throw std::runtime_error(file);
  return Connection(connection);
}

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

inline Statement prepare(const Connection& connection, const char* text) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(connection.get(), text, -1, &statement, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(connection.get()));
  }
  return Statement(statement);
}

inline int run(const Connection& connection, const char* text) {
  return sqlite3_exec(connection.get(), text, nullptr, nullptr, nullptr);
}

/// How many rows there still are.
inline int rows(const Statement& statement) {
  int count = 0;
  while (sqlite3_step(statement.get()) == SQLITE_ROW) ++count;
  return count;
}

inline xray::TraceHeader sampled() {
  return xray::TraceHeader::parse("Sampled=1");
}
inline xray::TraceHeader unsampled() {
  return xray::TraceHeader::parse("Sampled=0");
}

class Sqlite : public testing::Test {
 public:
  Sqlite() {
    std::string name = std::filesystem::temp_directory_path() / "xray-sqlite.XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error(name);
    folder_ = name;
    database = open(file());
    run(database,
        "create table t(a integer primary key, b text unique not null);"
        "insert into t values (1, 'one'), (2, 'two'), (3, 'three')");
    xray::patch({"sqlite3"});
    end_what_earlier_tests_left();
  }
  ~Sqlite() override {
    xray::unpatch_all();
    database.reset();
    if (is_all_seen) {
      EXPECT_TRUE(xray::clients::sqlite::none_in_the_middle());
    }
    std::filesystem::remove_all(folder_);
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  [[nodiscard]] std::string file() const { return folder_ / "shop.db"; }

  /// What `work` leaves in a sampled segment.
  template <typename Work>
  support::Json recorded(Work&& work) {
    support::Capture capture;
    {
      const xray::Segment segment("s", sampled());
      work();
    }
    return capture.document();
  }

  Connection database;
  /// No statement was or will be finalized while nothing is patched.
  bool is_all_seen = xray::clients::sqlite::none_in_the_middle();

 private:
  /// Statements that were finalized while nothing was patched: the next execution shows it.
  void end_what_earlier_tests_left() {
    const support::Capture capture;
    const xray::Segment segment("s", sampled());
    rows(prepare(database, "select 1"));
  }

  std::filesystem::path folder_;
};

inline rapidjson::SizeType count(const support::Json& document) {
  return document.HasMember("subsegments") ? document["subsegments"].Size() : 0;
}

inline std::string statement_of(const support::JsonValue& call) {
  return support::text_of(support::at(support::at(call, "sql"), "sanitized_query"));
}

/// The database's message in a call that failed.
inline const support::JsonValue& failure_of(const support::JsonValue& call) {
  EXPECT_TRUE(support::at(call, "fault").GetBool());
  return support::at(support::at(call, "cause"), "exceptions")[0];
}

}  // namespace sqlite_test
