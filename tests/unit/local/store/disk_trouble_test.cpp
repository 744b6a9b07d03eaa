// A disk that takes nothing more: played by a limit on the size of files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "local/store/ingest.hpp"
#include "store_fixture.hpp"

namespace xrayd::local {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

class DiskTroubleTest : public StoreFixture {
 protected:
  static std::string large(std::uint64_t n) {
    return segment_text(test_trace_id(n), 1, ballast(50000));
  }
  static std::string store(Ingest& ingest, const std::vector<std::uint64_t>& numbers) {
    std::vector<SegmentDocument> documents;
    for (const auto n : numbers) documents.push_back(document_of(large(n)));
    return ingest.store(std::move(documents));
  }
  template <typename Condition>
  static bool comes_true(Condition&& condition) {
    for (int i = 0; i < 6000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }

  IngestCounters counters_;
};

TEST_F(DiskTroubleTest, of_journals_is_told_and_over_when_there_is_room_again) {
  Store opened(settings());
  Ingest ingest(opened, counters_, 16U << 20U);
  {
    const FileSizeLimit limit(20000);
    const auto failure = store(ingest, {1, 2, 3});
    EXPECT_THAT(failure, StartsWith("the store takes no writes: "));
    EXPECT_EQ(ingest.trouble(), failure);
    // Where the store lies is nobody's business but the log's.
    EXPECT_THAT(failure, Not(HasSubstr(directory_.path().string())));
    EXPECT_GE(counters_.commit_errors, 1);
    const auto text = large(4);
    const std::string_view body = text;
    ingest.offer({&body, 1});
    EXPECT_NE(store(ingest, {6}), "");
    // Reads go on.
    EXPECT_EQ(count(opened), 0U);
  }
  EXPECT_TRUE(comes_true([&] { return ingest.trouble().empty(); }));
  EXPECT_EQ(store(ingest, {5}), "");
  ingest.drain(60s);
  EXPECT_TRUE(opened.trace(test_trace_id(4)));
  // What was answered with an error doesn't turn up later.
  EXPECT_EQ(opened.status().traces, 2);
  EXPECT_EQ(counters_.dropped_store_failed, 4);
}

TEST_F(DiskTroubleTest, of_files_keeps_traces_in_memory_and_journals_until_it_is_over) {
  auto quick = settings();
  quick.live.quiet = 1ms;
  quick.live.patience = 1ms;
  {
    Store opened(quick);
    Ingest ingest(opened, counters_, 16U << 20U);
    {
      // Room for a journal, none for what SQLite adds to its log.
      const FileSizeLimit limit(70000);
      EXPECT_EQ(store(ingest, {1}), "");
      EXPECT_TRUE(comes_true([&] { return !ingest.trouble().empty(); }));
      EXPECT_THAT(ingest.trouble(), StartsWith("the store takes no writes: "));
      EXPECT_THAT(ingest.trouble(), Not(HasSubstr(directory_.path().string())));
      EXPECT_TRUE(opened.trace(test_trace_id(1)));
      EXPECT_EQ(count(opened), 1U);
    }
    EXPECT_TRUE(comes_true([&] { return ingest.trouble().empty(); }));
    EXPECT_TRUE(comes_true([&] { return opened.status().live_traces == 0; }));
    EXPECT_EQ(count(opened), 1U);
  }
  EXPECT_EQ(count(Store(settings())), 1U);
}

TEST_F(DiskTroubleTest, at_the_end_leaves_what_journals_have) {
  auto quick = settings();
  {
    Store opened(quick);
    Ingest ingest(opened, counters_, 16U << 20U);
    const FileSizeLimit limit(70000);
    EXPECT_EQ(store(ingest, {1}), "");
    ingest.drain(100ms);
  }
  Store again(settings());
  EXPECT_TRUE(again.trace(test_trace_id(1)));
  EXPECT_EQ(put_on_disk(again, {large(1)}).duplicates, 1);
}

}  // namespace
}  // namespace xrayd::local
