#include "sql/connection.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "sql/bounded_text.hpp"

using xray::sql::Connection;
using xray::sql::connection_of_conninfo;
using xray::sql::connection_of_odbc;
using xray::sql::connection_of_postgresql;
using xray::sql::connection_of_uri;

namespace {

template <class Append>
std::string written(Append append) {
  std::array<char, 1024> buffer{};
  xray::sql::BoundedText out(buffer.data(), buffer.size());
  append(out);
  return std::string(out.view());
}

std::string address_of(const Connection& connection) {
  return written([&](auto& out) { connection.append_address(out); });
}

std::string name_of(const Connection& connection) {
  return written([&](auto& out) { connection.append_name(out); });
}

/// Everything that a connection says, in one text.
std::string all_of(const Connection& connection) {
  return connection.user.str() + " " + address_of(connection);
}

}  // namespace

TEST(SqlConnection, a_uri_says_where_it_goes_and_who_asks) {
  const struct {
    const char* uri;
    const char* all;
  } cases[] = {
      {"postgres://me:secret@db.example:5432/shop", "me db.example:5432/shop"},
      {"postgresql://db.example/shop", " db.example/shop"},
      {"postgresql://me@/shop", "me /shop"},
      {"postgresql:///shop?host=db&port=5433&user=me&password=secret", "me db:5433/shop"},
      {"postgres://me:secret@%2Fvar%2Frun:5432/sh%20op", "me /var/run:5432/sh op"},
      {"postgres://me:secret@[::1]:5432/shop", "me [::1]:5432/shop"},
      {"postgres://me:secret@a:1,b:2/shop", "me a:1/shop"},
      {"mysql://me:secret@db:3306/shop?ssl-mode=REQUIRED", "me db:3306/shop"},
      {"mysqlx://me:secret@db/shop", "me db/shop"},
      {"tcp://db:3306", " db:3306"},
      {"mongodb+srv://me:secret@cluster.example/shop", "me cluster.example/shop"},
      {"redis://:secret@cache:6379/0", " cache:6379/0"},
      {"postgres://m%40e:s%3Aecret@db/shop", "m@e db/shop"},
      {"", " "},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(all_of(connection_of_uri(one.uri)), one.all) << one.uri;
  }
}

TEST(SqlConnection, no_password_of_a_malformed_uri_is_shown) {
  for (const char* uri :
       {"postgres://me:sec/ret@db/shop", "postgres://me:12/ret@db/shop",
        "postgres://me:sec@ret@db/shop", "postgres://me:sec?ret@db/shop",
        "postgres://me:sec#ret@db/shop", "postgres://me:a@sec/ret@db/shop", "postgres://me:sec",
        "me:sec/ret@db", "postgres://db/shop?password=secret&passfile=ret",
        "postgres://db/shop?sec=ret", "postgres://db/shop?PASSWORD=sec;ret"}) {
    const std::string shown = all_of(connection_of_uri(uri));
    EXPECT_EQ(shown.find("sec"), std::string::npos) << uri << " as " << shown;
    EXPECT_EQ(shown.find("ret"), std::string::npos) << uri << " as " << shown;
  }
}

TEST(SqlConnection, a_conninfo_is_read_as_libpq_reads_it) {
  const struct {
    const char* text;
    const char* all;
  } cases[] = {
      {"host=db port=5432 dbname=shop user=me password=secret", "me db:5432/shop"},
      {"  host = db   port=5432", " db:5432"},
      {"dbname='my shop' user='o\\'neil' password='se cret' host=db", "o'neil db/my shop"},
      {"user=a\\ b password=x\\'secret dbname=d", "a b /d"},
      {"host='' dbname=d", " /d"},
      {"host=a,b,c port=1,2,3", " a:1"},
      {"hostaddr=10.0.0.1 dbname=d", " 10.0.0.1/d"},
      {"host=db hostaddr=10.0.0.1", " db"},
      {"host=::1 port=5432", " [::1]:5432"},
      {"host=/var/run/postgresql dbname=d", " /var/run/postgresql/d"},
      {"password='secret host=db", " "},
      {"passfile=/secret sslpassword=secret sslkey=secret service=s", " "},
      {"port=secret dbname=d", " /d"},
      {"", " "},
      {"host", " "},
      {"host=", " "},
      {"host=db password=", " db"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(all_of(connection_of_conninfo(one.text)), one.all) << one.text;
  }
}

TEST(SqlConnection, odbc_and_its_like_are_read_by_any_of_their_names) {
  const struct {
    const char* text;
    const char* all;
  } cases[] = {
      {"Driver={ODBC Driver 18};Server=tcp:db.example,1433;Database=shop;Uid=me;Pwd=secret;",
       "me db.example:1433/shop"},
      {"Data Source=db\\main;Initial Catalog=shop;User ID=me;Password=secret", "me db\\main/shop"},
      {"SERVER=db;PORT=3306;DATABASE=shop;USER=me;PASSWORD={se;c}}ret};OPTION=3",
       "me db:3306/shop"},
      {"server=db:5432 ; database = shop", " db:5432/shop"},
      {"Pwd=\"sec;Server=ret\";Server=db", " db"},
      {"Server={db;Pwd=secret", " "},
      {"Uid=scott/secret;Server=db", "scott db"},
      {"DSN=warehouse;Pwd=secret", " "},
      {"secret", " "},
      {"=;=;;==", " "},
      {"Server={::1};Port=secret", " [::1]"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(all_of(connection_of_odbc(one.text)), one.all) << one.text;
  }
}

TEST(SqlConnection, what_libpq_takes_for_a_database_is_told_apart) {
  EXPECT_EQ(all_of(connection_of_postgresql("shop")), " /shop");
  EXPECT_EQ(all_of(connection_of_postgresql("host=db dbname=shop")), " db/shop");
  EXPECT_EQ(all_of(connection_of_postgresql("postgresql://me:secret@db/shop?a=b")), "me db/shop");
  EXPECT_EQ(all_of(connection_of_postgresql("postgres://me:secret@db/shop")), "me db/shop");
}

TEST(SqlConnection, a_subsegment_is_named_after_database_and_host) {
  EXPECT_EQ(name_of(connection_of_conninfo("host=db dbname=shop")), "shop@db");
  EXPECT_EQ(name_of(connection_of_conninfo("dbname=shop")), "shop");
  EXPECT_EQ(name_of(connection_of_conninfo("host=db")), "db");
  EXPECT_EQ(name_of(Connection()), "");
}

TEST(SqlConnection, long_values_are_cut_at_the_end_of_a_character) {
  std::string umlauts = "d";
  for (int i = 0; i < 200; ++i) umlauts += "ü";
  const auto connection = connection_of_conninfo("user=" + umlauts + " dbname=shop");
  EXPECT_EQ(connection.user.view(), umlauts.substr(0, 127));
  EXPECT_EQ(connection.database.view(), "shop");
  const std::string long_host(10'000, 'h');
  EXPECT_EQ(connection_of_uri("postgres://" + long_host + "/shop").host.view(),
            long_host.substr(0, 255));
}
