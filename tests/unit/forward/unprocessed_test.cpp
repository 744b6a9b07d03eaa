#include "forward/unprocessed.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace xrayd::forward {
namespace {

/// A batch of documents that need no escaping but for their quotes and ends of lines.
backlog::Batch batch_of(const std::vector<std::string>& documents) {
  backlog::Batch batch;
  batch.body = "{\"TraceSegmentDocuments\":[";
  for (const std::string& document : documents) {
    if (!batch.documents.empty()) batch.body += ',';
    batch.body += '"';
    const std::size_t begin = batch.body.size();
    for (const char c : document) {
      if (c == '"' || c == '\\') batch.body += '\\';
      if (c == '\n') {
        batch.body += "\\n";
      } else {
        batch.body += c;
      }
    }
    batch.documents.push_back(
        {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(batch.body.size() - begin)});
    batch.body += '"';
  }
  batch.body += "]}";
  return batch;
}

std::string entry(const std::string& id, const std::string& code) {
  return R"({"Id":)" + id + R"(,"ErrorCode":")" + code + R"(","Message":"m"})";
}

std::string answer_with(const std::string& entries) {
  return "{\"UnprocessedTraceSegments\":[" + entries + "]}";
}

TEST(Unprocessed, an_empty_list_names_nobody) {
  const backlog::Batch batch = batch_of({R"({"id":"a1"})"});
  EXPECT_TRUE(read_unprocessed(answer_with(""), batch).empty());
  EXPECT_TRUE(read_unprocessed("{}", batch).empty());
}

TEST(Unprocessed, answers_that_can_not_be_read_name_nobody) {
  const backlog::Batch batch = batch_of({R"({"id":"a1"})"});
  const std::string deep(100'000, '[');
  for (const std::string& text :
       {std::string(), std::string("null"), std::string("{"), std::string("[1]"), deep,
        R"({"UnprocessedTraceSegments":)" + deep, std::string("{\"UnprocessedTraceSegments\":3}"),
        std::string("{\"UnprocessedTraceSegments\":[3,null,\"x\"]}")}) {
    EXPECT_TRUE(read_unprocessed(text, batch).empty()) << text.substr(0, 40);
  }
}

TEST(Unprocessed, a_document_is_found_by_its_id_with_and_without_blanks) {
  const backlog::Batch batch =
      batch_of({R"({"id":"a1","name":"x"})", "{\"id\" : \"a2\"}", "{\"id\"\n:\n\"a3\"}"});
  const auto entries = read_unprocessed(
      answer_with(entry("\"a3\"", "X") + "," + entry("\"a2\"", "ThrottledException")), batch);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].document, 2U);
  EXPECT_EQ(entries[0].code, "X");
  EXPECT_EQ(entries[0].message, "m");
  EXPECT_FALSE(entries[0].throttled);
  EXPECT_EQ(entries[1].document, 1U);
  EXPECT_TRUE(entries[1].throttled);
}

TEST(Unprocessed, the_id_of_a_parent_is_not_taken_for_the_documents_own) {
  const backlog::Batch batch =
      batch_of({R"({"parent_id":"a1","id":"b1"})", R"({"name":"a1","id":"a1"})"});
  const auto entries = read_unprocessed(answer_with(entry("\"a1\"", "X")), batch);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].document, 1U);
}

TEST(Unprocessed, two_entries_never_name_one_document) {
  const backlog::Batch batch = batch_of({R"({"id":"a1"})", R"({"id":"a1"})", R"({"id":"a2"})"});
  const auto entries =
      read_unprocessed(answer_with(entry("\"a1\"", "X") + "," + entry("\"a1\"", "X")), batch);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].document, 0U);
  EXPECT_EQ(entries[1].document, 1U);
}

TEST(Unprocessed, entries_without_an_id_or_with_an_unknown_one_count_but_name_nowhere) {
  const backlog::Batch batch = batch_of({R"({"id":"a1"})", R"({"id":"a2"})", "{}", "{}", "T1S"});
  const auto entries =
      read_unprocessed(answer_with(entry("null", "X") + "," + entry("\"zz\"", "Y") + "," +
                                   entry("\"\"", "Z") + "," + entry(R"("a1\" \\")", "W")),
                       batch);
  ASSERT_EQ(entries.size(), 4U);
  for (const UnprocessedEntry& entry : entries) {
    EXPECT_EQ(entry.document, UnprocessedEntry::nowhere);
  }
}

TEST(Unprocessed, entries_for_all_documents_name_all_of_them) {
  const backlog::Batch batch = batch_of({"T1S", R"({"id":"a2"})"});
  const auto entries = read_unprocessed(
      answer_with(entry("null", "Throttling") + "," + entry("\"a2\"", "Throttling")), batch);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].document, 0U);
  EXPECT_EQ(entries[1].document, 1U);
}

TEST(Unprocessed, there_are_never_more_entries_than_documents) {
  const backlog::Batch batch = batch_of({R"({"id":"a1"})"});
  const auto entries = read_unprocessed(
      answer_with(entry("\"a1\"", "X") + "," + entry("\"a2\"", "X") + "," + entry("null", "X")),
      batch);
  EXPECT_EQ(entries.size(), 1U);
}

TEST(Unprocessed, the_trace_id_is_read_from_the_escaped_document) {
  EXPECT_EQ(trace_id_of(R"({\"trace_id\":\"1-5f84c7a1-0123\",\"id\":\"a\"})"), "1-5f84c7a1-0123");
  EXPECT_EQ(trace_id_of(R"({\"trace_id\" : \"1-2\"})"), "1-2");
  for (const char* text : {"", "T1S", R"({\"trace_id\":3})", R"({\"trace_id\":\"a b\"})",
                           R"({\"trace_id\":\")", R"({\"trace_id\")"}) {
    EXPECT_EQ(trace_id_of(text), "") << text;
  }
}

}  // namespace
}  // namespace xrayd::forward
