// GetTraceSummaries page by page.
#include <algorithm>

#include "questions_fixture.hpp"

namespace xrayd::local::api {
namespace {

const std::string all_time = R"("StartTime":1600000000,"EndTime":1800000000)";

class SummaryPaging : public QuestionsFixture {
 protected:
  void put(std::uint64_t count) {
    for (std::uint64_t n = 0; n < count; ++n) {
      // Many of one time, so that ids decide where a page ends.
      const auto start = static_cast<double>(n % 7);
      traces_.put(segment_document(memory_trace_id(n), 1, "shop", start, start + 1,
                                   n % 3 == 0 ? R"(,"fault":true)" : ""));
    }
  }
  [[nodiscard]] std::vector<std::string> ids_of(const std::vector<std::string>& pages) {
    std::vector<std::string> ids;
    for (const auto& page : pages) {
      for (auto& id : each(page, "TraceSummaries", "Id")) ids.push_back(std::move(id));
    }
    return ids;
  }
  [[nodiscard]] static std::size_t different(std::vector<std::string> ids) {
    std::sort(ids.begin(), ids.end());
    return static_cast<std::size_t>(std::unique(ids.begin(), ids.end()) - ids.begin());
  }
};

TEST_F(SummaryPaging, every_trace_comes_exactly_once) {
  put(1100);
  const auto all = pages(get_trace_summaries, all_time);
  const auto ids = ids_of(all);
  EXPECT_GT(all.size(), 1U);
  EXPECT_EQ(ids.size(), 1100U);
  EXPECT_EQ(different(ids), 1100U);
}

TEST_F(SummaryPaging, every_trace_that_matches_comes_once_however_little_time_a_page_has) {
  put(90);
  traces_.slow_after = 7;
  const auto all = pages(get_trace_summaries, all_time + R"(,"FilterExpression":"fault")");
  EXPECT_EQ(all.size(), 13U);
  EXPECT_EQ(ids_of(all).size(), 30U);
  EXPECT_EQ(different(ids_of(all)), 30U);
  std::int64_t looked_at = 0;
  for (const auto& page : all) looked_at += std::stoll(at(page, "TracesProcessedCount"));
  EXPECT_EQ(looked_at, 90);
}

TEST_F(SummaryPaging, pages_go_back_in_time_and_say_how_far) {
  put(20);
  traces_.slow_after = 6;
  const auto all = pages(get_trace_summaries, all_time);
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    EXPECT_EQ(at(all[i], "ApproximateTime"), "1700000000.0");
  }
  EXPECT_EQ(at(all.back(), "ApproximateTime"), "1600000000.0");
}

TEST_F(SummaryPaging, a_token_is_good_for_its_query_alone) {
  put(20);
  groups_["all"] = "";
  traces_.slow_after = 6;
  const std::string event = all_time + R"(,"TimeRangeType":"Event","Sampling":true)";
  const auto token_of = [this](const std::string& members) {
    return R"(,"NextToken":)" + at(ask(get_trace_summaries, "{" + members + "}"), "NextToken");
  };
  const auto token = token_of(event);
  ASSERT_NE(token, R"(,"NextToken":null)");
  EXPECT_THAT(refusal(get_trace_summaries, "{" + event + token + "}"), testing::StartsWith("200"));
  for (const auto& other :
       {all_time, event + R"(,"FilterExpression":"ok")",
        event + R"(,"SamplingStrategy":{"Name":"FixedRate","Value":0.5})",
        std::string(R"("StartTime":1600000001,"EndTime":1800000000,"TimeRangeType":"Event")"),
        std::string(R"("StartTime":1600000000,"EndTime":1800000001,"TimeRangeType":"Event")"),
        all_time + R"(,"TimeRangeType":"Service")"}) {
    EXPECT_EQ(refusal(get_trace_summaries, "{" + other + token + "}"),
              invalid("Invalid NextToken for this query"))
        << other;
  }
}

TEST_F(SummaryPaging, texts_that_are_no_tokens_are_refused) {
  for (const auto* token : {"", "x", "0000000000000000", "Zm9v"}) {
    EXPECT_EQ(refusal(get_trace_summaries, "{" + all_time + R"(,"NextToken":")" + token + "\"}"),
              invalid("Invalid NextToken for this query"))
        << token;
  }
}

TEST_F(SummaryPaging, long_summaries_make_short_pages) {
  std::string annotations;
  for (int i = 0; i < 50; ++i) {
    annotations += (i == 0 ? "\"a" : ",\"a") + std::to_string(i) + "\":\"" +
                   std::string(1000, static_cast<char>('a' + i % 26)) + '"';
  }
  for (std::uint64_t n = 0; n < 200; ++n) {
    traces_.put(segment_document(memory_trace_id(n), 1, "shop", 0, 1,
                                 R"(,"annotations":{)" + annotations + "}"));
  }
  const auto all = pages(get_trace_summaries, all_time);
  const auto ids = ids_of(all);
  EXPECT_EQ(ids.size(), 200U);
  EXPECT_EQ(different(ids), 200U);
  for (const auto& page : all) EXPECT_LT(page.size(), std::size_t{5} << 20U);
}

}  // namespace
}  // namespace xrayd::local::api
