#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "local/store.hpp"
#include "startup_error.hpp"
#include "temporary_directory.hpp"
#include "test_documents.hpp"

namespace xrayd::local {
namespace {

using testing::HasSubstr;

class StoreDamageTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path data() const { return directory_.path() / "data"; }

  StoreSettings settings() {
    return {data(), std::uint64_t{64} << 20U, std::chrono::hours(1), [this] { return now_ms_; }};
  }

  static void put(Store& store, std::vector<std::string> texts) {
    std::vector<TraceBatch> batches;
    batches.push_back(batch_of(std::move(texts)));
    WriteCounts counts;
    store.write(batches, counts);
  }

  // Two files: one with trace 1, one with trace 2.
  void fill() {
    Store store(settings());
    put(store, {segment_text(test_trace_id(1), 1)});
    now_ms_ += 600000;
    put(store, {segment_text(test_trace_id(2), 1)});
  }

  [[nodiscard]] std::vector<std::filesystem::path> files(std::string_view extension) const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(data())) {
      const auto name = entry.path().filename().string();
      if (name.starts_with("traces-") && name.ends_with(extension)) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
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

  TemporaryDirectory directory_;
  std::int64_t now_ms_ = 1700000000000;
};

TEST_F(StoreDamageTest, a_file_that_is_no_database_any_more_is_set_aside_and_the_rest_works) {
  fill();
  overwrite(files(".db").at(0), 0, 200);
  Store store(settings());
  EXPECT_FALSE(store.trace(test_trace_id(1)));
  EXPECT_TRUE(store.trace(test_trace_id(2)));
  EXPECT_EQ(store.status().damaged, 1);
  EXPECT_EQ(files(".damaged").size(), 1U);
  put(store, {segment_text(test_trace_id(3), 1)});
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
  put(store, {segment_text(test_trace_id(3), 1)});
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
  const auto partition = Partition::create(file, 100, now_ms_);
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
  std::ofstream(directory_.path() / "data") << "a file";
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
