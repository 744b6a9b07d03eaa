#include "local/trace/trace_compiler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "local/trace/trace_tree.hpp"
#include "trace_documents.hpp"

namespace xrayd::local {
namespace {

using testing::HasSubstr;
using testing::Not;

const TraceId& trace = trace_of_tests;

// A complete segment of one second.
std::string segment_text(const TraceId& id_of_trace, EntityId id, std::string_view more = "") {
  return R"({"name":"shop","id":")" + entity_id_text(id) + R"(","trace_id":")" +
         id_of_trace.to_string() + R"(","start_time":1700000000.25,"end_time":1700000001.25)" +
         std::string(more) + "}";
}

std::string subsegment_text(const TraceId& id_of_trace, EntityId id, EntityId parent,
                            std::string_view more = "") {
  return R"({"type":"subsegment","name":"part","id":")" + entity_id_text(id) + R"(","trace_id":")" +
         id_of_trace.to_string() + R"(","parent_id":")" + entity_id_text(parent) +
         R"(","start_time":1700000000.5,"end_time":1700000000.75)" + std::string(more) + "}";
}

// The same trace whatever the order of its documents: this is compared with the first order's.
void expect_same_in_every_order(std::vector<std::string> texts) {
  const CompiledTrace expected = compiled(texts);
  std::vector<std::size_t> order(texts.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  do {
    std::vector<std::string> shuffled;
    shuffled.reserve(texts.size());
    for (const auto i : order) shuffled.push_back(texts[i]);
    const CompiledTrace actual = compiled(shuffled);
    ASSERT_EQ(actual.orphans, expected.orphans);
    ASSERT_EQ(actual.segments.size(), expected.segments.size());
    for (std::size_t i = 0; i < actual.segments.size(); ++i) {
      ASSERT_EQ(actual.segments[i].document, expected.segments[i].document);
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(TraceCompiler, golden_a_segment_alone_keeps_its_members) {
  const auto result = compiled({segment_text(
      trace, 1,
      R"(,"user":"u","http":{"response":{"status":200}},"metadata":{"n":{"k":[1,null]}})")});
  ASSERT_EQ(result.segments.size(), 1U);
  EXPECT_EQ(result.segments[0].id, 1U);
  EXPECT_EQ(result.segments[0].document,
            R"({"id":"0000000000000001","name":"shop","start_time":1700000000.25,)"
            R"("end_time":1700000001.25,"trace_id":"1-6553f100-000000000000000000000007",)"
            R"("user":"u","http":{"response":{"status":200}},"metadata":{"n":{"k":[1,null]}}})");
  EXPECT_EQ(result.duration, 1.0);
}

TEST(TraceCompiler, golden_independent_subsegments_go_into_their_parents) {
  const auto result = compiled({subsegment_text(trace, 3, 2, R"(,"namespace":"local")"),
                                subsegment_text(trace, 2, 1), segment_text(trace, 1)});
  ASSERT_EQ(result.segments.size(), 1U);
  EXPECT_EQ(result.segments[0].document,
            R"({"id":"0000000000000001","name":"shop","start_time":1700000000.25,)"
            R"("end_time":1700000001.25,"trace_id":"1-6553f100-000000000000000000000007",)"
            R"("subsegments":[{"id":"0000000000000002","name":"part","start_time":1700000000.5,)"
            R"("end_time":1700000000.75,"subsegments":[{"id":"0000000000000003","name":"part",)"
            R"("start_time":1700000000.5,"end_time":1700000000.75,"namespace":"local"}]}]})");
  EXPECT_EQ(result.orphans, 0U);
}

TEST(TraceCompiler, microseconds_of_times_survive) {
  const auto result =
      compiled({R"({"name":"a","id":"0000000000000001","trace_id":")" + trace.to_string() +
                R"(","start_time":1700000000.123457,"end_time":1700000000.123459})"});
  EXPECT_THAT(result.segments[0].document,
              HasSubstr(R"("start_time":1700000000.123457,"end_time":1700000000.123459)"));
  EXPECT_EQ(result.duration, 0.000002);
}

TEST(TraceCompiler, a_parent_may_be_nested_in_a_segment) {
  const auto result = compiled(
      {subsegment_text(trace, 3, 2),
       segment_text(trace, 1,
                    R"(,"subsegments":[{"name":"n","id":"0000000000000002","start_time":1,)"
                    R"("end_time":2}])")});
  EXPECT_THAT(result.segments[0].document,
              HasSubstr(R"("name":"n","start_time":1,"end_time":2,"subsegments":[{"id":"0)"
                        R"(000000000000003")"));
}

TEST(TraceCompiler, parts_stand_by_start_time_whether_embedded_or_not) {
  const auto result =
      compiled({segment_text(trace, 1,
                             R"(,"subsegments":[{"name":"last","id":"0000000000000002",)"
                             R"("start_time":1700000001,"end_time":1700000001.25}])"),
                subsegment_text(trace, 3, 1)});
  const auto& document = result.segments[0].document;
  EXPECT_LT(document.find("part"), document.find("last"));
}

TEST(TraceCompiler, every_order_of_arrival_gives_the_same_trace) {
  expect_same_in_every_order({
      segment_text(trace, 1, R"(,"annotations":{"a":1},"user":"u1")"),
      segment_text(trace, 2, R"(,"parent_id":"0000000000000004","annotations":{"a":2})"),
      subsegment_text(trace, 3, 1, R"(,"annotations":{"a":"x"})"),
      subsegment_text(trace, 4, 3),
      subsegment_text(trace, 5, 2),
      subsegment_text(trace, 6, 99),
  });
}

TEST(TraceCompiler, in_progress_gives_way_to_complete_in_every_order) {
  const std::string open = R"({"name":"shop","id":"0000000000000001","trace_id":")" +
                           trace.to_string() +
                           R"(","start_time":1700000000.25,"in_progress":true,)" +
                           R"("subsegments":[{"name":"n","id":"0000000000000002",)" +
                           R"("start_time":1700000000.5,"in_progress":true}]})";
  const std::vector<std::string> texts = {
      open,
      segment_text(trace, 1,
                   R"(,"subsegments":[{"name":"n","id":"0000000000000002",)"
                   R"("start_time":1700000000.5,"end_time":1700000000.75}])"),
      subsegment_text(trace, 3, 2), subsegment_text(trace, 4, 3)};
  expect_same_in_every_order(texts);
  EXPECT_THAT(compiled(texts).segments[0].document, Not(HasSubstr("in_progress")));
  EXPECT_THAT(compiled({open}).segments[0].document, HasSubstr(R"("in_progress":true)"));
  EXPECT_FALSE(compiled({open}).duration);
}

TEST(TraceCompiler, a_complete_part_takes_the_place_of_the_embedded_one_in_progress) {
  const std::vector<std::string> texts = {
      R"({"name":"shop","id":"0000000000000001","trace_id":")" + trace.to_string() +
          R"(","start_time":1700000000.25,"in_progress":true,"subsegments":[)" +
          R"({"name":"old","id":"0000000000000002","start_time":1700000000.5,)" +
          R"("in_progress":true}]})",
      subsegment_text(trace, 2, 1), subsegment_text(trace, 3, 2)};
  expect_same_in_every_order(texts);
  const auto result = compiled(texts);
  EXPECT_THAT(result.segments[0].document, Not(HasSubstr("old")));
  EXPECT_THAT(result.segments[0].document, HasSubstr(R"("id":"0000000000000003")"));
  EXPECT_EQ(result.orphans, 0U);
}

