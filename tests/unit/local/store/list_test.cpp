// Lists of traces: their order, pages, ranges and filters, in memory and on disk.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store_fixture.hpp"

namespace xrayd::local {
namespace {

class ListTest : public StoreFixture {
 protected:
  // Traces a second apart: every fourth in one of two files, live, or live beside its file.
  void fill(Store& store, std::uint64_t traces) {
    std::vector<std::string> kinds[4];
    for (std::uint64_t n = 0; n < traces; ++n)
      kinds[n % 4].push_back(segment_text(id(n), 1, more(n)));
    put_on_disk(store, kinds[0]);
    put_on_disk(store, kinds[3]);
    now_ms_ += 10 * minute_ms;
    put_on_disk(store, kinds[1]);
    ASSERT_EQ(store.status().partitions, 2);
    put(store, kinds[2]);
    for (std::uint64_t n = 3; n < traces; n += 4) put(store, {subsegment_text(id(n), 2, 1)});
  }

  static TraceId id(std::uint64_t n) {
    return {(static_cast<std::uint64_t>(test_time) + n) << 32U, n};
  }
  static std::string more(std::uint64_t n) {
    return R"(,"user":"u)" + std::to_string(n) + R"(","annotations":{"even":)" +
           (n % 2 == 0 ? "true" : "false") + R"(,"fifth":)" + std::to_string(n % 5) + "}";
  }

  static std::vector<std::uint64_t> paged(const Store& store, RecordQuery query) {
    std::vector<std::uint64_t> seen;
    for (int pages = 0; pages < 1000; ++pages) {
      const auto page = store.records(query);
      for (const auto& record : page.records) seen.push_back(record.id.low());
      if (!page.next) return seen;
      query.after = page.next;
    }
    ADD_FAILURE() << "no last page";
    return seen;
  }

