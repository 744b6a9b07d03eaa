#include "clients/sql_call.hpp"

#include <xray/patch.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include "clients/settings.hpp"
#include "support/documents.hpp"
#include "support/process.hpp"

using support::at;
using support::Capture;
using support::only_subsegment;
using support::text_of;
using xray::clients::begin_sql_call;
using xray::clients::SqlKind;
using xray::clients::SqlLasting;

namespace {

xray::clients::Database shop() {
  xray::clients::Database database;
  database.where = xray::sql::connection_of_uri("postgresql://ann:secret@db.example:5433/shop");
  database.type.append("PostgreSQL");
  database.scheme.append("postgresql");
  database.version.append("15.2");
  database.dialect = xray::sql::Dialect::postgresql;
  return database;
}

support::Json recorded(std::string_view statement, SqlKind kind,
                       std::string_view error = std::string_view()) {
  Capture capture;
  {
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=1"));
    auto call = begin_sql_call(shop(), statement, kind, SqlLasting::this_call);
    if (call && !error.empty()) xray::clients::set_sql_error(*call, "PostgreSQL 22P02", error);
  }
  return capture.document();
}

}  // namespace

TEST(SqlCall, says_where_and_what_without_passwords_and_values) {
  const auto document = recorded("SELECT * FROM t WHERE a = 'x'", SqlKind::query);
  const auto& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(call, "name")), "shop@db.example");
  EXPECT_EQ(text_of(at(call, "namespace")), "remote");
  const auto& sql = at(call, "sql");
  EXPECT_EQ(text_of(at(sql, "url")), "postgresql://db.example:5433/shop");
  EXPECT_EQ(text_of(at(sql, "user")), "ann");
  EXPECT_EQ(text_of(at(sql, "database_type")), "PostgreSQL");
  EXPECT_EQ(text_of(at(sql, "database_version")), "15.2");
  EXPECT_EQ(text_of(at(sql, "sanitized_query")), "SELECT * FROM t WHERE a = ?");
  EXPECT_FALSE(sql.HasMember("preparation"));
}

TEST(SqlCall, tells_prepared_statements_and_procedures) {
  EXPECT_EQ(
      text_of(at(at(only_subsegment(recorded("x", SqlKind::statement)), "sql"), "preparation")),
      "statement");
  EXPECT_EQ(text_of(at(at(only_subsegment(recorded("x", SqlKind::call)), "sql"), "preparation")),
            "call");
}

TEST(SqlCall, without_a_name_is_named_after_the_kind_of_database) {
  Capture capture;
  {
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=1"));
    xray::clients::Database database;
    database.type.append("SQLite");
    database.scheme.append("sqlite");
    EXPECT_TRUE(begin_sql_call(database, {}, SqlKind::query, SqlLasting::longer));
  }
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(only_subsegment(document), "name")), "SQLite");
  EXPECT_FALSE(at(only_subsegment(document), "sql").HasMember("sanitized_query"));
}

TEST(SqlCall, of_a_file_has_an_address_without_a_server) {
  Capture capture;
  {
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=1"));
    xray::clients::Database database;
    database.scheme.append("sqlite");
    database.where.database.append("shop.db");
    database.is_file = true;
    EXPECT_TRUE(begin_sql_call(database, {}, SqlKind::query, SqlLasting::this_call));
  }
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(only_subsegment(document), "name")), "shop.db");
  EXPECT_EQ(text_of(at(at(only_subsegment(document), "sql"), "url")), "sqlite:shop.db");
}

TEST(SqlCall, an_error_is_the_databases_without_what_it_quotes) {
  const auto document =
      recorded("SELECT 1", SqlKind::query, "invalid input syntax for type integer: \"secret\"");
  const auto& call = only_subsegment(document);
  EXPECT_TRUE(at(call, "fault").GetBool());
  const auto& exception = at(at(call, "cause"), "exceptions")[0];
  EXPECT_EQ(text_of(at(exception, "type")), "PostgreSQL 22P02");
  EXPECT_EQ(text_of(at(exception, "message")), "invalid input syntax for type integer: ?");
  EXPECT_TRUE(at(exception, "remote").GetBool());
}

TEST(SqlCall, statements_and_messages_are_shown_as_the_settings_say) {
  IN_A_FRESH_PROCESS({
    xray::PatchOptions options;
    options.sql = xray::SqlText::none;
    xray::clients::change_settings(options);
    const auto document = recorded("SELECT 'a'", SqlKind::query, "near \"b\"");
    const auto& call = only_subsegment(document);
    EXPECT_FALSE(at(call, "sql").HasMember("sanitized_query"));
    EXPECT_FALSE(at(at(call, "cause"), "exceptions")[0].HasMember("message"));
  });
  IN_A_FRESH_PROCESS({
    xray::PatchOptions options;
    options.sql = xray::SqlText::raw;
    xray::clients::change_settings(options);
    const auto document = recorded("SELECT 'a'", SqlKind::query, "near \"b\"");
    const auto& call = only_subsegment(document);
    EXPECT_EQ(text_of(at(at(call, "sql"), "sanitized_query")), "SELECT 'a'");
    EXPECT_EQ(text_of(at(at(at(call, "cause"), "exceptions")[0], "message")), "near \"b\"");
  });
}
