// account.db: what a start makes of the file that it finds.
#include <fstream>
#include <vector>

#include "account_api_test.hpp"
#include "local/account/account.hpp"
#include "startup_error.hpp"

namespace xrayd::local {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class AccountFileTest : public testing::Test {
 protected:
  std::filesystem::path file() const { return directory_.path() / "account.db"; }

  Account open() const {
    return Account({file(), [] { return std::int64_t{1700000000500}; }});
  }

  /// What a start that must fail says.
  std::string refusal() const {
    try {
      const Account account = open();
    } catch (const StartupError& error) {
      return error.what();
    }
    ADD_FAILURE() << "the file was opened";
    return {};
  }

  void make_groups() const {
    Account account = open();
    for (int i = 0; i < 20; ++i) {
      Group group;
      group.name = "g" + std::to_string(i);
      group.filter = "fault" + std::string(1000, ' ');
      account.create_group(std::move(group));
    }
  }

  std::string contents() const {
    std::ifstream in(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  void write(const std::string& text) const {
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << text;
  }

  void execute(const char* sql) const {
    Database database(file(), Database::Mode::existing);
    database.execute(sql);
  }

  TemporaryDirectory directory_;
};

TEST_F(AccountFileTest, a_damaged_file_is_named_with_what_to_do) {
  make_groups();
  const auto good = contents();
  const auto advice = AllOf(HasSubstr(file().string() + ": "),
                            HasSubstr("; move the file away to start without its groups"));
  write("this is no database, and long enough to be looked at as one: " + std::string(200, '.'));
  EXPECT_THAT(refusal(), advice);

  // In the middle, where a table is.
  auto bad = good;
  ASSERT_GT(bad.size(), std::size_t{4} * 8192);
  for (std::size_t i = 8192; i < bad.size(); ++i) bad[i] = '\x5A';
  write(bad);
  EXPECT_THAT(refusal(), advice);
  // The owner decides: nothing was taken away.
  EXPECT_EQ(contents(), bad);

  write(good);
  EXPECT_EQ(open().state()->groups.all().size(), 21U);
}

TEST_F(AccountFileTest, files_of_later_versions_and_of_others_are_left_alone) {
  make_groups();
  execute("PRAGMA user_version = 2");
  EXPECT_THAT(refusal(), HasSubstr(file().string() + ": not made by xrayd, or by a later version"));
  execute("PRAGMA user_version = 1; PRAGMA application_id = 7");
  EXPECT_THAT(refusal(), HasSubstr("not made by xrayd"));
}

TEST_F(AccountFileTest, a_file_that_cannot_be_opened_is_named) {
  std::filesystem::create_directory(file());
  EXPECT_THAT(refusal(), AllOf(HasSubstr(file().string()), HasSubstr("can't be opened")));
}

TEST_F(AccountFileTest, an_empty_file_is_one_whose_making_was_interrupted) {
  write("");
  EXPECT_EQ(open().state()->groups.all().size(), 1U);
}

TEST_F(AccountFileTest, a_change_that_the_disk_refuses_has_not_happened) {
  make_groups();
  Account account = open();
  execute("ALTER TABLE filter_group RENAME TO away");
  GroupChange change;
  change.key.name = "g1";
  change.filter = "error";
  EXPECT_THROW(account.update_group(change), SqliteError);
  EXPECT_THROW(account.delete_group(change.key), SqliteError);
  EXPECT_EQ(account.state()->groups.named(change.key).filter.substr(0, 5), "fault");
  execute("ALTER TABLE away RENAME TO filter_group");
  EXPECT_EQ(account.update_group(change).filter, "error");
  EXPECT_EQ(open().state()->groups.named(change.key).filter, "error");
}

TEST_F(AccountFileTest, what_the_file_refuses_is_our_fault_without_naming_it) {
  BackendSettings settings;
  settings.data_dir = directory_.path();
  const auto backend = Backend::open(settings);
  execute("DROP TABLE setting");
  const auto answer = backend->call("/PutEncryptionConfig", R"({"Type":"NONE"})");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.error_type, "InternalFailure");
  EXPECT_THAT(answer.body, HasSubstr("The change was not stored: "));
  EXPECT_THAT(answer.body, testing::Not(HasSubstr(directory_.path().string())));
}

TEST_F(AccountFileTest, filters_of_groups_are_those_of_the_moment_they_were_asked_for) {
  Account account = open();
  Group group;
  group.name = "shop";
  group.filter = "fault";
  const auto arn = account.create_group(group).arn();
  const auto filters = group_filters(account);
  EXPECT_EQ(filters("shop"), "fault");
  EXPECT_EQ(filters(arn), "fault");
  EXPECT_EQ(filters("Default"), "");
  EXPECT_EQ(filters("nobody"), std::nullopt);
  account.delete_group({"shop", std::nullopt});
  EXPECT_EQ(filters("shop"), "fault");
  EXPECT_EQ(group_filters(account)("shop"), std::nullopt);
}

}  // namespace
}  // namespace xrayd::local
