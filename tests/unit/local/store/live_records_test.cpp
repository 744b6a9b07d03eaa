// Records of live traces: which wait for one, what lists and sums are of meanwhile.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "local/live/live_traces.hpp"
#include "local/store/trace_merge.hpp"
#include "store_fixture.hpp"

namespace xrayd::local {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t minute = 7;

class LiveRecordsTest : public testing::Test {
 protected:
  using Ids = std::vector<std::uint64_t>;

  void add(const std::string& text, Promise promise = Promise::visible_at_once) {
    const std::string_view view = text;
    std::vector<SegmentDocument> documents;
    documents.push_back(document_of(text));
    live_.add(
        std::move(documents), journals_.append(0, {&view, 1}), minute * minute_ms, now_,
        [](const TraceId&) { return false; }, promise);
  }

  static LiveRecord made(const LiveTrace& trace) {
    return {compile(merge(trace, nullptr, {})), nullptr, minute};
  }
  void make(std::uint64_t n) {
    const auto trace = live_.find(test_trace_id(n));
    ASSERT_TRUE(trace);
    EXPECT_EQ(live_.keep(*trace, made(*trace)), Kept::yes);
  }

  static Ids ids_of(const std::vector<LiveTrace>& traces) {
    Ids ids;
    for (const auto& trace : traces) ids.push_back(trace.id.low());
    return ids;
  }
  Ids settled() { return ids_of(live_.settled(now_, {30ms, 150ms, 1000, 1000})); }
  Ids owed(std::size_t documents) { return ids_of(live_.owed(now_, {{}, 250ms, documents, 0})); }

  LiveList list(const std::optional<ListPosition>& after = {}, std::size_t limit = 1000) {
    return live_.list({-1e12, 1e12, after,
                       [](const TraceRecord& record) { return !record.outcome.fault; }, limit});
  }
  Ids listed() {
    Ids ids;
    for (const auto& row : list().rows) ids.push_back(row.position.id.low());
    return ids;
  }

  GraphSum sum() {
    GraphSum sum;
    live_.add_sums(minute, minute + 1, [&sum](std::int64_t) -> GraphSum& { return sum; });
    return sum;
  }
  static std::int64_t calls(const GraphSum& sum, std::string_view name = "shop") {
    std::int64_t total = 0;
    for (const auto& [key, node] : sum.nodes()) {
      if (key.name == name && key.type != "client") total += node.statistics.total();
    }
    return total;
  }

  // As if a file had all that is live at this moment.
  void store(const LiveTrace& trace) {
    const StoredMoment moment{&trace, made(trace).record, minute};
    live_.stored({&moment, 1}, now_);
  }

  TemporaryDirectory directory_;
  Journals journals_{directory_.path(), 1};
  LiveTraces live_{{}, journals_};
  LiveTraces::Clock::time_point now_ = LiveTraces::Clock::time_point() + 1h;
};

TEST_F(LiveRecordsTest, quiet_traces_are_settled_and_so_are_those_that_waited_long) {
  add(segment_text(test_trace_id(1), 1));
  now_ += 20ms;
  add(segment_text(test_trace_id(2), 1));
  EXPECT_EQ(settled(), Ids{});
  now_ += 10ms;
  EXPECT_EQ(settled(), Ids{1});
  make(1);
  now_ += 20ms;
  EXPECT_EQ(settled(), Ids{2});
  for (EntityId id = 10; id < 17; ++id) {
    add(subsegment_text(test_trace_id(2), id, 1));
    EXPECT_EQ(settled(), id < 16 ? Ids{} : Ids{2}) << id;
    now_ += 20ms;
  }
}

TEST_F(LiveRecordsTest, who_asks_is_owed_what_was_promised_and_what_waited_long) {
  add(segment_text(test_trace_id(1), 1), Promise::visible_soon);
  add(segment_text(test_trace_id(2), 1));
  add(segment_text(test_trace_id(3), 1), Promise::visible_soon);
  EXPECT_EQ(owed(0), Ids{2});
  EXPECT_EQ(owed(1), (Ids{1, 2}));
  EXPECT_EQ(owed(100), (Ids{1, 2, 3}));
  now_ += 250ms;
  EXPECT_EQ(owed(0), (Ids{1, 2, 3}));
  // What came to one that waits already is promised too, also if it came before.
  now_ -= 250ms;
  add(segment_text(test_trace_id(3), 1));
  EXPECT_EQ(owed(0), (Ids{2, 3}));
  for (const std::uint64_t n : {1U, 2U, 3U}) make(n);
  EXPECT_EQ(owed(100), Ids{});
}

TEST_F(LiveRecordsTest, lists_and_sums_have_the_last_record_while_a_trace_waits_for_the_next) {
  add(segment_text(test_trace_id(1), 1));
  EXPECT_EQ(listed(), Ids{});
  EXPECT_EQ(calls(sum()), 0);
  make(1);
  const auto record = list().rows.at(0).record;
  EXPECT_EQ(live_.find(test_trace_id(1))->record, record);
  add(segment_text(test_trace_id(1), 2));
  EXPECT_EQ(live_.find(test_trace_id(1))->record, nullptr);
  EXPECT_EQ(list().rows.at(0).record, record);
  EXPECT_EQ(calls(sum()), 1);
  make(1);
  EXPECT_EQ(listed(), Ids{1});
  EXPECT_EQ(calls(sum()), 2);
}

TEST_F(LiveRecordsTest, the_record_of_an_earlier_moment_counts_but_not_as_the_last) {
  add(segment_text(test_trace_id(1), 1));
  const auto earlier = *live_.find(test_trace_id(1));
  add(segment_text(test_trace_id(1), 2));
  EXPECT_EQ(live_.keep(earlier, made(earlier)), Kept::yes);
  EXPECT_EQ(calls(sum()), 1);
  EXPECT_EQ(owed(100), Ids{1});
  make(1);
  EXPECT_EQ(live_.keep(earlier, made(earlier)), Kept::needless);
  EXPECT_EQ(calls(sum()), 2);
}

TEST_F(LiveRecordsTest, a_node_that_a_later_document_explains_is_not_left_behind) {
  const auto trace = test_trace_id(1);
  // Another trace of the same minute, so that its sum isn't thrown away.
  add(segment_text(test_trace_id(2), 1));
  make(2);
  add(segment_text(
      trace, 1,
      R"(,"subsegments":[{"id":"00000000000000aa","name":"till","namespace":"remote","start_time":)" +
          std::to_string(test_time) + R"(.5,"end_time":)" + std::to_string(test_time) + ".75}]"));
  make(1);
  EXPECT_TRUE(sum().node({"till", "remote", ""}));
  add(R"({"name":"till","origin":"AWS::EC2::Instance","id":"00000000000000bb","parent_id":"00000000000000aa","trace_id":")" +
      trace.to_string() + R"(","start_time":)" + std::to_string(test_time) + R"(.5,"end_time":)" +
      std::to_string(test_time) + ".75}");
  make(1);
  const auto now = sum();
  EXPECT_FALSE(now.node({"till", "remote", ""}));
  EXPECT_EQ(calls(now, "till"), 1);
  EXPECT_EQ(calls(now), 2);
  for (const auto& [key, edge] : now.edges()) EXPECT_NE(key.target.type, "remote");
}

