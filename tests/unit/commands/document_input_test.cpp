#include "commands/document_input.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace xrayd::commands {
namespace {

/// `<line>:<document>`, or `<line>!<fault>`; documents of answers with a star before the line.
std::vector<std::string> read(const std::string& text) {
  std::istringstream input(text);
  std::vector<std::string> items;
  read_documents(input, [&](InputItem&& item) {
    const std::string star = item.from_answer ? "*" : "";
    items.push_back(star + std::to_string(item.line) +
                    (item.fault.empty() ? ":" + item.document : "!" + item.fault));
  });
  return items;
}

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

TEST(DocumentInput, each_line_is_a_document_whatever_is_in_it) {
  EXPECT_THAT(read("{\"id\":1}\n{\"id\":2}\n"), ElementsAre("1:{\"id\":1}", "2:{\"id\":2}"));
  EXPECT_THAT(read("{\"id\":1}\r\nnonsense\n[1]\n{\"id\": \"cut"),
              ElementsAre("1:{\"id\":1}", "2:nonsense", "3:[1]", "4:{\"id\": \"cut"));
}

TEST(DocumentInput, blank_lines_and_blanks_around_lines_count_as_none) {
  EXPECT_THAT(read(""), IsEmpty());
  EXPECT_THAT(read("\n \t\r\n\n"), IsEmpty());
  EXPECT_THAT(read("\n\n  {\"id\":1}  \n\n"), ElementsAre("3:{\"id\":1}"));
}

TEST(DocumentInput, a_line_that_is_too_long_is_named_and_the_next_one_is_read) {
  const std::string longest(std::size_t{1} << 20U, 'x');
  EXPECT_THAT(read("{}\n" + longest + "yz\n{}\n"),
              ElementsAre("1:{}", StartsWith("2!longer than 1 MiB"), "3:{}"));
  EXPECT_EQ(read(longest).at(0), "1:" + longest);
}

TEST(DocumentInput, an_object_that_begins_alone_in_its_line_goes_to_its_end) {
  EXPECT_THAT(read("{\n  \"id\": \"}\\\"{\",\n  \"a\": {}\n}\n{\"id\":2}\n"),
              ElementsAre("1:{\n  \"id\": \"}\\\"{\",\n  \"a\": {}\n}", "5:{\"id\":2}"));
  EXPECT_THAT(read("{\n\"id\": 1\n"), ElementsAre("1!this object has no end"));
}

TEST(DocumentInput, an_answer_gives_the_documents_of_its_segments_with_their_lines) {
  const std::string answer = R"({
    "Traces": [
        {
            "Id": "1-a",
            "Duration": 1.5,
            "Segments": [
                {
                    "Id": "1",
                    "Document": "{\"id\":\"1\",\"metadata\":{\"Document\":\"no\"}}"
                },
                { "Document": "{\"id\":\"2\"}", "Id": "2" }
            ],
            "Document": "no", "Other": [{"Segments": [{"Document": "no"}]}]
        },
        { "Segments": [ {"Document": "{\"id\":\"3\"}"} ], "LimitExceeded": false }
    ],
    "UnprocessedTraceIds": []
}
)";
  EXPECT_THAT(read(answer + "{\"id\":4}\n"),
              ElementsAre("*9:{\"id\":\"1\",\"metadata\":{\"Document\":\"no\"}}",
                          "*11:{\"id\":\"2\"}", "*15:{\"id\":\"3\"}", "19:{\"id\":4}"));
}

TEST(DocumentInput, answers_may_stand_in_one_line_each_and_begin_with_any_member) {
  EXPECT_THAT(read(R"({"Traces":[{"Segments":[{"Document":"a"}]}]})"
                   "\n"
                   R"({"NextToken":null,"Traces":[{"Segments":[{"Document":"b"}]}]})"
                   "\n"
                   R"( { "UnprocessedTraceIds" : ["x"], "Traces":[]})"),
              ElementsAre("*1:a", "*2:b"));
}

TEST(DocumentInput, a_broken_answer_gives_what_came_before_the_break_and_is_named) {
  EXPECT_THAT(
      read("{\"Traces\":[{\"Segments\":[{\"Document\":\"a\"},\n {\"Document\":]\n{\"id\":1}\n"),
      ElementsAre("*1:a", StartsWith("*2!this answer can't be read on: ")));
  EXPECT_THAT(read("{\"Traces\":[{\"Segments\":[{\"Document\":\"\xFF\"}]}]}"),
              ElementsAre(StartsWith("*1!this answer can't be read on: ")));
  EXPECT_THAT(read("{\"Traces\":" + std::string(1000, '[')),
              ElementsAre("*1!this answer can't be read on: it is too deep"));
}

TEST(DocumentInput, a_value_of_an_answer_that_would_fill_the_memory_is_given_up) {
  const std::string endless(std::size_t{8} << 20U, 'x');
  EXPECT_THAT(read("{\"Traces\":[{\"Segments\":[{\"Document\":\"" + endless),
              ElementsAre("*1!this answer can't be read on: a value is too long"));
}

TEST(DocumentInput, a_document_that_begins_like_an_answer_but_is_none_stays_a_document) {
  EXPECT_THAT(read(R"({"name":"Traces"})"), ElementsAre(R"(1:{"name":"Traces"})"));
  EXPECT_THAT(read(R"({"traces":[]})"), ElementsAre(R"(1:{"traces":[]})"));
}

}  // namespace
}  // namespace xrayd::commands
