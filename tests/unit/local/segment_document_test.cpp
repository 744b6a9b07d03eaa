#include "local/document/segment_document.hpp"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "test_documents.hpp"

namespace xrayd::local {
namespace {

const std::string good_id = R"("id":"0000000000000001")";
const std::string good_trace = R"("trace_id":"1-5759e988-bd862e3fe1be46a994272793")";
const std::string good_times = R"("start_time":1.5,"end_time":2.5)";
const std::string good = R"("name":"shop",)" + good_id + "," + good_trace;
const std::string in_good_segment = "{" + good + "," + good_times + R"(,"subsegments":[)";

struct Case {
  std::string name;
  std::string text;
  Reason reason;
  std::string message;
};

std::string repeated(std::string_view part, std::size_t times) {
  std::string text;
  text.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

class RejectedDocument : public testing::TestWithParam<Case> {};

TEST_P(RejectedDocument, has_the_reason_and_the_message) {
  const auto parsed = parse_segment_document(GetParam().text);
  ASSERT_TRUE(std::holds_alternative<Rejection>(parsed));
  const auto& rejection = std::get<Rejection>(parsed);
  EXPECT_EQ(reason_label(rejection.reason), reason_label(GetParam().reason));
  EXPECT_EQ(rejection.message(), GetParam().message);
}

std::vector<Case> cases() {
  const std::string segment = "Invalid segment. ErrorCode: ";
  const std::string subsegment = "Invalid subsegment. ErrorCode: ";
  const std::string entity = "Invalid entity. ErrorCode: ";
  const std::string independent = R"({"type":"subsegment",)" + good + "," + good_times;
  return {
      {"empty", "", Reason::not_json, entity + "ParseError"},
      {"no_json", "hello", Reason::not_json, entity + "ParseError"},
      {"cut_off", "{" + good + "," + good_times, Reason::not_json, entity + "ParseError"},
      {"something_behind", segment_text(test_trace_id(1), 1) + "x", Reason::not_json,
       entity + "ParseError"},
      {"zero_byte_behind", segment_text(test_trace_id(1), 1) + std::string("\0x", 2),
       Reason::not_json, entity + "ParseError"},
      {"not_utf8", "{" + good + "," + good_times + ",\"user\":\"\xC3(\"}", Reason::not_utf8,
       entity + "ParseError"},
      {"overlong_utf8", "{" + good + "," + good_times + ",\"user\":\"\xC0\xAF\"}", Reason::not_utf8,
       entity + "ParseError"},
      {"arrays_32000_deep", repeated("[", 32000), Reason::too_deep, segment + "ParseError"},
      {"arrays_100000_deep", repeated("[", 100000) + repeated("]", 100000), Reason::too_deep,
       segment + "ParseError"},
      {"objects_100000_deep", repeated(R"({"a":)", 100000), Reason::too_deep,
       segment + "ParseError"},
      {"one_level_too_deep",
       "{" + good + "," + good_times + R"(,"metadata":)" + repeated("[", 1024) +
           repeated("]", 1024) + "}",
       Reason::too_deep, segment + "ParseError"},
      {"too_large",
       "{" + good + "," + good_times + R"(,"user":")" + std::string(max_document_bytes, 'x') +
           "\"}",
       Reason::too_large, segment + "InvalidSegment"},
      {"otlp_sampled", "T1SCgoKCA==", Reason::otlp_payload, entity + "ParseError"},
      {"otlp_unsampled", "T1UCgoKCA==", Reason::otlp_payload, entity + "ParseError"},
      {"array", "[]", Reason::not_an_object, entity + "ParseError"},
      {"number", "1", Reason::not_an_object, entity + "ParseError"},
      {"start_is_text", "{" + good + R"(,"start_time":"1","end_time":2})", Reason::parse_error,
       segment + "ParseError"},
      {"start_in_milliseconds", "{" + good + R"(,"start_time":1700000000000,"end_time":2})",
       Reason::parse_error, segment + "ParseError"},
      {"start_is_negative", "{" + good + R"(,"start_time":-1,"end_time":2})", Reason::parse_error,
       segment + "ParseError"},
      {"in_progress_is_text", "{" + good + R"(,"start_time":1,"in_progress":"true"})",
       Reason::parse_error, segment + "ParseError"},
      {"subsegments_is_object", "{" + good + "," + good_times + R"(,"subsegments":{}})",
       Reason::parse_error, segment + "ParseError"},
      {"subsegment_is_number", in_good_segment + "1]}", Reason::parse_error,
       segment + "ParseError"},
      {"unknown_type", "{" + good + "," + good_times + R"(,"type":"span"})", Reason::unknown_type,
       segment + "UnknownType"},
      {"missing_id", R"({"name":"shop",)" + good_trace + "," + good_times + "}", Reason::missing_id,
       segment + "MissingId"},
      {"null_id", R"({"id":null,"name":"shop",)" + good_trace + "," + good_times + "}",
       Reason::missing_id, segment + "MissingId"},
      {"empty_object", "{}", Reason::missing_id, segment + "MissingId"},
      {"short_id", R"({"id":"12","name":"shop",)" + good_trace + "," + good_times + "}",
       Reason::invalid_id, segment + "InvalidId"},
      {"missing_name", "{" + good_id + "," + good_trace + "," + good_times + "}",
       Reason::missing_name, segment + "MissingName"},
      {"empty_name", R"({"name":"",)" + good_id + "," + good_trace + "," + good_times + "}",
       Reason::invalid_name, segment + "InvalidName"},
      {"name_with_question_mark",
       R"({"name":"shop?",)" + good_id + "," + good_trace + "," + good_times + "}",
       Reason::invalid_name, segment + "InvalidName"},
      {"missing_trace_id", R"({"name":"shop",)" + good_id + "," + good_times + "}",
       Reason::missing_trace_id, segment + "MissingTraceId"},
      {"invalid_trace_id",
       R"({"name":"shop","trace_id":"1-2-3",)" + good_id + "," + good_times + "}",
       Reason::invalid_trace_id, segment + "InvalidTraceId"},
      {"missing_start_time", "{" + good + R"(,"end_time":2})", Reason::missing_start_time,
       segment + "MissingStartTime"},
      {"in_progress_with_end", "{" + good + "," + good_times + R"(,"in_progress":true})",
       Reason::in_progress_segment_has_end_time, segment + "InProgressSegmentHasEndTime"},
      {"missing_end_time", "{" + good + R"(,"start_time":1})", Reason::missing_end_time,
       segment + "MissingEndTime"},
      {"false_in_progress_without_end", "{" + good + R"(,"start_time":1,"in_progress":false})",
       Reason::missing_end_time, segment + "MissingEndTime"},
      {"segment_with_bad_parent", "{" + good + "," + good_times + R"(,"parent_id":"x"})",
       Reason::invalid_parent_id, segment + "InvalidParentId"},
      {"independent_without_parent", independent + "}", Reason::missing_parent_id,
       subsegment + "MissingParentId"},
      {"independent_with_bad_parent", independent + R"(,"parent_id":"xyz"})",
       Reason::invalid_parent_id, subsegment + "InvalidParentId"},
      {"independent_in_progress_with_end",
       independent + R"(,"parent_id":"0000000000000002","in_progress":true})",
       Reason::in_progress_subsegment_has_end_time, subsegment + "InProgressSubsegmentHasEndTime"},
      {"nested_without_end",
       in_good_segment + R"({"name":"a","id":"0000000000000002",)" + R"("start_time":1}]})",
       Reason::missing_end_time, subsegment + "MissingEndTime"},
      {"nested_twice_without_id",
       in_good_segment + R"({"name":"a","id":"0000000000000002",)" + good_times +
           R"(,"subsegments":[{"name":"b",)" + good_times + "}]}]}",
       Reason::missing_id, subsegment + "MissingId"},
      {"nested_of_another_type",
       in_good_segment + R"({"type":"segment","name":"a","id":"0000000000000002",)" + good_times +
           "}]}",
       Reason::unknown_type, subsegment + "UnknownType"},
  };
}

INSTANTIATE_TEST_SUITE_P(Reasons, RejectedDocument, testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param.name; });

TEST(SegmentDocument, the_first_fault_in_the_services_order_is_the_one_named) {
  const auto reason = [](std::string text) {
    return std::get<Rejection>(parse_segment_document(std::move(text))).reason;
  };
  EXPECT_EQ(reason(R"({"type":"x"})"), Reason::unknown_type);
  EXPECT_EQ(reason(R"({"id":"x"})"), Reason::invalid_id);
  EXPECT_EQ(reason("{" + good_id + "}"), Reason::missing_name);
  EXPECT_EQ(reason("{" + good_id + R"(,"name":"a"})"), Reason::missing_trace_id);
  EXPECT_EQ(reason("{" + good + "}"), Reason::missing_start_time);
  EXPECT_EQ(reason("{" + good + R"(,"type":"subsegment","start_time":1})"),
            Reason::missing_end_time);
}

TEST(SegmentDocument, a_rejection_carries_the_documents_id_where_there_is_one) {
  const auto rejection = std::get<Rejection>(parse_segment_document("{" + good_id + "}"));
  EXPECT_EQ(rejection.id, 1U);
  EXPECT_FALSE(std::get<Rejection>(parse_segment_document(R"({"id":"x"})")).id);
  EXPECT_FALSE(std::get<Rejection>(parse_segment_document("[")).id);
}

TEST(SegmentDocument, a_complete_segment_is_taken) {
  const auto document = document_of("{" + good + "," + good_times +
                                    R"(,"parent_id":"00000000000000AB","type":null})");
  EXPECT_EQ(document.trace_id.to_string(), "1-5759e988-bd862e3fe1be46a994272793");
  EXPECT_EQ(document.id, 1U);
  EXPECT_EQ(document.parent_id, 0xABU);
  EXPECT_FALSE(document.independent_subsegment);
  EXPECT_FALSE(document.in_progress);
}

TEST(SegmentDocument, an_independent_subsegment_in_progress_is_taken) {
  const auto document =
      document_of(R"({"type":"subsegment",)" + good +
                  R"(,"parent_id":"0000000000000002","start_time":1,"in_progress":true})");
  EXPECT_TRUE(document.independent_subsegment);
  EXPECT_TRUE(document.in_progress);
  EXPECT_EQ(document.parent_id, 2U);
}

TEST(SegmentDocument, what_other_sdks_send_is_taken) {
  // Trace ids of OpenTelemetry, in_progress:false, nulls, repeated parents, names in other scripts.
  document_of(R"({"name":"shop",)" + good_id + "," + good_times +
              R"(,"trace_id":"5759e988bd862e3fe1be46a994272793"})");
  document_of("{" + good + "," + good_times + R"(,"in_progress":false,"Dummy":false})");
  document_of("{" + good + "," + good_times + R"(,"parent_id":"","user":null})");
  document_of("{" + good + "," + good_times + R"(,"cause":{"id":"0000000000000009"}})");
  document_of(R"({"name":"日本 a_.:/%&#=+-@",)" + good_id + "," + good_trace + "," + good_times +
              "}");
  document_of(in_good_segment +
              R"({"type":"subsegment","parent_id":"x","trace_id":"x","name":"f(int)?",)" +
              R"("id":"0000000000000002",)" + good_times + "}]}");
}

TEST(SegmentDocument, the_deepest_allowed_document_is_taken) {
  document_of("{" + good + "," + good_times + R"(,"metadata":)" + repeated("[", 1023) +
              repeated("]", 1023) + "}");
}

TEST(SegmentDocument, halves_of_surrogate_pairs_become_replacement_characters) {
  const auto name_read_from = [](const std::string& escaped) {
    const auto document = document_of(
        segment_text(test_trace_id(1), 1, R"(,"metadata":{"a":{"b":")" + escaped + R"("}})"));
    return std::string(*text_member(*member(*member(document.json.value(), "metadata"), "a"), "b"));
  };
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(name_read_from(R"(abc\ud83d)"), "abc" + replacement);
  EXPECT_EQ(name_read_from(R"(\uDC00)"), replacement);
  EXPECT_EQ(name_read_from(R"(\udc00\ud83d)"), replacement + replacement);
  EXPECT_EQ(name_read_from(R"(\ud83d\ud83d\ude00)"), replacement + "\xF0\x9F\x98\x80");
  EXPECT_EQ(name_read_from(R"(\ud83d\n)"), replacement + "\n");
  EXPECT_EQ(name_read_from(R"(\uD83D\uDE00)"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(name_read_from(R"(\\ud800)"), R"(\ud800)");
  EXPECT_EQ(name_read_from(R"(\\\ud800)"), "\\" + replacement);
  EXPECT_EQ(name_read_from(R"(\ud7ff\ue000)"), "\xED\x9F\xBF\xEE\x80\x80");
}

TEST(SegmentDocument, an_escape_that_is_cut_short_is_no_json) {
  for (const std::string cut : {R"(\ud8)", R"(\ud8zz)", R"(\ud83d\)"}) {
    const auto parsed = parse_segment_document(R"({"name":")" + cut + "\"}");
    ASSERT_TRUE(std::holds_alternative<Rejection>(parsed)) << cut;
    EXPECT_EQ(std::get<Rejection>(parsed).reason, Reason::not_json) << cut;
  }
  EXPECT_TRUE(std::holds_alternative<Rejection>(parse_segment_document(R"({"name":"\ud83d)")));
  EXPECT_TRUE(std::holds_alternative<Rejection>(parse_segment_document(R"({"name":"\ud83)")));
}

}  // namespace
}  // namespace xrayd::local