TEST_F(LiveRecordsTest, what_is_stored_leaves_lists_and_sums) {
  add(segment_text(test_trace_id(1), 1));
  add(segment_text(test_trace_id(2), 1));
  make(1);
  make(2);
  store(*live_.find(test_trace_id(1)));
  EXPECT_EQ(listed(), Ids{2});
  EXPECT_EQ(calls(sum()), 1);
  live_.clear();
  EXPECT_EQ(listed(), Ids{});
  EXPECT_TRUE(sum().empty());
  EXPECT_EQ(owed(100), Ids{});
}

TEST_F(LiveRecordsTest, of_a_trace_whose_documents_came_late_only_what_is_new_is_added) {
  add(segment_text(test_trace_id(1), 1));
  const auto writing = *live_.find(test_trace_id(1));
  add(segment_text(test_trace_id(1), 2));
  make(1);
  store(writing);
  // The file's sum has the first segment.
  GraphSum files;
  files.add(*made(writing).record);
  live_.add_sums(minute, minute + 1, [&files](std::int64_t) -> GraphSum& { return files; });
  EXPECT_EQ(calls(files), 2);
  EXPECT_EQ(listed(), Ids{1});
  EXPECT_EQ(list().late.size(), 1U);
}

TEST_F(LiveRecordsTest, a_record_made_without_what_the_files_have_now_is_refused) {
  add(segment_text(test_trace_id(1), 1));
  const auto writing = *live_.find(test_trace_id(1));
  make(1);
  add(segment_text(test_trace_id(1), 2));
  const auto later = *live_.find(test_trace_id(1));
  store(writing);
  EXPECT_EQ(live_.keep(later, made(later)), Kept::outdated);
  // Until one is made the file tells what it has.
  EXPECT_EQ(listed(), Ids{});
  EXPECT_TRUE(list().late.empty());
  EXPECT_EQ(owed(0), Ids{1});
}

TEST_F(LiveRecordsTest, records_are_made_anew_where_a_file_is_gone) {
  add(segment_text(test_trace_id(1), 1));
  const auto writing = *live_.find(test_trace_id(1));
  add(segment_text(test_trace_id(1), 2));
  make(1);
  store(writing);
  live_.forget_files();
  EXPECT_EQ(owed(0), Ids{1});
  EXPECT_TRUE(sum().empty());
}

TEST_F(LiveRecordsTest, lists_go_from_the_newest_to_the_oldest_in_pages) {
  const std::vector<std::uint64_t> order = {5, 2, 9, 1, 7, 3, 8, 6, 4};
  for (const auto n : order) {
    add(segment_text(test_trace_id(n), 1, n == 6 ? R"(,"fault":true)" : ""));
    make(n);
  }
  EXPECT_EQ(listed(), (Ids{9, 8, 7, 5, 4, 3, 2, 1}));
  Ids paged;
  std::optional<ListPosition> after;
  for (;;) {
    const auto page = list(after, 3);
    if (page.rows.empty()) break;
    EXPECT_LE(page.rows.size(), 3U);
    for (const auto& row : page.rows) paged.push_back(row.position.id.low());
    after = page.rows.back().position;
  }
  EXPECT_EQ(paged, listed());
  const auto none =
      live_.list({0, test_time, std::nullopt, [](const TraceRecord&) { return true; }, 1000});
  EXPECT_TRUE(none.rows.empty());
}

}  // namespace
}  // namespace xrayd::local
