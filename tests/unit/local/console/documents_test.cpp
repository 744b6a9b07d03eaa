// What an export asks: parameters, cursors, JSON.
#include "local/console/documents.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "local/console/console_questions.hpp"
#include "memory_traces.hpp"
#include "temporary_directory.hpp"

namespace xrayd::local {
namespace {

using testing::HasSubstr;
using testing::Not;

class DocumentsQuestion : public testing::Test {
 protected:
  DocumentsQuestion() {
    std::vector<SegmentDocument> documents;
    for (std::uint64_t n = 1; n <= 3; ++n) {
      auto parsed = parse_segment_document(
          segment_document(memory_trace_id(n), 1, "shop", 0, 1, n == 2 ? R"(,"fault":true)" : ""));
      documents.push_back(std::get<SegmentDocument>(std::move(parsed)));
    }
    WriteCounts counts;
    store_.add(documents, counts);
  }

  [[nodiscard]] std::string ask(const ConsoleParameters& parameters) const {
    try {
      return answer_documents(store_, groups_, parameters);
    } catch (const ConsoleError& error) {
      return error.what();
    }
  }
  static std::string id_text(std::uint64_t n) {
    return std::string(memory_trace_id(n).to_string());
  }

  TemporaryDirectory directory_;
  Store store_{{directory_.path() / "data",
                std::uint64_t{64} << 20U,
                std::chrono::hours(1),
                [] { return std::int64_t{1'700'000'000'000}; },
                {}}};
  GroupFilters groups_ = [](std::string_view name) -> std::optional<std::string> {
    if (name == "broken") return "fault";
    return std::nullopt;
  };
};

TEST_F(DocumentsQuestion, without_parameters_is_about_everything) {
  const auto answer = ask({});
  for (std::uint64_t n = 1; n <= 3; ++n) EXPECT_THAT(answer, HasSubstr(id_text(n)));
  EXPECT_THAT(answer, testing::EndsWith(R"(],"Next":null})"));
  EXPECT_THAT(answer, HasSubstr(R"("Documents":["{\")"));
}

TEST_F(DocumentsQuestion, takes_a_filter_a_group_and_a_range_of_time) {
  EXPECT_THAT(ask({{"filter", "fault"}}),
              testing::AllOf(HasSubstr(id_text(2)), Not(HasSubstr(id_text(1)))));
  EXPECT_THAT(ask({{"group", "broken"}}),
              testing::AllOf(HasSubstr(id_text(2)), Not(HasSubstr(id_text(3)))));
  const auto begin = std::to_string(memory_epoch);
  const auto end = std::to_string(memory_epoch + 1);
  EXPECT_THAT(ask({{"start", begin}, {"end", end}}), HasSubstr(id_text(1)));
  EXPECT_THAT(ask({{"start", end}}), HasSubstr(R"("Traces":[])"));
  EXPECT_THAT(ask({{"end", begin}}), HasSubstr(R"("Traces":[])"));
}

TEST_F(DocumentsQuestion, a_cursor_goes_behind_its_trace) {
  const auto answer = ask({{"cursor", "0." + id_text(2)}});
  EXPECT_THAT(answer, testing::AllOf(HasSubstr(id_text(3)), Not(HasSubstr(id_text(1))),
                                     Not(HasSubstr(id_text(2)))));
  EXPECT_THAT(ask({{"cursor", "7.1.traces-x.db"}}), HasSubstr(R"("Traces":[])"));
}

TEST_F(DocumentsQuestion, what_makes_no_sense_is_refused) {
  for (const char* cursor :
       {"0", "0.", "0.x", "x", "1", "1.", "1.2", "-1.2.x", "1.-2.x", "99999999999999999999.1.x"}) {
    EXPECT_EQ(ask({{"cursor", cursor}}), "'cursor' is none") << cursor;
  }
  EXPECT_EQ(ask({{"cursor", "1.1." + std::string(1000, 'x')}}), "'cursor' is none");
  EXPECT_EQ(ask({{"start", "2"}, {"end", "1"}}), "'end' must not be before 'start'");
  EXPECT_EQ(ask({{"start", "x"}}), "'start' must be a number");
  EXPECT_EQ(ask({{"group", "other"}}), "Group not found");
  EXPECT_THAT(ask({{"filter", "fault ="}}), Not(HasSubstr("Traces")));
}

}  // namespace
}  // namespace xrayd::local
