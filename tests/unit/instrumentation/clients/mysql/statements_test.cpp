#include "clients/mysql/statements.hpp"

#include <gtest/gtest.h>

#include <string>

#include "patching/hook_changes.hpp"

using xray::clients::mysql::find_statement;
using xray::clients::mysql::forget_statement;
using xray::clients::mysql::is_procedure_call;
using xray::clients::mysql::longest_kept_text;
using xray::clients::mysql::may_have_more_results;
using xray::clients::mysql::remember_statement;
using xray::clients::mysql::remember_text;

namespace {

const auto* const handle = reinterpret_cast<const xray::clients::mysql::Statement*>(0x1000);

}  // namespace

TEST(MysqlStatements, a_call_of_a_procedure_is_recognised) {
  EXPECT_TRUE(is_procedure_call("CALL p()"));
  EXPECT_TRUE(is_procedure_call("  call\tp()"));
  EXPECT_TRUE(is_procedure_call("CALL`p`()"));
  EXPECT_TRUE(is_procedure_call("CALL/**/p()"));
  EXPECT_FALSE(is_procedure_call("CALLED"));
  EXPECT_FALSE(is_procedure_call("CALL"));
  EXPECT_FALSE(is_procedure_call("SELECT 1"));
  EXPECT_FALSE(is_procedure_call(""));
}

TEST(MysqlStatements, more_results_may_come_after_a_semicolon_and_of_procedures) {
  EXPECT_TRUE(may_have_more_results("SELECT 1; SELECT 2"));
  EXPECT_TRUE(may_have_more_results("CALL p()"));
  EXPECT_TRUE(may_have_more_results("CALL p();"));
  EXPECT_FALSE(may_have_more_results("SELECT 1; \n"));
  EXPECT_FALSE(may_have_more_results("SELECT 1"));
  EXPECT_FALSE(may_have_more_results(""));
}

TEST(MysqlStatements, texts_are_kept_as_far_as_a_document_has_room_and_until_they_are_closed) {
  xray::clients::Database database;
  database.type.append("MariaDB");
  remember_statement(handle, database);
  remember_text(handle, std::string(longest_kept_text + 1, 'x'));
  auto known = find_statement(handle);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->text.size(), longest_kept_text);
  EXPECT_EQ(known->database.type, "MariaDB");
  remember_text(handle, "SELECT 1");
  EXPECT_EQ(find_statement(handle)->text, "SELECT 1");
  EXPECT_EQ(known->text.size(), longest_kept_text);  // for whoever is recording it
  forget_statement(handle);
  EXPECT_FALSE(find_statement(handle));
}

TEST(MysqlStatements, what_hooks_may_have_missed_is_not_shown_as_another_statements_text) {
  remember_text(handle, "SELECT 'old'");
  { const xray::patching::HookChanges unpatched(true); }
  // Closed, and another statement made at its place, while nothing was hooked.
  EXPECT_EQ(find_statement(handle), nullptr);
}
