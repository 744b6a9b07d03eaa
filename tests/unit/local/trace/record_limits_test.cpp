// Records are bounded whatever comes in.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "local/trace/trace_tree.hpp"
#include "random_traces.hpp"
#include "trace_documents.hpp"

namespace xrayd::local {
namespace {

RecordLimits limits_of(std::size_t size) {
  return {size, size, size, size, size, size};
}

TEST(RecordLimits, hold_however_tight_they_are) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    const auto texts = random_trace(seed);
    for (std::size_t size = 0; size <= 6; ++size) {
      const auto limits = limits_of(size);
      ASSERT_EQ(what_is_wrong_with(record_of(texts, limits), limits), "")
          << "seed " << seed << ", limit " << size;
    }
  }
}

TEST(RecordLimits, each_one_says_that_something_is_missing) {
  const std::vector<std::string> texts = {segment(
      1, "shop", 0, 1,
      R"("annotations":{"a":1,"b":2},"cause":{"message":"m","exceptions":[{"message":"n"}]},)" +
          parts({members(2, "a", 0, 1, R"("namespace":"remote")"),
                 members(3, "b", 0, 1, R"("namespace":"remote")")}))};
  EXPECT_FALSE(record_of(texts).truncated);
  for (auto member : {&RecordLimits::nodes, &RecordLimits::segments, &RecordLimits::calls,
                      &RecordLimits::annotations, &RecordLimits::messages}) {
    RecordLimits limits;
    limits.*member = 1;
    EXPECT_TRUE(record_of(texts, limits).truncated);
  }
}

TEST(RecordLimits, the_root_stays_even_if_it_began_last) {
  std::vector<std::string> texts = {segment(1, "root", 50, 60)};
  for (EntityId id = 2; id < 20; ++id) {
    texts.push_back(called_segment(id, 1, "s" + std::to_string(id), static_cast<double>(id), 61));
  }
  RecordLimits limits;
  limits.segments = 3;
  limits.nodes = 2;
  const auto record = record_of(texts, limits);
  EXPECT_TRUE(record.truncated);
  ASSERT_NE(record.entry_point(), nullptr);
  EXPECT_EQ(record.entry_point()->name, "root");
  EXPECT_EQ(record.response_time, 10.0);
  // Times are the whole trace's.
  EXPECT_EQ(record.start, epoch_of_tests + 2);
  EXPECT_EQ(record.end, epoch_of_tests + 61);
}

TEST(RecordLimits, texts_are_cut_at_characters) {
  std::string endless;
  for (int i = 0; i < 3000; ++i) endless += "ü";
  const std::string quoted = '"' + endless + '"';
  RecordLimits limits;
  limits.text_characters = 100;
  const auto record = record_of(
      {segment(1, "shop", 0, 1,
               R"("user":)" + quoted + R"(,"origin":)" + quoted + R"(,"annotations":{"a":)" +
                   quoted + R"(},"cause":{"message":)" + quoted + R"(},"http":{"request":{"url":)" +
                   quoted + "}}," + parts({members(2, endless, 0, 1, R"("namespace":"aws")")}))},
      limits);
  EXPECT_EQ(record.segments[0].user.size(), 200U);
  EXPECT_EQ(record.segments[0].http.url.size(), 200U);
  EXPECT_EQ(record.nodes[0].type.size(), 200U);
  EXPECT_EQ(record.nodes[1].name.size(), 200U);
  EXPECT_EQ(std::get<std::string_view>(record.annotations[0].value).size(), 200U);
  EXPECT_EQ(record.messages[0].text.size(), 200U);
}

TEST(RecordLimits, ten_thousand_calls_in_one_segment) {
  std::vector<std::string> texts;
  // As parts of their own: one document would be too large.
  for (EntityId id = 2; id <= 10'001; ++id) {
    texts.push_back(
        part(id, 1, "host" + std::to_string(id), 0, 1,
             R"("namespace":"remote","annotations":{"id":)" + std::to_string(id) + "}"));
  }
  texts.push_back(segment(1, "shop", 0, 1));
  const auto record = record_of(texts);
  EXPECT_EQ(what_is_wrong_with(record, {}), "");
  EXPECT_TRUE(record.truncated);
  EXPECT_EQ(record.nodes.size(), RecordLimits{}.nodes);
  EXPECT_EQ(record.annotations.size(), RecordLimits{}.annotations);
}

TEST(RecordLimits, ten_thousand_segments_that_one_call_called) {
  std::vector<std::string> texts = {
      segment(1, "shop", 0, 1, parts({members(2, "host", 0, 1, R"("namespace":"remote")")}))};
  for (EntityId id = 3; id <= 12'000; ++id) texts.push_back(called_segment(id, 2, "host", 0, 1));
  const auto record = record_of(texts);
  EXPECT_EQ(what_is_wrong_with(record, {}), "");
  EXPECT_EQ(record.segments.size(), RecordLimits{}.segments);
  EXPECT_EQ(record.calls.size(), 2U);
}

TEST(RecordLimits, ten_thousand_parts_with_one_id_or_in_one_chain) {
  std::vector<std::string> chain = {segment(1, "shop", 0, 1)};
  for (EntityId id = 2; id <= 10'000; ++id) {
    chain.push_back(part(id, id - 1, "host", 0, 1, R"("namespace":"remote")"));
  }
  const auto deep = record_of(chain);
  EXPECT_EQ(what_is_wrong_with(deep, {}), "");
  EXPECT_EQ(deep.segments.size(), max_entity_depth);

  std::vector<std::string> alike(5000, members(2, "host", 0, 1, R"("namespace":"remote")"));
  const auto wide = record_of({segment(1, "shop", 0, 1, parts(alike)),
                               segment(3, "shop", 0, 1, parts(alike)), part(2, 1, "host", 0, 1)});
  EXPECT_EQ(what_is_wrong_with(wide, {}), "");
  EXPECT_EQ(wide.segments.size(), 3U);
}

}  // namespace
}  // namespace xrayd::local
