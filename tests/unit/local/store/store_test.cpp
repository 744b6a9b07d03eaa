#include "local/store/store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "store_fixture.hpp"

namespace xrayd::local {
namespace {

class StoreTest : public StoreFixture {};

TEST_F(StoreTest, what_is_on_disk_is_there_after_reopening) {
  {
    Store store(settings());
    put_on_disk(store,
                {segment_text(test_trace_id(1), 1), subsegment_text(test_trace_id(1), 2, 1)});
    EXPECT_TRUE(files("live-", ".journal").size() <= 1);
  }
  EXPECT_TRUE(files("live-", ".journal").empty());
  const Store store(settings());
  const auto trace = store.trace(test_trace_id(1));
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->documents.size(), 2U);
  EXPECT_EQ(trace->documents[0], segment_text(test_trace_id(1), 1));
  EXPECT_EQ(count(store), 1U);
  EXPECT_EQ(store.status().traces, 1);
  EXPECT_FALSE(store.trace(test_trace_id(2)));
  EXPECT_FALSE(store.record(test_trace_id(2)));
}

TEST_F(StoreTest, what_is_in_memory_only_is_there_after_reopening) {
  {
    Store store(settings());
    put(store, {segment_text(test_trace_id(1), 1)});
    put(store, {subsegment_text(test_trace_id(1), 2, 1), segment_text(test_trace_id(2), 1)});
    EXPECT_EQ(store.status().live_traces, 2);
  }
  Store store(settings());
  EXPECT_EQ(store.trace(test_trace_id(1))->documents.size(), 2U);
  EXPECT_EQ(count(store), 2U);
  flush(store);
  EXPECT_EQ(store.status().live_traces, 0);
  EXPECT_TRUE(files("live-", ".journal").size() <= 1);
  EXPECT_EQ(store.trace(test_trace_id(1))->documents.size(), 2U);
  EXPECT_EQ(store.trace(test_trace_id(1))->revision, 1);
  EXPECT_EQ(count(store), 2U);
}

TEST_F(StoreTest, what_a_journal_has_once_more_changes_nothing) {
  const auto trace = test_trace_id(1);
  std::filesystem::path journal;
  {
    Store store(settings());
    put(store, {segment_text(trace, 1), open_segment_text(trace, 2)});
    journal = files("live-", ".journal").at(0);
    std::filesystem::copy_file(journal, directory_.path() / "copy");
    flush(store);
  }
  std::filesystem::copy_file(directory_.path() / "copy", journal);
  Store store(settings());
  EXPECT_EQ(store.trace(trace)->revision, 1);
  const auto counts = flush(store);
  EXPECT_EQ(counts.duplicates, 2);
  EXPECT_EQ(counts.stored + counts.replaced, 0);
  EXPECT_EQ(store.trace(trace)->revision, 1);
  EXPECT_EQ(store.trace(trace)->documents.size(), 2U);
  EXPECT_EQ(store.status().traces, 1);
}

// Each promise both for documents that meet in memory and for those that meet on disk.
class MeetingTest : public StoreFixture, public testing::WithParamInterface<bool> {
 protected:
  WriteCounts place(Store& store, const std::vector<std::string>& texts) {
    return GetParam() ? put_on_disk(store, texts) : put(store, texts);
  }
};

TEST_P(MeetingTest, duplicates_are_ignored_and_in_progress_is_replaced) {
  const auto trace = test_trace_id(1);
  Store store(settings());
  EXPECT_EQ(place(store, {open_segment_text(trace, 1)}).stored, 1);
  EXPECT_EQ(store.trace(trace)->revision, 1);
  EXPECT_TRUE(store.record(trace)->partial);
  EXPECT_EQ(place(store, {segment_text(trace, 1)}).replaced, 1);
  EXPECT_EQ(store.trace(trace)->revision, 2);
  EXPECT_EQ(store.record(trace)->revision, 2);
  EXPECT_FALSE(store.record(trace)->partial);
  const auto counts =
      place(store, {segment_text(trace, 1, R"(,"user":"late")"), open_segment_text(trace, 1)});
  EXPECT_EQ(counts.duplicates, 2);
  EXPECT_EQ(counts.stored + counts.replaced, 0);
  const auto stored = store.trace(trace);
  EXPECT_EQ(stored->revision, 2);
  ASSERT_EQ(stored->documents.size(), 1U);
  EXPECT_EQ(stored->documents[0], segment_text(trace, 1));
}

TEST_P(MeetingTest, a_trace_without_a_segment_is_not_listed_until_one_comes) {
  Store store(settings());
  place(store, {subsegment_text(test_trace_id(1), 2, 1)});
  EXPECT_EQ(count(store), 0U);
  EXPECT_TRUE(store.trace(test_trace_id(1)));
  place(store, {segment_text(test_trace_id(1), 1)});
  EXPECT_EQ(count(store), 1U);
  EXPECT_EQ(store.trace(test_trace_id(1))->documents.size(), 2U);
}

TEST_P(MeetingTest, a_trace_stops_growing_at_its_limit_and_says_so) {
  Store store(settings());
  const auto trace = test_trace_id(1);
  WriteCounts counts;
  for (EntityId id = 1; id <= 6; ++id) {
    counts += place(store, {segment_text(trace, id, ballast(900000))});
  }
  EXPECT_EQ(counts.stored, 4);
  EXPECT_EQ(counts.trace_full, 2);
  EXPECT_TRUE(store.trace(trace)->limit_exceeded);
  EXPECT_TRUE(store.record(trace)->limit_exceeded);
  // Small enough for what is left, but the trace is closed; also for what came before.
  EXPECT_EQ(place(store, {segment_text(trace, 7), segment_text(trace, 1)}).trace_full, 2);
  EXPECT_EQ(store.trace(trace)->documents.size(), 4U);
}

TEST_P(MeetingTest, what_is_found_grows_with_the_trace) {
  const auto trace = test_trace_id(1);
  Store store(settings());
  place(store, {segment_text(trace, 1, R"(,"annotations":{"customer":"c1"})")});
  put(store, {segment_text(trace, 2, R"(,"annotations":{"order":"o1"})")});
  const auto found = [&](const char* expression) {
    auto query = everything();
    query.filter = std::get<Filter>(Filter::parse(expression, {}));
    return listed(store, query).size();
  };
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(found(R"(annotation.customer = "c1")"), 1U);
    EXPECT_EQ(found(R"(annotation.order = "o1")"), 1U);
    EXPECT_EQ(found(R"(annotation.customer = "c1" AND annotation.order = "o1")"), 1U);
    EXPECT_EQ(found(R"(annotation.order = "o2")"), 0U);
    flush(store);
  }
}

