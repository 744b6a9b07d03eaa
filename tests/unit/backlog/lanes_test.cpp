#include "backlog/lanes.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

namespace xrayd::backlog {
namespace {

using namespace std::chrono_literals;

std::string traced(int trace) {
  const std::string number = std::to_string(100'000'000'000 + trace);
  return R"({"name":"x","trace_id":"1-5f84c7a1-000000000000)" + number + R"("})";
}

TEST(Lanes, a_trace_id_is_found_as_clients_write_it) {
  EXPECT_EQ(find_trace_id(R"({"id":"1","trace_id":"1-a-b","name":"x"})"), "1-a-b");
  EXPECT_EQ(find_trace_id("{\"trace_id\" :\n \"1-a-b\"}"), "1-a-b");
  EXPECT_EQ(find_trace_id(R"({"id":"1"})"), "");
  EXPECT_EQ(find_trace_id(R"({"trace_id":17})"), "");
  EXPECT_EQ(find_trace_id(R"({"trace_id")"), "");
  EXPECT_EQ(find_trace_id(R"({"trace_id":)"), "");
  EXPECT_EQ(find_trace_id(R"({"trace_id":"1-a)"), "");
  EXPECT_EQ(find_trace_id("T1Swhatever"), "");
  EXPECT_EQ(find_trace_id(""), "");
  EXPECT_EQ(find_trace_id(std::string(600, ' ') + R"("trace_id":"1-a-b")"), "");
}

TEST(Lanes, few_documents_share_one_batch) {
  Lanes lanes;
  const Lanes::Clock::time_point start{1h};
  lanes.note(1, start);
  for (int second = 1; second < 5; ++second) lanes.note(300, start + second * 1s);
  EXPECT_EQ(lanes.used(), 1U);
  for (int trace = 0; trace < 20; ++trace) EXPECT_EQ(lanes.lane_of(traced(trace)), 0U);
}

TEST(Lanes, many_documents_are_divided_by_their_trace) {
  Lanes lanes;
  const Lanes::Clock::time_point start{1h};
  lanes.note(0, start);
  lanes.note(10'000, start + 1s);
  EXPECT_EQ(lanes.used(), Lanes::most);
  std::set<std::size_t> seen;
  for (int trace = 0; trace < 200; ++trace) {
    const std::size_t lane = lanes.lane_of(traced(trace));
    EXPECT_LT(lane, lanes.used());
    EXPECT_EQ(lane, lanes.lane_of(traced(trace)));
    seen.insert(lane);
  }
  EXPECT_EQ(seen.size(), Lanes::most);
  EXPECT_EQ(lanes.lane_of("T1S"), 0U);
}

TEST(Lanes, their_number_follows_the_rate_of_the_last_second) {
  Lanes lanes;
  Lanes::Clock::time_point now{1h};
  lanes.note(0, now);
  for (const auto& [rate, wanted] : {std::pair{399U, 1U},
                                     {400U, 2U},
                                     {1000U, 4U},
                                     {1599U, 4U},
                                     {1600U, 8U},
                                     {1'000'000U, 8U},
                                     {10U, 1U}}) {
    now += 1s;
    lanes.note(rate, now);
    EXPECT_EQ(lanes.used(), wanted) << rate;
  }
  lanes.note(5000, now + 10s);
  EXPECT_EQ(lanes.used(), 2U) << "500 a second over ten seconds";
}

}  // namespace
}  // namespace xrayd::backlog
