// The tail of traces.
#include "local/console/tail.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <variant>

#include "memory_traces.hpp"

namespace xrayd::local {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TailTest : public testing::Test {
 protected:
  void put(std::uint64_t n, double start, const std::string& more = "") {
    traces_.put(segment_document(memory_trace_id(n), ++ids_, "shop", start, start + 1, more));
  }
  /// What has changed since the last call.
  [[nodiscard]] std::vector<std::uint64_t> changes(std::size_t limit = 100) {
    TailQuery query;
    query.cursor = cursor_;
    query.limit = limit;
    query.filter = filter_;
    last_ = tail_.changes(query, memory_epoch + now_);
    cursor_ = last_.cursor;
    std::vector<std::uint64_t> found;
    for (const auto& record : last_.records) found.push_back(record.id.low());
    return found;
  }

  MemoryTraces traces_;
  Tail tail_{traces_};
  Filter filter_;
  EntityId ids_ = 0;
  double now_ = 60;
  std::string cursor_;
  TailAnswer last_;
};

TEST_F(TailTest, without_a_cursor_gives_the_newest_traces) {
  EXPECT_THAT(changes(), IsEmpty());
  EXPECT_TRUE(last_.reset);
  cursor_.clear();
  put(1, 0);
  put(2, 2);
  put(3, 1);
  EXPECT_THAT(changes(), ElementsAre(2, 3, 1));
  EXPECT_TRUE(last_.reset);
  EXPECT_FALSE(last_.skipped);
}

TEST_F(TailTest, with_a_cursor_gives_what_is_new_or_changed) {
  put(1, 0);
  put(2, 1);
  (void)changes();
  EXPECT_THAT(changes(), IsEmpty());
  EXPECT_FALSE(last_.reset);
  put(3, 2);
  put(1, 0);
  EXPECT_THAT(changes(), ElementsAre(3, 1));
  EXPECT_EQ(last_.records[1].revision, 2);
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(TailTest, each_reader_has_a_cursor_of_its_own) {
  put(1, 0);
  (void)changes();
  const auto slow = cursor_;
  put(2, 1);
  EXPECT_THAT(changes(), ElementsAre(2));
  put(3, 2);
  EXPECT_THAT(changes(), ElementsAre(3));
  cursor_ = slow;
  EXPECT_THAT(changes(), ElementsAre(3, 2));
}

TEST_F(TailTest, of_too_many_the_newest_and_says_so) {
  for (std::uint64_t n = 0; n < 5; ++n) put(n, static_cast<double>(n));
  EXPECT_THAT(changes(2), ElementsAre(4, 3));
  EXPECT_TRUE(last_.skipped);
  EXPECT_THAT(changes(2), IsEmpty());
  EXPECT_FALSE(last_.skipped);
}

TEST_F(TailTest, a_filter_picks) {
  auto parsed = Filter::parse("fault", [](std::string_view) { return std::nullopt; });
  filter_ = std::get<Filter>(parsed);
  put(1, 0, R"(,"fault":true)");
  put(2, 1);
  EXPECT_THAT(changes(), ElementsAre(1));
  put(3, 2, R"(,"fault":true)");
  put(4, 3);
  EXPECT_THAT(changes(), ElementsAre(3));
}

TEST_F(TailTest, looks_back_ten_minutes) {
  put(1, 0);
  now_ = 600;
  EXPECT_THAT(changes(), ElementsAre(1));
  cursor_.clear();
  now_ = 601;
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(TailTest, cursors_of_another_run_start_anew) {
  put(1, 0);
  (void)changes();
  Tail other(traces_);
  TailQuery query;
  query.cursor = cursor_;
  EXPECT_TRUE(other.changes(query, memory_epoch + 60).reset);
  for (const auto* cursor : {"x", "00000000000000000000000000000000", "zzzzzzzzzzzzzzzz"}) {
    cursor_ = cursor;
    EXPECT_THAT(changes(), ElementsAre(1));
    EXPECT_TRUE(last_.reset);
  }
}

TEST_F(TailTest, a_look_that_ran_out_of_time_forgets_nothing) {
  for (std::uint64_t n = 0; n < 10; ++n) put(n, static_cast<double>(n));
  (void)changes();
  traces_.slow_after = 2;
  EXPECT_THAT(changes(), IsEmpty());
  traces_.slow_after = 100;
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(TailTest, remembers_no_more_than_it_has_to) {
  // Four times what one look sees; then what the last look didn't see is forgotten, and told again.
  for (std::uint64_t round = 0; round < 6; ++round) {
    traces_.clear();
    for (std::uint64_t n = 0; n < Tail::max_traces; ++n) put(round * Tail::max_traces + n, 1);
    EXPECT_EQ(changes(2 * Tail::max_traces).size(), Tail::max_traces);
    EXPECT_THAT(changes(), IsEmpty());
  }
}

TEST_F(TailTest, is_written_as_rows_with_a_cursor) {
  put(1, 0);
  (void)changes();
  const auto text = tail_json(last_);
  EXPECT_THAT(text, testing::StartsWith(R"({"Cursor":")" + cursor_ +
                                        R"(","Reset":true,"Skipped":false,"Traces":[{)"));
  EXPECT_THAT(text, testing::HasSubstr(memory_trace_id(1).to_string()));
}

TEST_F(TailTest, what_others_saw_first_is_not_missed) {
  put(1, 0);
  (void)changes();
  // While this one reads, a trace comes and another changes, and somebody else is told of both.
  traces_.meanwhile = [this] {
    put(1, 0.5);
    put(2, 1);
    TailQuery query;
    EXPECT_EQ(tail_.changes(query, memory_epoch + now_).records.size(), 2U);
  };
  EXPECT_THAT(changes(), IsEmpty());
  EXPECT_THAT(changes(), ElementsAre(2, 1));
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(TailTest, a_trace_that_was_cleared_and_comes_again_is_new) {
  put(1, 0);
  put(1, 0.5);
  EXPECT_THAT(changes(), ElementsAre(1));
  traces_.clear();
  EXPECT_THAT(changes(), IsEmpty());
  put(1, 0);
  EXPECT_THAT(changes(), ElementsAre(1));
}

}  // namespace
}  // namespace xrayd::local
