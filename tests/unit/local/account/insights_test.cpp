// Nobody looks for insights here: lists are empty, and no insight is known.
#include "account_api_test.hpp"

namespace xrayd::local {
namespace {

constexpr const char* summaries = "/InsightSummaries";
constexpr const char* insight = "/Insight";
constexpr const char* events = "/InsightEvents";
constexpr const char* graph = "/InsightImpactGraph";

constexpr const char* times = R"("StartTime":1700000000,"EndTime":1700000600.5)";
constexpr const char* id = R"("InsightId":"12345678-abcd-4ABC-8def-0123456789aB")";

using InsightsTest = AccountApiTest;

std::string query(const std::string& more) {
  return "{" + std::string(times) + "," + more + "}";
}

TEST_F(InsightsTest, there_are_none) {
  const char* none = R"({"InsightSummaries":[],"NextToken":null})";
  EXPECT_EQ(call(summaries, query(R"("GroupName":"Default")")), none);
  EXPECT_EQ(
      call(summaries, query(R"("GroupARN":"arn:aws:xray:us-east-1:000000000000:group/Default")")),
      none);
  for (const char* more : {R"("States":["ACTIVE"],"MaxResults":1)", R"("States":["CLOSED"])",
                           R"("States":[],"MaxResults":100)"}) {
    EXPECT_EQ(call(summaries, query(std::string(more) + R"(,"GroupName":"Default")")), none);
  }
}

TEST_F(InsightsTest, bad_requests_for_summaries_are_refused) {
  expect_refused(summaries, "{}", validation,
                 "2 validation errors detected: Value null at 'startTime' failed to satisfy "
                 "constraint: Member must not be null; Value null at 'endTime' failed to satisfy "
                 "constraint: Member must not be null");
  expect_refused(summaries, query(R"("MaxResults":5)"), invalid,
                 "Specify either GroupName or GroupARN");
  expect_refused(summaries, query(R"("GroupName":"a","GroupARN":"b")"), invalid,
                 "Specify either GroupName or GroupARN, but not both");
  expect_refused(summaries, query(R"("GroupName":"nobody")"), invalid, "Group not found");
  expect_refused(summaries, R"({"StartTime":2,"EndTime":1,"GroupName":"Default"})", invalid,
                 "End time cannot be earlier than start time");
  expect_refused(summaries, query(R"("GroupName":"Default","NextToken":"x")"), invalid,
                 "Invalid NextToken for this query");
  expect_violation(
      summaries, query(R"("States":["OPEN"])"),
      "Value at 'states' failed to satisfy constraint: Member must satisfy constraint: "
      "[Member must satisfy enum value set: [ACTIVE, CLOSED]]");
  expect_violation(
      summaries, query(R"("States":["ACTIVE","CLOSED"])"),
      "Value at 'states' failed to satisfy constraint: Member must have length less than or "
      "equal to 1");
  expect_violation(summaries, query(R"("MaxResults":0)"),
                   "Value '0' at 'maxResults' failed to satisfy constraint: Member must have value "
                   "greater than or equal to 1");
  expect_violation(summaries, query(R"("MaxResults":101)"),
                   "Value '101' at 'maxResults' failed to satisfy constraint: Member must have "
                   "value less than or equal to 100");
  expect_violation(summaries, query(R"("NextToken":)" + quoted(2001)),
                   "Value '" + std::string(256, 'x') +
                       "...' at 'nextToken' failed to satisfy constraint: Member must have length "
                       "less than or equal to 2000");
  expect_refused(summaries, query(R"("States":[1])"), serialization,
                 "states must be a list of strings");
}

TEST_F(InsightsTest, no_insight_is_known) {
  const std::string known = "{" + std::string(id);
  expect_refused(insight, known + "}", invalid, "Insight not found");
  expect_refused(events, known + R"(,"MaxResults":50,"NextToken":"x"})", invalid,
                 "Insight not found");
  expect_refused(graph, known + "," + times + "}", invalid, "Insight not found");
}

TEST_F(InsightsTest, ids_are_checked) {
  for (const char* path : {insight, events}) {
    expect_violation(path, "{}",
                     "Value null at 'insightId' failed to satisfy constraint: Member must not be "
                     "null");
  }
  for (const char* bad :
       {"", "x", "12345678-abcd-0abc-8def-0123456789ab", "12345678-abcd-6abc-8def-0123456789ab",
        "12345678-abcd-4abc-7def-0123456789ab", "12345678-abcd-4abc-cdef-0123456789ab",
        "12345678-abcd-4abc-8def-0123456789a", "12345678-abcd-4abc-8def-0123456789abc",
        "12345678xabcd-4abc-8def-0123456789ab", "g2345678-abcd-4abc-8def-0123456789ab"}) {
    expect_violation(
        insight, R"({"InsightId":")" + std::string(bad) + "\"}",
        "Value '" + std::string(bad) +
            "' at 'insightId' failed to satisfy constraint: Member must satisfy regular expression "
            "pattern: [0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-"
            "[0-9a-fA-F]{12}");
  }
  expect_violation(
      events, "{" + std::string(id) + R"(,"MaxResults":51})",
      "Value '51' at 'maxResults' failed to satisfy constraint: Member must have value "
      "less than or equal to 50");
  expect_violation(graph, "{" + std::string(id) + R"(,"StartTime":1})",
                   "Value null at 'endTime' failed to satisfy constraint: Member must not be null");
  expect_refused(graph, "{" + std::string(id) + R"(,"StartTime":2,"EndTime":1})", invalid,
                 "End time cannot be earlier than start time");
  expect_refused(graph, "{" + std::string(id) + R"(,"StartTime":"a","EndTime":1})", serialization,
                 "startTime must be a number");
}

}  // namespace
}  // namespace xrayd::local
