// The whole store, page by page.
#include <gmock/gmock.h>

#include <map>

#include "store_fixture.hpp"

namespace xrayd::local {
namespace {

class ExportTest : public StoreFixture {
 protected:
  using Documents = std::map<std::uint64_t, std::vector<std::string>>;

  /// By the lower half of the traces' ids; pages of at most `max_bytes`, and how many there were.
  static Documents all_of(const Store& store, Store::ExportQuery query = {},
                          std::size_t* pages = nullptr) {
    Documents found;
    for (std::size_t page_count = 1;; ++page_count) {
      auto page = store.export_page(query);
      for (auto& trace : page.traces) {
        found.try_emplace(trace.id.low(), std::move(trace.documents));
      }
      if (pages != nullptr) *pages = page_count;
      if (!page.next) return found;
      query.after = *page.next;
    }
  }
};

TEST_F(ExportTest, has_every_document_as_it_came_wherever_it_is) {
  Store store(settings());
  const auto first = segment_text(test_trace_id(1), 1, R"( , "user" : "a")");
  const auto orphan = subsegment_text(test_trace_id(2), 1, 7);
  const auto early = segment_text(test_trace_id(3), 1);
  const auto late = subsegment_text(test_trace_id(3), 2, 1);
  const auto live = open_segment_text(test_trace_id(4), 1);
  put_on_disk(store, {first});
  now_ms_ += 10 * minute_ms;
  put_on_disk(store, {orphan, early});
  put(store, {late, live});
  const Documents wanted{{1, {first}}, {2, {orphan}}, {3, {early, late}}, {4, {live}}};
  EXPECT_EQ(all_of(store), wanted);
}

TEST_F(ExportTest, an_empty_store_is_one_empty_page) {
  const Store store(settings());
  const auto page = store.export_page({});
  EXPECT_TRUE(page.traces.empty());
  EXPECT_FALSE(page.next);
}

TEST_F(ExportTest, pages_of_a_byte_have_a_trace_each_and_together_all) {
  Store store(settings());
  std::vector<std::string> texts;
  for (std::uint64_t n = 1; n <= 300; ++n) texts.push_back(segment_text(test_trace_id(n), 1));
  put_on_disk(store, texts);
  texts.clear();
  for (std::uint64_t n = 301; n <= 400; ++n) texts.push_back(segment_text(test_trace_id(n), 1));
  put(store, texts);
  Store::ExportQuery query;
  query.max_bytes = 1;
  std::size_t pages = 0;
  EXPECT_EQ(all_of(store, query, &pages).size(), 400U);
  EXPECT_EQ(pages, 400U);
}

TEST_F(ExportTest, a_page_whose_time_is_over_still_goes_on) {
  Store store(settings());
  put_on_disk(store, {segment_text(test_trace_id(1), 1), segment_text(test_trace_id(2), 1)});
  put(store, {segment_text(test_trace_id(3), 1), segment_text(test_trace_id(4), 1)});
  Store::ExportQuery query;
  query.deadline = std::chrono::steady_clock::time_point::min();
  EXPECT_EQ(all_of(store, query).size(), 4U);
}

TEST_F(ExportTest, has_only_traces_that_are_wanted_by_their_records) {
  Store store(settings());
  const std::string fault = R"(,"fault":true)";
  put_on_disk(store, {segment_text(test_trace_id(1), 1), segment_text(test_trace_id(2), 1, fault)});
  put(store, {segment_text(test_trace_id(3), 1), segment_text(test_trace_id(4), 1, fault)});
  Store::ExportQuery query;
  query.max_bytes = 1;
  query.wanted = [](const TraceId& id, const TraceRecord& record) {
    EXPECT_EQ(id, record.id);
    return record.outcome.fault;
  };
  const auto found = all_of(store, query);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_TRUE(found.contains(2));
  EXPECT_TRUE(found.contains(4));
}

TEST_F(ExportTest, what_moves_to_the_disk_between_two_pages_is_not_missed) {
  Store store(settings());
  put_on_disk(store, {segment_text(test_trace_id(1), 1)});
  put(store, {segment_text(test_trace_id(2), 1), segment_text(test_trace_id(3), 1)});
  Store::ExportQuery query;
  query.max_bytes = 1;
  const auto page = store.export_page(query);
  ASSERT_EQ(page.traces.size(), 1U);
  ASSERT_TRUE(page.next);
  flush(store);
  query.after = *page.next;
  auto found = all_of(store, query);
  found.try_emplace(page.traces[0].id.low(), page.traces[0].documents);
  EXPECT_EQ(found.size(), 3U);
}

TEST_F(ExportTest, a_file_that_goes_meanwhile_takes_its_traces_along_and_nothing_else) {
  Store store(settings());
  put_on_disk(store, {segment_text(test_trace_id(1), 1), segment_text(test_trace_id(2), 1)});
  Store::ExportQuery query;
  query.max_bytes = 1;
  const auto page = store.export_page(query);
  ASSERT_TRUE(page.next);
  store.clear();
  put_on_disk(store, {segment_text(test_trace_id(3), 1)});
  query.after = *page.next;
  const auto found = all_of(store, query);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found.contains(3));
}

}  // namespace
}  // namespace xrayd::local
