// The console's list of traces.
#include "local/console/trace_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "local/console/console_questions.hpp"
#include "local/document/trace_id.hpp"
#include "local/json/json.hpp"
#include "memory_traces.hpp"

namespace xrayd::local {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TraceListTest : public testing::Test {
 protected:
  void put(std::uint64_t n, double start, const std::string& more = "") {
    traces_.put(segment_document(memory_trace_id(n), ++ids_, "shop", start, start + 1, more));
  }
  [[nodiscard]] std::string answer(const ConsoleParameters& parameters = {}) const {
    return answer_traces(traces_, groups_, parameters, memory_epoch + 100);
  }
  /// The traces of a page by the numbers they were put with.
  std::vector<std::uint64_t> page(const ConsoleParameters& parameters = {}) {
    const auto text = answer(parameters);
    ParsedJson json;
    EXPECT_EQ(ParsedJson::parse(text, 10, json), JsonFault::none);
    std::vector<std::uint64_t> found;
    for (const auto& row : json.value()["Traces"].GetArray()) {
      const auto id = parse_trace_id(text_member(row, "Id").value_or(""));
      found.push_back(id.value_or(TraceId{}).low());
    }
    scanned_ = json.value()["Scanned"].GetUint64();
    next_ = text_member(json.value(), "Next").value_or("");
    return found;
  }

  MemoryTraces traces_;
  GroupFilters groups_ = [](std::string_view name) -> std::optional<std::string> {
    if (name == "failed") return "fault";
    return std::nullopt;
  };
  EntityId ids_ = 0;
  std::uint64_t scanned_ = 0;
  std::string next_;
};

TEST_F(TraceListTest, a_row_has_what_a_line_shows_and_nothing_else) {
  put(1, 0.25,
      R"(,"fault":true,"annotations":{"tenant":"acme","items":3},)"
      R"("http":{"request":{"method":"POST","url":"http://a/b"},"response":{"status":502}})");
  EXPECT_EQ(answer(), R"({"Traces":[{"Id":")" + memory_trace_id(1).to_string() +
                          R"(","Start":1700000000.25,"Duration":1.0,"ResponseTime":1.0,)"
                          R"("Fault":true,"Service":"shop","Method":"POST","Url":"http://a/b",)"
                          R"("Status":502,"Annotations":2}],"Scanned":1,"Next":null})");
}

TEST_F(TraceListTest, what_a_trace_has_not_is_left_out) {
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0, -1));
  EXPECT_EQ(answer(), R"({"Traces":[{"Id":")" + memory_trace_id(1).to_string() +
                          R"(","Start":1700000000.0,"Partial":true,"Service":"shop"}],)"
                          R"("Scanned":1,"Next":null})");
}

TEST_F(TraceListTest, a_key_counts_once_however_many_segments_have_it) {
  put(1, 0, R"(,"annotations":{"tenant":"acme","items":3})");
  put(1, 1, R"(,"annotations":{"tenant":"globex","other":true})");
  EXPECT_THAT(answer(), testing::HasSubstr(R"("Annotations":3})"));
}

TEST_F(TraceListTest, pages_go_on_where_the_one_before_ended_and_hold_a_thousand) {
  for (std::uint64_t n = 0; n < 2500; ++n) put(n, static_cast<double>(n) / 100);
  std::vector<std::uint64_t> all;
  for (const std::size_t size : {1000U, 1000U, 500U}) {
    const auto found = next_.empty() ? page() : page({{"cursor", next_}});
    EXPECT_EQ(found.size(), size);
    EXPECT_EQ(scanned_, size);
    all.insert(all.end(), found.begin(), found.end());
  }
  EXPECT_THAT(next_, IsEmpty());
  ASSERT_EQ(all.size(), 2500U);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], all.size() - 1 - i);
}

TEST_F(TraceListTest, a_page_that_found_nothing_in_its_time_says_where_to_go_on) {
  for (std::uint64_t n = 0; n < 5; ++n) put(n, 0, n == 0 ? R"(,"fault":true)" : "");
  traces_.slow_after = 3;
  EXPECT_THAT(page({{"filter", "fault"}}), IsEmpty());
  EXPECT_EQ(scanned_, 3U);
  traces_.slow_after = 100;
  EXPECT_THAT(page({{"filter", "fault"}, {"cursor", next_}}), ElementsAre(0));
  EXPECT_EQ(scanned_, 2U);
  EXPECT_THAT(next_, IsEmpty());
}

TEST_F(TraceListTest, long_rows_make_pages_shorter_and_none_is_lost) {
  // Six bytes a character once it is written.
  std::string url;
  for (int i = 0; i < 1000; ++i) url += "\\u0001";
  for (std::uint64_t n = 0; n < 1200; ++n) {
    put(n, 1, R"(,"http":{"request":{"url":")" + url + R"("}})");
  }
  const auto first = page().size();
  EXPECT_LT(first, 1000U);
  EXPECT_EQ(page({{"cursor", next_}}).size(), 1200 - first);
  EXPECT_THAT(next_, IsEmpty());
}

TEST_F(TraceListTest, group_filter_and_times_choose) {
  put(1, 0, R"(,"fault":true)");
  put(2, 1);
  EXPECT_THAT(page({{"group", "failed"}}), ElementsAre(1));
  EXPECT_THAT(page({{"group", "failed"}, {"filter", "ok"}}), IsEmpty());
  EXPECT_THAT(page({{"start", "1700000000"}, {"end", "1700000001"}}), ElementsAre(2, 1));
  EXPECT_THAT(page({{"end", "1700000000"}}), IsEmpty());
}

TEST_F(TraceListTest, a_page_has_no_more_than_were_asked_for) {
  for (std::uint64_t n = 0; n < 5; ++n) put(n, static_cast<double>(n));
  EXPECT_THAT(page({{"limit", "3"}}), ElementsAre(4, 3, 2));
  EXPECT_THAT(page({{"limit", "3"}, {"cursor", next_}}), ElementsAre(1, 0));
  EXPECT_THAT(next_, IsEmpty());
}

TEST_F(TraceListTest, refuses_what_makes_no_sense) {
  for (const std::string cursor :
       {"x", "00000000000000000000000000000000",
        "7ff00000000000000000000000000000"
        "00000000000000000000000000000000",
        "zzzzzzzzzzzzzzzz000000000000000000000000000000000000000000000000"}) {
    EXPECT_THROW((void)answer({{"cursor", cursor}}), ConsoleError) << cursor;
  }
  for (const auto* limit : {"0", "1001", "-1", "nan", "x"}) {
    EXPECT_THROW((void)answer({{"limit", limit}}), ConsoleError) << limit;
  }
  EXPECT_THROW((void)answer({{"start", "2"}, {"end", "1"}}), ConsoleError);
  EXPECT_THROW((void)answer({{"filter", "ok AND"}}), ConsoleError);
  EXPECT_THROW((void)answer({{"group", "none"}}), ConsoleError);
}

}  // namespace
}  // namespace xrayd::local