INSTANTIATE_TEST_SUITE_P(, MeetingTest, testing::Bool(),
                         [](const auto& suite) { return suite.param ? "on_disk" : "in_memory"; });

TEST_F(StoreTest, a_late_document_joins_its_trace_before_it_is_on_disk) {
  const auto trace = test_trace_id(1);
  Store store(settings());
  put_on_disk(store, {segment_text(trace, 1)});
  EXPECT_EQ(put(store, {subsegment_text(trace, 2, 1)}).stored, 0);  // the file has the last word
  EXPECT_EQ(store.trace(trace)->documents.size(), 2U);
  EXPECT_EQ(store.trace(trace)->revision, 2);
  EXPECT_EQ(store.record(trace)->revision, 2);
  EXPECT_EQ(count(store), 1U);
  EXPECT_EQ(flush(store).stored, 1);
  EXPECT_EQ(store.trace(trace)->documents.size(), 2U);
  EXPECT_EQ(store.trace(trace)->revision, 2);
  EXPECT_EQ(count(store), 1U);
  EXPECT_EQ(store.status().traces, 1);
}

TEST_F(StoreTest, a_late_document_goes_to_the_file_that_has_its_trace) {
  Store store(settings());
  put_on_disk(store, {segment_text(test_trace_id(1), 1)});
  now_ms_ += 10 * minute_ms;  // a sixteenth of an hour has passed
  put_on_disk(store, {segment_text(test_trace_id(2), 1)});
  ASSERT_EQ(store.status().partitions, 2);
  put_on_disk(store, {subsegment_text(test_trace_id(1), 2, 1)});
  EXPECT_EQ(store.trace(test_trace_id(1))->documents.size(), 2U);
  EXPECT_EQ(count(store), 2U);
  EXPECT_EQ(store.status().traces, 2);
  store.maintain();
  put_on_disk(store, {subsegment_text(test_trace_id(1), 3, 1)});
  EXPECT_EQ(store.trace(test_trace_id(1))->documents.size(), 3U);
}

