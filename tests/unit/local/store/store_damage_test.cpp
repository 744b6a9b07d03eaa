#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "local/store/store.hpp"
#include "startup_error.hpp"
#include "store_fixture.hpp"

namespace xrayd::local {
namespace {

using testing::HasSubstr;

class StoreDamageTest : public StoreFixture {
 protected:
  // Two files: one with trace 1, one with trace 2.
  void fill() {
    Store store(settings());
    put_on_disk(store, {segment_text(test_trace_id(1), 1)});
    now_ms_ += 600000;
    put_on_disk(store, {segment_text(test_trace_id(2), 1)});
  }

  [[nodiscard]] std::vector<std::filesystem::path> files(std::string_view extension) const {
    return StoreFixture::files("traces-", extension);
  }

  static void overwrite(const std::filesystem::path& file, std::streamoff from, std::size_t size) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(from);
    stream << std::string(size, 'Z');
  }

  // The header stays good; the pages with the tables don't.
  static void damage_pages(const std::filesystem::path& file) {
    constexpr std::size_t page = 8192;
    overwrite(file, page, std::filesystem::file_size(file) - page);
  }

  std::string error_of_opening() {
    try {
      const Store store(settings());
    } catch (const StartupError& error) {
      return error.what();
    }
    return "opened";
  }
};

TEST_F(StoreDamageTest, a_file_that_is_no_database_any_more_is_set_aside_and_the_rest_works) {
  fill();
  overwrite(files(".db").at(0), 0, 200);
  Store store(settings());
  EXPECT_FALSE(store.trace(test_trace_id(1)));
  EXPECT_TRUE(store.trace(test_trace_id(2)));
  EXPECT_EQ(store.status().damaged, 1);
  EXPECT_EQ(files(".damaged").size(), 1U);
  put_on_disk(store, {segment_text(test_trace_id(3), 1)});
  EXPECT_TRUE(store.trace(test_trace_id(3)));
}

TEST_F(StoreDamageTest, damage_met_while_reading_is_set_aside_by_the_writer) {
  fill();
  Store store(settings());
  damage_pages(files(".db").at(0));
  EXPECT_FALSE(store.trace(test_trace_id(1)));
  EXPECT_TRUE(store.trace(test_trace_id(2)));
  EXPECT_EQ(store.status().damaged, 0);
  store.maintain();
  EXPECT_EQ(store.status().damaged, 1);
  EXPECT_EQ(files(".damaged").size(), 1U);
  EXPECT_TRUE(store.trace(test_trace_id(2)));
}

TEST_F(StoreDamageTest, damage_met_while_writing_loses_no_new_document) {
  fill();
  Store store(settings());
  damage_pages(files(".db").at(1));
  put_on_disk(store, {segment_text(test_trace_id(3), 1)});
  EXPECT_TRUE(store.trace(test_trace_id(3)));
  EXPECT_TRUE(store.trace(test_trace_id(1)));
  EXPECT_EQ(store.status().damaged, 1);
}

TEST_F(StoreDamageTest, a_file_of_another_program_is_set_aside) {
  fill();
  Database(data() / "traces-x-1.db", Database::Mode::create).execute("CREATE TABLE t(a)");
  const Store store(settings());
  EXPECT_EQ(store.status().damaged, 1);
  EXPECT_TRUE(store.trace(test_trace_id(2)));
}

TEST_F(StoreDamageTest, a_file_of_an_earlier_version_is_set_aside_and_never_removed) {
  fill();
  const auto file = files(".db").at(0);
  Database(file, Database::Mode::existing).execute("PRAGMA user_version = 2");
  {
    Store store(settings());
    EXPECT_EQ(store.status().damaged, 0);
    EXPECT_FALSE(store.trace(test_trace_id(1)));
    EXPECT_TRUE(store.trace(test_trace_id(2)));
    store.clear();
  }
  now_ms_ += 1000 * hour_ms;
  const Store store(settings());
  EXPECT_TRUE(std::filesystem::exists(file.string() + ".older"));
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(StoreDamageTest, a_file_of_a_later_version_waits_for_it) {
  fill();
  const auto file = files(".db").at(0);
  const auto version = [&file](const char* number) {
    Database(file, Database::Mode::existing)
        .execute("PRAGMA user_version = " + std::string(number));
  };
  version("1000");
  {
    Store store(settings());
    EXPECT_EQ(store.status().damaged, 0);
    EXPECT_FALSE(store.trace(test_trace_id(1)));
    EXPECT_TRUE(store.trace(test_trace_id(2)));
    put_on_disk(store, {segment_text(test_trace_id(3), 1)});
  }
  version("3");
  const Store store(settings());
  for (std::uint64_t n = 1; n <= 3; ++n) EXPECT_TRUE(store.trace(test_trace_id(n))) << n;
}

TEST_F(StoreDamageTest, a_file_that_is_cut_off_is_set_aside_and_the_rest_works) {
  fill();
  const auto file = files(".db").at(0);
  for (const auto* suffix : {"-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
  std::filesystem::resize_file(file, 3 * 8192);
  Store store(settings());
  EXPECT_FALSE(store.trace(test_trace_id(1)));
  EXPECT_TRUE(store.trace(test_trace_id(2)));
  store.maintain();
  EXPECT_EQ(store.status().damaged, 1);
}

// Root may read everything, so these stand for files without permission, too.
TEST_F(StoreDamageTest, what_cannot_be_opened_stays_where_it_is_and_the_rest_works) {
  fill();
  std::filesystem::create_directory(data() / "traces-folder-1.db");
  std::filesystem::create_symlink("nowhere", data() / "traces-link-1.db");
  Store store(settings());
  EXPECT_EQ(store.status().damaged, 0);
  for (std::uint64_t n = 1; n <= 2; ++n) EXPECT_TRUE(store.trace(test_trace_id(n))) << n;
  put_on_disk(store, {segment_text(test_trace_id(3), 1)});
  EXPECT_TRUE(store.trace(test_trace_id(3)));
  EXPECT_TRUE(std::filesystem::is_directory(data() / "traces-folder-1.db"));
  EXPECT_TRUE(std::filesystem::is_symlink(data() / "traces-link-1.db"));
}

TEST_F(StoreDamageTest, a_pipe_named_as_a_file_of_traces_holds_up_nothing) {
  fill();
  ASSERT_EQ(::mkfifo((data() / "traces-pipe-1.db").c_str(), S_IRUSR | S_IWUSR), 0);
  ASSERT_EQ(::mkfifo((data() / "live-000000000007.journal").c_str(), S_IRUSR | S_IWUSR), 0);
  const Store store(settings());
  for (std::uint64_t n = 1; n <= 2; ++n) EXPECT_TRUE(store.trace(test_trace_id(n))) << n;
}

TEST_F(StoreDamageTest, files_with_the_same_sequence_keep_their_own_traces) {
  fill();
  const auto names = files(".db");
  for (const auto& file : names) {
    Database(file, Database::Mode::existing).execute("UPDATE info SET sequence = 1");
  }
  {
    Store store(settings());
    put_on_disk(store, {segment_text(test_trace_id(1), 2), segment_text(test_trace_id(2), 2)});
    for (std::uint64_t n = 1; n <= 2; ++n) {
      EXPECT_EQ(store.trace(test_trace_id(n))->documents.size(), 2U) << n;
    }
  }
  for (const auto& file : names) {
    EXPECT_EQ(Database(file, Database::Mode::existing).integer("SELECT count(*) FROM trace"), 1);
  }
}

TEST_F(StoreDamageTest, a_journal_that_cannot_be_read_stays_where_it_is) {
  fill();
  const auto journal = data() / "live-000000000007.journal";
  std::filesystem::create_directory(journal);
  Store store(settings());
  put(store, {segment_text(test_trace_id(3), 1)});
  EXPECT_TRUE(store.trace(test_trace_id(3)));
  EXPECT_TRUE(std::filesystem::is_directory(journal));
}

TEST_F(StoreDamageTest, a_journal_with_a_name_that_is_not_ours_costs_no_document) {
  fill();
  for (const auto* number : {"18446744073709551615", "999999999999", "7"}) {
    std::ofstream(data() / ("live-" + std::string(number) + ".journal")) << "x";
  }
  {
    Store store(settings());
    for (std::uint64_t n = 3; n <= 5; ++n) put(store, {segment_text(test_trace_id(n), 1)});
  }
  const Store store(settings());
  for (std::uint64_t n = 3; n <= 5; ++n) EXPECT_TRUE(store.trace(test_trace_id(n))) << n;
}

TEST_F(StoreDamageTest, a_damaged_end_of_a_journal_costs_what_is_behind_the_damage) {
  {
    Store store(settings());
    for (std::uint64_t n = 1; n <= 3; ++n) put(store, {segment_text(test_trace_id(n), 1)});
  }
  const auto journal = StoreFixture::files("live-", ".journal").at(0);
  std::filesystem::resize_file(journal, std::filesystem::file_size(journal) - 1);
  {
    Store store(settings());
    EXPECT_TRUE(store.trace(test_trace_id(2)));
    EXPECT_FALSE(store.trace(test_trace_id(3)));
    put(store, {segment_text(test_trace_id(4), 1)});
  }
  overwrite(journal, 30, 4);
  Store store(settings());
  EXPECT_FALSE(store.trace(test_trace_id(1)));
  EXPECT_TRUE(store.trace(test_trace_id(4)));
  flush(store);
  EXPECT_TRUE(store.trace(test_trace_id(4)));
}

TEST_F(StoreDamageTest, a_file_that_is_no_journal_is_removed) {
  fill();
  std::ofstream(data() / "live-000000000007.journal") << std::string(100, 'Z');
  Store store(settings());
  EXPECT_TRUE(store.trace(test_trace_id(2)));
  EXPECT_TRUE(StoreFixture::files("live-", ".journal").empty());
  put(store, {segment_text(test_trace_id(3), 1)});
  EXPECT_TRUE(store.trace(test_trace_id(3)));
}

TEST_F(StoreDamageTest, documents_that_are_damaged_cost_their_file_only) {
  fill();
  const auto file = files(".db").at(0);
  Database(file, Database::Mode::existing).execute("UPDATE chunk SET body = zeroblob(100)");
  Store store(settings());
  EXPECT_FALSE(store.trace(test_trace_id(1)));
  EXPECT_TRUE(store.trace(test_trace_id(2)));
  // A late document of the damaged trace begins it anew.
  put_on_disk(store, {segment_text(test_trace_id(1), 2)});
  EXPECT_EQ(store.status().damaged, 1);
  EXPECT_EQ(store.trace(test_trace_id(1))->documents.size(), 1U);
}

TEST_F(StoreDamageTest, damage_met_by_a_late_document_loses_no_document) {
  fill();
  const auto file = files(".db").at(0);
  Database(file, Database::Mode::existing).execute("UPDATE chunk SET body = zeroblob(100)");
  Store store(settings());
  put_on_disk(store, {segment_text(test_trace_id(1), 2), segment_text(test_trace_id(3), 1)});
  EXPECT_TRUE(store.trace(test_trace_id(3)));
  EXPECT_EQ(store.trace(test_trace_id(1))->documents.size(), 1U);
  EXPECT_EQ(store.status().damaged, 1);
}

TEST_F(StoreDamageTest, a_file_whose_making_was_interrupted_is_removed) {
  fill();
  std::ofstream(data() / "traces-x-1.db").close();
  const Store store(settings());
  EXPECT_EQ(store.status().damaged, 0);
  EXPECT_FALSE(std::filesystem::exists(data() / "traces-x-1.db"));
}

TEST_F(StoreDamageTest, files_that_meta_does_not_list_are_taken_in) {
  fill();
  for (const auto* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(data() / ("meta.db" + std::string(suffix)));
  }
  const Store store(settings());
  EXPECT_TRUE(store.trace(test_trace_id(1)));
  EXPECT_TRUE(store.trace(test_trace_id(2)));
}

TEST_F(StoreDamageTest, listed_files_that_are_gone_are_forgotten) {
  fill();
  std::filesystem::remove(files(".db").at(0));
  const Store store(settings());
  EXPECT_FALSE(store.trace(test_trace_id(1)));
  EXPECT_TRUE(store.trace(test_trace_id(2)));
}

TEST_F(StoreDamageTest, a_file_that_was_removed_reads_as_empty) {
  const auto file = directory_.path() / "traces-x-1.db";
  const auto partition = Partition::create(file, {}, 1, now_ms_);
  partition->retire();
  remove_database(file);
  EXPECT_FALSE(partition->read([](TraceReader& reader) { return reader.trace(test_trace_id(1)); }));
}

TEST_F(StoreDamageTest, a_damaged_meta_file_is_one_clear_line) {
  fill();
  std::ofstream(data() / "meta.db") << std::string(20000, 'Z');
  const auto text = error_of_opening();
  EXPECT_THAT(text, HasSubstr("meta.db: file is not a database"));
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST_F(StoreDamageTest, a_meta_file_of_another_program_is_one_clear_line) {
  std::filesystem::create_directories(data());
  Database(data() / "meta.db", Database::Mode::create).execute("CREATE TABLE t(a)");
  EXPECT_THAT(error_of_opening(), HasSubstr("meta.db: not made by xrayd"));
}

TEST_F(StoreDamageTest, a_meta_file_of_a_later_version_is_one_clear_line) {
  fill();
  Database(data() / "meta.db", Database::Mode::existing).execute("PRAGMA user_version = 1000");
  EXPECT_THAT(error_of_opening(), HasSubstr("by a later version"));
}

TEST_F(StoreDamageTest, a_folder_that_cannot_be_made_is_one_clear_line) {
  std::ofstream(data()) << "a file";
  EXPECT_THAT(error_of_opening(), HasSubstr("data: the data directory can't be"));
}

TEST_F(StoreDamageTest, a_second_daemon_on_the_same_folder_is_refused) {
  const Store first(settings());
  EXPECT_THAT(error_of_opening(), HasSubstr("another xrayd is using this data directory"));
}

TEST_F(StoreDamageTest, files_set_aside_are_removed_when_they_are_too_old) {
  fill();
  overwrite(files(".db").at(0), 0, 200);
  const auto real_now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  now_ms_ = real_now_ms;
  Store store(settings());
  ASSERT_EQ(files(".damaged").size(), 1U);
  std::ofstream(files(".damaged").at(0).string() + "-wal") << "log";
  now_ms_ = real_now_ms + 59 * std::int64_t{60000};
  store.maintain();
  EXPECT_EQ(files(".damaged").size(), 1U);
  now_ms_ = real_now_ms + 62 * std::int64_t{60000};
  store.maintain();
  EXPECT_EQ(files(".damaged").size(), 0U);
  EXPECT_EQ(files(".damaged-wal").size(), 0U);
}

TEST_F(StoreDamageTest, what_lies_beside_files_set_aside_counts_too) {
  fill();
  overwrite(files(".db").at(0), 0, 200);
  Store store(settings());
  const auto before = store.status().bytes;
  const auto damaged = files(".damaged").at(0).string();
  std::ofstream(damaged + "-wal") << std::string(100000, 'x');
  std::ofstream(damaged + "-shm") << std::string(50000, 'x');
  store.maintain();
  EXPECT_GE(store.status().bytes, before + 150000);
}

}  // namespace
}  // namespace xrayd::local