  static Filter filter(const char* expression) {
    return std::get<Filter>(Filter::parse(expression, {}));
  }
};

std::vector<std::uint64_t> down_from(std::uint64_t n) {
  std::vector<std::uint64_t> numbers;
  while (n > 0) numbers.push_back(--n);
  return numbers;
}

TEST_F(ListTest, traces_come_newest_first_in_pages_of_any_size) {
  Store store(settings());
  fill(store, 60);
  for (const std::size_t matches : {1U, 7U, 59U, 60U, 1000U}) {
    auto query = everything();
    query.matches = matches;
    EXPECT_EQ(paged(store, query), down_from(60)) << matches;
  }
  for (const std::size_t scanned : {1U, 7U, 60U}) {
    auto query = everything();
    query.scanned = scanned;
    EXPECT_EQ(paged(store, query), down_from(60)) << scanned;
  }
}

TEST_F(ListTest, traces_that_are_all_in_memory_come_in_pages_too) {
  Store store(settings());
  // Not in their order.
  for (std::uint64_t n = 0; n < 50; ++n) put(store, {segment_text(id(n * 7 % 50), 1, more(n))});
  for (const std::size_t matches : {1U, 7U, 50U, 1000U}) {
    auto query = everything();
    query.matches = matches;
    EXPECT_EQ(paged(store, query), down_from(50)) << matches;
    query.scanned = 3;
    EXPECT_EQ(paged(store, query), down_from(50)) << matches;
    query.filter = filter(R"(user = "u3")");
    EXPECT_EQ(paged(store, query), std::vector<std::uint64_t>{21}) << matches;
  }
}

TEST_F(ListTest, a_deadline_in_the_past_still_gets_on) {
  Store store(settings());
  fill(store, 20);
  auto query = everything();
  query.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  EXPECT_EQ(paged(store, query), down_from(20));
  query.filter = filter(R"(user = "u3")");
  EXPECT_EQ(paged(store, query), std::vector<std::uint64_t>{3});
}

TEST_F(ListTest, a_page_says_how_many_it_looked_at) {
  Store store(settings());
  fill(store, 40);
  auto query = everything();
  query.filter = filter("duration > 100");
  EXPECT_EQ(store.records(query).scanned, 40U);
  EXPECT_TRUE(store.records(query).records.empty());
  query.scanned = 13;
  const auto page = store.records(query);
  EXPECT_EQ(page.scanned, 13U);
  EXPECT_TRUE(page.next);
}

TEST_F(ListTest, filters_find_the_same_whatever_index_helps) {
  Store store(settings());
  fill(store, 100);
  struct Case {
    const char* expression;
    std::size_t matches;
  };
  for (const auto& [expression, matches] : {Case{R"(user = "u41")", 1},
                                            {R"(user = "nobody")", 0},
                                            {"annotation.even = true", 50},
                                            {"annotation.fifth = 3", 20},
                                            {"annotation.even = true AND annotation.fifth = 3", 10},
                                            {R"(service("shop"))", 100},
                                            {R"(service("shop") AND user = "u7")", 1},
                                            {R"(user = "u7" OR user = "u8")", 2},
                                            {R"(!(annotation.fifth = 3))", 80},
                                            {"fault", 0},
                                            {"ok", 100}}) {
    auto query = everything();
    query.filter = filter(expression);
    EXPECT_EQ(paged(store, query).size(), matches) << expression;
    query.matches = 3;
    EXPECT_EQ(paged(store, query).size(), matches) << expression;
  }
}

TEST_F(ListTest, files_with_many_records_tell_all_of_them_also_when_opened_again) {
  constexpr std::uint64_t traces = 900;
  {
    Store store(settings());
    for (std::uint64_t n = 0; n < traces; ++n) {
      put(store, {segment_text(id(n), 1, more(n))});
      if (n % 100 == 0) flush(store);
    }
    flush(store);
    // Some of those that are compressed, and some that aren't, change.
    for (std::uint64_t n = 0; n < traces; n += 10) put(store, {subsegment_text(id(n), 2, 1)});
    flush(store);
  }
  Store store(settings());
  for (int round = 0; round < 2; ++round) {
    auto query = everything();
    EXPECT_EQ(paged(store, query), down_from(traces));
    query.filter = filter(R"(user = "u850")");
    EXPECT_EQ(paged(store, query), std::vector<std::uint64_t>{850});
    EXPECT_EQ(store.record(id(890))->revision, 2 + round);
    EXPECT_EQ(store.record(id(891))->revision, 1);
    put_on_disk(store, {subsegment_text(id(890), 3, 1)});
  }
}

TEST_F(ListTest, a_share_is_always_of_the_same_traces) {
  Store store(settings());
  fill(store, 200);
  auto query = everything();
  query.share = 0.3;
  const auto some = paged(store, query);
  EXPECT_GT(some.size(), 20U);
  EXPECT_LT(some.size(), 120U);
  query.matches = 5;
  EXPECT_EQ(paged(store, query), some);
  flush(store);
  EXPECT_EQ(paged(store, query), some);
  query.share = 0;
  EXPECT_TRUE(paged(store, query).empty());
}

TEST_F(ListTest, ranges_look_at_the_time_that_they_are_named_after) {
  Store store(settings());
  // In the id 1700000000; begins at .25, ends at 1700000001.25.
  put(store, {segment_text(test_trace_id(1), 1)});
  for (int round = 0; round < 2; ++round) {
    const auto in = [&](TimeRange range, double start, double end) {
      RecordQuery query;
      query.start = start;
      query.end = end;
      query.range = range;
      return listed(store, query).size();
    };
    EXPECT_EQ(in(TimeRange::trace_id, 1700000000, 1700000001), 1U);
    EXPECT_EQ(in(TimeRange::trace_id, 1699999999, 1700000000), 0U);
    EXPECT_EQ(in(TimeRange::trace_id, 1700000000.5, 1700000002), 0U);
    EXPECT_EQ(in(TimeRange::event, 1700000001, 1700000005), 1U);
    EXPECT_EQ(in(TimeRange::event, 1700000002, 1700000005), 0U);
    EXPECT_EQ(in(TimeRange::service, 1700000001, 1700000002), 1U);
    EXPECT_EQ(in(TimeRange::service, 1700000000, 1700000001), 0U);
    flush(store);
  }
}

// One trace that lasts long makes a range of its file's traces that may have been active then.
TEST_F(ListTest, pages_of_other_times_end_at_the_deadline_however_many_traces_are_in_the_way) {
  Store store(settings());
  const auto begin = std::to_string(test_time);
  std::vector<std::string> texts = {R"({"name":"long","id":"0000000000000001","trace_id":")" +
                                    id(0).to_string() + R"(","start_time":)" + begin +
                                    R"(,"end_time":)" + std::to_string(test_time + 5000) + "}"};
  for (std::uint64_t n = 1; n < 300; ++n) texts.push_back(segment_text(id(n), 1));
  put_on_disk(store, texts);
  for (const auto range : {TimeRange::event, TimeRange::service}) {
    RecordQuery query;
    query.start = test_time + 4999;
    query.end = test_time + 5001;
    query.range = range;
    query.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    const auto page = store.records(query);
    EXPECT_TRUE(page.records.empty());
    EXPECT_TRUE(page.next);
    EXPECT_EQ(paged(store, query), std::vector<std::uint64_t>{0});
  }
}

TEST_F(ListTest, a_trace_that_moves_to_disk_between_pages_keeps_its_place) {
  Store store(settings());
  fill(store, 40);
  auto query = everything();
  query.matches = 10;
  std::vector<std::uint64_t> seen;
  for (;;) {
    const auto page = store.records(query);
    for (const auto& record : page.records) seen.push_back(record.id.low());
    if (!page.next) break;
    query.after = page.next;
    flush(store);
  }
  EXPECT_EQ(seen, down_from(40));
}

}  // namespace
}  // namespace xrayd::local
