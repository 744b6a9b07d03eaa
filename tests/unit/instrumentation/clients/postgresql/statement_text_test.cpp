#include "clients/postgresql/statement_text.hpp"

#include <gtest/gtest.h>

using xray::clients::postgresql::begins_with_copy;
using xray::clients::postgresql::is_one_statement;

TEST(StatementText, is_one_statement_where_nothing_follows_a_semicolon) {
  for (const char* const text : {"", "SELECT 1", "SELECT 1;", "SELECT 1; \n\t"}) {
    EXPECT_TRUE(is_one_statement(text)) << text;
  }
  for (const char* const text : {"SELECT 1; SELECT 2", ";;", "SELECT ';'"}) {
    EXPECT_FALSE(is_one_statement(text)) << text;
  }
}

TEST(StatementText, begins_with_copy_behind_spaces_and_comments) {
  for (const char* const text :
       {"COPY t FROM STDIN", "copy t to stdout", " \n\tCopy", "-- one\n --two\ncopy t",
        "/* a /* nested */ one */ COPY t", "/**/COPY"}) {
    EXPECT_TRUE(begins_with_copy(text)) << text;
  }
  for (const char* const text :
       {"", "COP", "SELECT copy", "-- copy t", "/* copy t", "/*/ COPY", "/", "-", "{opy"}) {
    EXPECT_FALSE(begins_with_copy(text)) << text;
  }
}