TEST(TraceCompiler, a_part_sent_twice_is_there_once) {
  const auto result =
      compiled({segment_text(trace, 1,
                             R"(,"subsegments":[{"name":"embedded","id":"0000000000000002",)"
                             R"("start_time":1,"end_time":2}])"),
                subsegment_text(trace, 2, 1)});
  EXPECT_THAT(result.segments[0].document, HasSubstr("embedded"));
  EXPECT_THAT(result.segments[0].document, Not(HasSubstr("part")));
}

TEST(TraceCompiler, the_first_complete_version_wins) {
  const auto result = compiled({segment_text(trace, 1, R"(,"user":"first")"),
                                segment_text(trace, 1, R"(,"user":"second")")});
  ASSERT_EQ(result.segments.size(), 1U);
  EXPECT_THAT(result.segments[0].document, HasSubstr("first"));
}

TEST(TraceCompiler, orphans_are_kept_aside) {
  const auto result = compiled({segment_text(trace, 1), subsegment_text(trace, 2, 99)});
  EXPECT_EQ(result.orphans, 1U);
  EXPECT_THAT(result.segments[0].document, Not(HasSubstr("subsegments")));
}

TEST(TraceCompiler, parts_without_a_segment_make_a_trace_without_segments) {
  const auto result = compiled({subsegment_text(trace, 2, 1)});
  EXPECT_TRUE(result.segments.empty());
  EXPECT_FALSE(result.duration);
}

