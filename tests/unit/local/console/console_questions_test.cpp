// What the console asks: parameters.
#include "local/console/console_questions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "memory_traces.hpp"

namespace xrayd::local {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ConsoleQuestions : public testing::Test {
 protected:
  [[nodiscard]] std::string facets(const ConsoleParameters& parameters) const {
    try {
      return answer_facets(traces_, groups_, parameters, memory_epoch + 100);
    } catch (const ConsoleError& error) {
      return error.what();
    }
  }
  [[nodiscard]] std::string tail(const ConsoleParameters& parameters) {
    try {
      return answer_tail(tail_, groups_, parameters, memory_epoch + 100);
    } catch (const ConsoleError& error) {
      return error.what();
    }
  }

  MemoryTraces traces_;
  Tail tail_{traces_};
  GroupFilters groups_ = [](std::string_view name) -> std::optional<std::string> {
    if (name == "Default") return "";
    if (name == "either") return "fault OR error";
    return std::nullopt;
  };
};

TEST_F(ConsoleQuestions, without_parameters_are_about_the_last_hour) {
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0, 1));
  EXPECT_THAT(facets({}), StartsWith(R"({"Scanned":1,"Matched":1,"Complete":true)"));
  EXPECT_THAT(facets({{"end", "1700000000"}}), StartsWith(R"({"Scanned":0)"));
  EXPECT_THAT(facets({{"start", "1700000001"}}), StartsWith(R"({"Scanned":0)"));
  EXPECT_THAT(facets({{"start", "1700000001"}, {"type", "Event"}}), StartsWith(R"({"Scanned":1)"));
  EXPECT_THAT(facets({{"start", ""}, {"other", "x"}}), StartsWith(R"({"Scanned":1)"));
}

TEST_F(ConsoleQuestions, a_group_and_a_filter_must_both_take_a_trace) {
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0, 1, R"(,"fault":true)"));
  traces_.put(segment_document(memory_trace_id(2), 1, "till", 0, 1, R"(,"error":true)"));
  traces_.put(segment_document(memory_trace_id(3), 1, "till", 0, 1));
  const auto matched = [this](const ConsoleParameters& parameters) {
    const auto text = facets(parameters);
    const std::string name = R"("Matched":)";
    return text.substr(text.find(name) + name.size(), 1);
  };
  EXPECT_EQ(matched({{"group", "either"}}), "2");
  EXPECT_EQ(matched({{"group", "either"}, {"filter", R"(service("till") OR service("x"))"}}), "1");
  EXPECT_EQ(matched({{"group", "Default"}, {"filter", "fault"}}), "1");
  EXPECT_EQ(matched({{"group", "Default"}}), "3");
  EXPECT_EQ(matched({{"group", "either"}, {"filter", " "}}), "2");
}

TEST_F(ConsoleQuestions, refuse_what_makes_no_sense) {
  EXPECT_EQ(facets({{"start", "now"}}), "'start' must be a number");
  EXPECT_EQ(facets({{"end", "1x"}}), "'end' must be a number");
  EXPECT_EQ(facets({{"end", "inf"}}), "'end' must be a number");
  EXPECT_EQ(facets({{"start", "2"}, {"end", "1"}}), "'end' must not be before 'start'");
  EXPECT_EQ(facets({{"type", "Other"}}), "'type' must be TraceId, Event or Service");
  EXPECT_EQ(facets({{"group", "none"}}), "Group not found");
  EXPECT_THAT(facets({{"filter", "ok AND AND"}}), StartsWith("Error Location: line 1, position "));
  EXPECT_THAT(facets({{"group", "either"}, {"filter", "ok) OR (ok"}}),
              StartsWith("Error Location: line 1, position 3 "));
  for (const auto* limit : {"0", "501", "-1", "nan", "x"}) {
    EXPECT_THAT(tail({{"limit", limit}}), StartsWith("'limit' must be ")) << limit;
  }
}

TEST_F(ConsoleQuestions, the_tail_goes_on_from_its_cursor) {
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0, 1));
  const auto first = tail({});
  EXPECT_THAT(first, HasSubstr(memory_trace_id(1).to_string()));
  const auto cursor = first.substr(std::string(R"({"Cursor":")").size(), 32);
  EXPECT_EQ(tail({{"cursor", cursor}}), R"({"Cursor":")" + cursor +
                                            R"(","Reset":false,"Skipped":false,)"
                                            R"("Traces":[]})");
  EXPECT_THAT(tail({{"limit", "1"}, {"filter", "fault"}}), HasSubstr(R"("Traces":[]})"));
}

TEST(ConsoleCompletion, says_what_may_stand_at_the_cursor) {
  EXPECT_EQ(answer_completion({{"filter", "http.u"}}),
            R"({"Begin":0,"End":6,"Typed":"http.u","Offers":[)"
            R"({"Kind":"Keyword","Text":"http.url","Of":null},)"
            R"({"Kind":"Keyword","Text":"http.useragent","Of":null}]})");
  EXPECT_EQ(
      answer_completion({{"filter", R"(user = "")"}, {"cursor", "8"}}),
      R"({"Begin":7,"End":9,"Typed":"","Offers":[{"Kind":"Value","Text":null,"Of":"user"}]})");
  EXPECT_THAT(answer_completion({{"filter", "fault"}, {"cursor", "0"}}),
              HasSubstr(R"("coldstart")"));
}

TEST(ConsoleCompletion, takes_any_cursor_that_is_a_number) {
  EXPECT_THAT(answer_completion({{"cursor", "1e30"}}), StartsWith(R"({"Begin":0,"End":0,)"));
  EXPECT_THROW((void)answer_completion({{"cursor", "-1"}}), ConsoleError);
  EXPECT_THROW((void)answer_completion({{"cursor", "x"}}), ConsoleError);
}

}  // namespace
}  // namespace xrayd::local
