#include "clients/postgresql/underway.hpp"

#include <gtest/gtest.h>

#include "clients/postgresql/libpq.hpp"

namespace {

using xray::clients::postgresql::Command;
using xray::clients::postgresql::Commands;
using xray::clients::postgresql::Underway;

constexpr int tuples_ok = 2;
constexpr int fatal_error = xray::clients::postgresql::result_fatal_error;
constexpr int aborted = xray::clients::postgresql::result_pipeline_aborted;
constexpr int pipeline_sync = xray::clients::postgresql::result_pipeline_sync;
constexpr int single_tuple = xray::clients::postgresql::result_single_tuple;
constexpr int copy_in = xray::clients::postgresql::result_copy_in;

Commands query(bool has_one_result = true) {
  Commands one;
  one.emplace_back();
  one.back().kind = Command::Kind::query;
  one.back().has_one_result = has_one_result;
  return one;
}

/// How many queries the result ends.
std::size_t ended_by(Underway& state, int status) {
  Commands ended;
  state.answered(status, ended);
  std::size_t queries = 0;
  for (const Command& command : ended) queries += command.kind == Command::Kind::query ? 1U : 0U;
  return queries;
}

std::size_t ended_by_null(Underway& state) {
  Commands ended;
  state.answered_with_null(ended);
  return ended.size();
}

}  // namespace

TEST(Underway, one_statement_is_over_at_its_result) {
  Underway state(1, false);
  state.sent(query());
  EXPECT_FALSE(state.is_over());
  EXPECT_EQ(ended_by(state, tuples_ok), 1U);
  EXPECT_TRUE(state.is_over());
  EXPECT_EQ(ended_by_null(state), 0U);
}

TEST(Underway, several_statements_are_over_where_no_result_comes) {
  Underway state(1, false);
  state.sent(query(false));
  EXPECT_EQ(ended_by(state, tuples_ok), 0U);
  EXPECT_EQ(ended_by(state, tuples_ok), 0U);
  EXPECT_EQ(ended_by_null(state), 1U);
  EXPECT_TRUE(state.is_over());
}

TEST(Underway, several_statements_are_over_at_an_error) {
  Underway state(1, false);
  state.sent(query(false));
  EXPECT_EQ(ended_by(state, tuples_ok), 0U);
  EXPECT_EQ(ended_by(state, fatal_error), 1U);
  EXPECT_TRUE(state.is_over());
}

TEST(Underway, rows_and_copies_go_on) {
  Underway state(1, false);
  state.sent(query());
  EXPECT_EQ(ended_by(state, single_tuple), 0U);
  EXPECT_EQ(ended_by(state, copy_in), 0U);
  EXPECT_EQ(ended_by(state, tuples_ok), 1U);
}

TEST(Underway, in_a_pipeline_each_has_its_turn) {
  Underway state(1, true);
  state.sent(query());
  state.sent_unrecorded();
  state.sent_unrecorded();
  state.sent(query());
  state.sent_sync();
  EXPECT_EQ(ended_by(state, tuples_ok), 1U);
  EXPECT_EQ(ended_by_null(state), 0U);
  EXPECT_EQ(ended_by(state, tuples_ok), 0U);
  EXPECT_EQ(ended_by_null(state), 0U);
  EXPECT_EQ(ended_by(state, fatal_error), 0U);
  EXPECT_EQ(ended_by_null(state), 0U);
  EXPECT_EQ(ended_by(state, aborted), 1U);
  EXPECT_EQ(ended_by_null(state), 0U);
  EXPECT_EQ(ended_by(state, pipeline_sync), 0U);
  EXPECT_FALSE(state.is_over());
}

TEST(Underway, in_a_pipeline_null_may_say_that_there_is_nothing_yet) {
  Underway state(1, true);
  state.sent(query());
  EXPECT_EQ(ended_by_null(state), 0U);
  EXPECT_EQ(ended_by(state, tuples_ok), 1U);
}

TEST(Underway, an_error_at_the_end_of_a_part_is_no_querys) {
  Underway state(1, true);
  state.sent_sync();
  state.sent(query());
  EXPECT_EQ(ended_by(state, fatal_error), 0U);
  EXPECT_EQ(ended_by_null(state), 0U);
  EXPECT_EQ(ended_by(state, pipeline_sync), 0U);
  EXPECT_EQ(ended_by(state, tuples_ok), 1U);
}

TEST(Underway, results_that_others_took_are_made_up_for_at_the_end_of_a_part) {
  Underway state(1, true);
  state.sent(query());
  state.sent(query());
  state.sent_sync();
  state.sent(query());
  EXPECT_EQ(ended_by(state, pipeline_sync), 2U);
  EXPECT_EQ(ended_by(state, fatal_error), 1U);
}

TEST(Underway, a_part_that_others_ended_ends_nothing_of_ours) {
  Underway state(1, true);
  state.sent(query());
  EXPECT_EQ(ended_by(state, pipeline_sync), 0U);
  EXPECT_EQ(ended_by(state, tuples_ok), 1U);
}

TEST(Underway, belongs_to_one_backend_unless_that_is_unknown) {
  const Underway state(7, false);
  EXPECT_TRUE(state.is_of(7));
  EXPECT_TRUE(state.is_of(0));
  EXPECT_FALSE(state.is_of(8));
}

TEST(Underway, of_a_pipeline_whose_results_others_fetch_no_more_is_kept_than_fits) {
  const int connection = 0;
  auto& all = xray::clients::postgresql::underway();
  all.put(&connection, Underway(1, true));
  const auto is_known = [&] { return all.with(&connection, [](const Underway&) {}); };
  for (int i = 0; i < 1'000'000 && is_known(); ++i) {
    xray::clients::postgresql::enter_in_pipeline(&connection,
                                                 [](Underway& state) { state.sent_sync(); });
  }
  EXPECT_FALSE(is_known());
}