TEST_F(StoreTest, documents_of_many_traces_come_back_as_they_were) {
  Store store(settings());
  constexpr std::uint64_t traces = 300;
  std::vector<std::string> texts;
  for (std::uint64_t n = 0; n < traces; ++n) {
    const std::size_t size = n % 7 == 0 ? 200000 : 100 * (n % 13);
    texts.push_back(segment_text(test_trace_id(n), n + 1, ballast(size)));
  }
  put_on_disk(store, texts);
  for (std::uint64_t n = 0; n < traces; ++n) {
    const auto trace = store.trace(test_trace_id(n));
    ASSERT_TRUE(trace) << n;
    ASSERT_EQ(trace->documents, std::vector<std::string>{texts[n]}) << n;
  }
}

TEST_F(StoreTest, a_large_trace_of_many_documents_keeps_all_of_them) {
  Store store(settings());
  const auto trace = test_trace_id(1);
  std::vector<std::string> texts{segment_text(trace, 1)};
  for (EntityId id = 2; id <= 3000; ++id) texts.push_back(subsegment_text(trace, id, 1));
  EXPECT_EQ(put_on_disk(store, texts).stored, 3000);
  EXPECT_EQ(store.trace(trace)->documents, texts);
  EXPECT_EQ(put_on_disk(store, texts).duplicates, 3000);
}

TEST_F(StoreTest, cleared_it_is_empty_and_takes_new_traces) {
  Store store(settings());
  put_on_disk(store, {segment_text(test_trace_id(1), 1)});
  put(store, {segment_text(test_trace_id(2), 1), segment_text(test_trace_id(1), 2)});
  store.clear();
  EXPECT_EQ(count(store), 0U);
  EXPECT_FALSE(store.trace(test_trace_id(1)));
  EXPECT_FALSE(store.trace(test_trace_id(2)));
  EXPECT_TRUE(store.graph(0, 1e12).empty());
  EXPECT_EQ(store.status().traces, 0);
  EXPECT_EQ(flush(store).stored, 0);
  put_on_disk(store, {segment_text(test_trace_id(1), 1)});
  EXPECT_EQ(store.trace(test_trace_id(1))->documents.size(), 1U);
  EXPECT_EQ(store.trace(test_trace_id(1))->revision, 1);
}

TEST_F(StoreTest, cleared_it_stays_so_after_reopening) {
  {
    Store store(settings());
    put_on_disk(store, {segment_text(test_trace_id(1), 1)});
    put(store, {segment_text(test_trace_id(2), 1)});
    store.clear();
  }
  EXPECT_EQ(count(Store(settings())), 0U);
}

TEST_F(StoreTest, the_folder_is_for_its_owners_eyes_only) {
  const Store store(settings());
  const auto permissions = std::filesystem::status(data()).permissions();
  EXPECT_EQ(permissions & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
            std::filesystem::perms::none);
}

TEST_F(StoreTest, a_folder_may_be_named_with_a_slash_at_its_end) {
  auto slashed = settings();
  slashed.data_dir = directory_.path() / "new" / "";
  {
    const Store store(slashed);
    const auto permissions = std::filesystem::status(directory_.path() / "new").permissions();
    EXPECT_EQ(permissions, std::filesystem::perms::owner_all);
  }
  const Store again(slashed);
}

}  // namespace
}  // namespace xrayd::local
