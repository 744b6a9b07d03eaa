#include "clients/mysql/quoting.hpp"

#include <gtest/gtest.h>

#include <string>

using xray::clients::mysql::hides_backslashes;
using xray::clients::mysql::may_change_quoting;
using xray::clients::mysql::may_set;

namespace {

/// As the wrappers ask.
bool is_noticed(const char* statement) {
  return may_set(statement) && may_change_quoting(statement);
}

}  // namespace

TEST(MysqlQuoting, a_set_of_sql_mode_is_noticed_in_every_spelling) {
  EXPECT_TRUE(is_noticed("SET sql_mode = 'ANSI_QUOTES'"));
  EXPECT_TRUE(is_noticed("set SESSION SQL_MODE=@old"));
  EXPECT_TRUE(is_noticed("SET @@session.sql_mode = CONCAT(@@sql_mode, ',ANSI')"));
  EXPECT_TRUE(is_noticed("SET NAMES utf8mb4, sql_mode = 4"));
  EXPECT_TRUE(is_noticed("  \n set sql_mode=''"));
  EXPECT_TRUE(is_noticed("/*!40101 SET SQL_MODE='ANSI' */"));
  EXPECT_TRUE(is_noticed("-- first\nSET sql_mode='ANSI'"));
}

TEST(MysqlQuoting, character_sets_with_backslashes_inside_characters_are_noticed) {
  for (const char* const set : {"gbk", "sjis", "cp932", "big5", "gb18030"}) {
    EXPECT_TRUE(is_noticed((std::string("SET NAMES ") + set).c_str())) << set;
    EXPECT_TRUE(hides_backslashes(set)) << set;
  }
  EXPECT_TRUE(is_noticed("set character set GBK"));
  EXPECT_FALSE(hides_backslashes("utf8mb4"));
  EXPECT_FALSE(hides_backslashes("latin1"));
}

TEST(MysqlQuoting, other_statements_are_not) {
  EXPECT_FALSE(is_noticed(""));
  EXPECT_FALSE(is_noticed("s"));
  EXPECT_FALSE(is_noticed("SE"));
  EXPECT_FALSE(is_noticed("SET NAMES utf8mb4"));
  EXPECT_FALSE(is_noticed("SELECT @@sql_mode"));
  EXPECT_FALSE(is_noticed("UPDATE t SET sql_mode = 1"));
}

TEST(MysqlQuoting, the_look_has_an_end) {
  const std::string far = "SET a = '" + std::string(5000, 'x') + "', sql_mode = ''";
  EXPECT_FALSE(may_change_quoting(far));
}