TEST(TraceCompiler, parts_in_a_circle_are_orphans) {
  const auto result = compiled({segment_text(trace, 1), subsegment_text(trace, 2, 3),
                                subsegment_text(trace, 3, 2), subsegment_text(trace, 4, 4)});
  EXPECT_EQ(result.orphans, 3U);
}

TEST(TraceCompiler, a_chain_of_ten_thousand_parts_is_cut_where_readers_would_suffer) {
  std::vector<std::string> texts = {segment_text(trace, 1)};
  for (EntityId id = 2; id <= 10000; ++id) texts.push_back(subsegment_text(trace, id, id - 1));
  const auto result = compiled(texts);
  EXPECT_EQ(result.orphans, 10000 - max_entity_depth);
  ParsedJson json;
  EXPECT_EQ(ParsedJson::parse(result.segments[0].document, max_document_depth, json),
            JsonFault::none);
}

TEST(TraceCompiler, duration_spans_all_segments) {
  const auto result = compiled(
      {segment_text(trace, 1),
       R"({"name":"b","id":"0000000000000002","trace_id":")" + trace.to_string() +
           R"(","parent_id":"0000000000000001","start_time":1700000001,"end_time":1700000003.5})"});
  EXPECT_EQ(result.duration, 3.25);
}

TEST(TraceCompiler, segments_sent_and_inferred_stand_by_start_time) {
  const auto result =
      compiled({segment(1, "shop", 0, 2,
                        parts({members(2, "late", 1.5, 1.75, R"("namespace":"remote")"),
                               members(3, "early", 0.25, 3, R"("namespace":"remote")")})),
                called_segment(4, 1, "stock", 1, 1.25)});
  ASSERT_EQ(result.segments.size(), 4U);
  EXPECT_THAT(result.segments[0].document, HasSubstr("shop"));
  EXPECT_THAT(result.segments[1].document, HasSubstr("early"));
  EXPECT_THAT(result.segments[2].document, HasSubstr("stock"));
  EXPECT_THAT(result.segments[3].document, HasSubstr("late"));
  // What went on after the answer counts.
  EXPECT_EQ(result.duration, 3.0);
}

TEST(TraceCompiler, ids_are_written_in_one_form_and_an_origin_is_a_text) {
  const auto result = compiled(
      {R"({"name":"a","id":"00000000000000AB","trace_id":"6553F100000000000000000000000007",)"
       R"("parent_id":"00000000000000CD","start_time":1,"end_time":2,"origin":5,"user":null})"});
  EXPECT_EQ(result.segments[0].document,
            R"({"id":"00000000000000ab","name":"a","start_time":1,"end_time":2,)"
            R"("trace_id":"1-6553f100-000000000000000000000007",)"
            R"("parent_id":"00000000000000cd"})");
}

TEST(TraceCompiler, long_names_are_cut_at_a_character) {
  std::string name;
  for (int i = 0; i < 250; ++i) name += "ü";
  const auto result =
      compiled({R"({"name":")" + name + R"(","id":"0000000000000001","trace_id":")" +
                trace.to_string() + R"(","start_time":1,"end_time":2})"});
  ParsedJson json;
  ASSERT_EQ(ParsedJson::parse(result.segments[0].document, max_document_depth, json),
            JsonFault::none);
  EXPECT_EQ(text_member(json.value(), "name")->size(), 400U);
}

}  // namespace
}  // namespace xrayd::local
