#include "local/otlp/otlp_payload.hpp"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "local/document/segment_document.hpp"
#include "otlp_bytes.hpp"

namespace xrayd::local {
namespace {

using namespace otlp_bytes;

TEST(OtlpPayload, is_known_by_its_first_letters) {
  EXPECT_TRUE(is_otlp_payload("T1S"));
  EXPECT_TRUE(is_otlp_payload("T1Uabc"));
  EXPECT_FALSE(is_otlp_payload("T1"));
  EXPECT_FALSE(is_otlp_payload("M1S"));
  EXPECT_FALSE(is_otlp_payload("{}"));
}

TEST(OtlpPayload, a_sampled_span_is_a_document) {
  OtlpSegments segments;
  ASSERT_TRUE(segments_of_otlp("T1S" + base64(request({span({})})), segments));
  ASSERT_EQ(segments.documents.size(), 1U);
  EXPECT_EQ(segments.refused, 0U);
  EXPECT_TRUE(
      std::holds_alternative<SegmentDocument>(parse_segment_document(segments.documents.front())));
}

TEST(OtlpPayload, a_line_end_behind_it_does_no_harm) {
  OtlpSegments segments;
  EXPECT_TRUE(segments_of_otlp("T1S" + base64(request({span({})})) + "\r\n", segments));
  EXPECT_EQ(segments.documents.size(), 1U);
}

TEST(OtlpPayload, unsampled_spans_give_no_documents) {
  OtlpSegments segments;
  EXPECT_TRUE(segments_of_otlp("T1U" + base64(request({span({})})), segments));
  EXPECT_TRUE(segments.documents.empty());
  EXPECT_EQ(segments.refused, 0U);
}

TEST(OtlpPayload, other_texts_are_none_and_leave_nothing_behind) {
  OtlpSegments segments;
  segments.documents.emplace_back("before");
  EXPECT_FALSE(segments_of_otlp("{}", segments));
  EXPECT_FALSE(segments_of_otlp("T1S!", segments));
  EXPECT_FALSE(segments_of_otlp("T1Uabcd", segments));
  EXPECT_FALSE(segments_of_otlp("T1S" + base64(request({span({})}) + "\x0b"), segments));
  EXPECT_EQ(segments.documents.size(), 1U);
}

TEST(OtlpPayload, cut_anywhere_it_is_refused) {
  const std::string bytes = request({span({.with = {{"k", text("v")}}})}, {{"r", integer(1)}});
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    OtlpSegments segments;
    EXPECT_FALSE(segments_of_otlp("T1S" + base64(bytes.substr(0, size)), segments)) << size;
    EXPECT_TRUE(segments.documents.empty());
  }
}

TEST(OtlpPayload, changed_anywhere_its_documents_are_still_documents) {
  const std::string bytes =
      request({span({"GET /",
                     2,
                     1,
                     2,
                     {{"http.method", text("GET")}, {"x", list({real(1)})}},
                     event("exception", {{"exception.type", text("E")}}) + status_error("bad")})},
              {{"service.name", text("shop")}});
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int change : {1, 0x80, 0xff}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ change);
      OtlpSegments segments;
      if (!segments_of_otlp("T1S" + base64(changed), segments)) continue;
      for (const auto& document : segments.documents) {
        EXPECT_TRUE(std::holds_alternative<SegmentDocument>(parse_segment_document(document)))
            << document;
      }
    }
  }
}

TEST(OtlpPayload, spans_without_ids_or_times_are_refused_one_by_one) {
  const std::string zeros(16, '\0');
  const std::string ids = bytes_field(1, trace_id) + bytes_field(2, "12345678");
  const std::string times = fixed64_field(7, 1) + fixed64_field(8, 2);
  OtlpSegments segments;
  ASSERT_TRUE(segments_of_otlp(
      "T1S" +
          base64(request({ids + times, ids, ids + fixed64_field(7, 1), ids + fixed64_field(8, 1),
                          times, bytes_field(1, zeros) + bytes_field(2, "12345678") + times,
                          bytes_field(1, trace_id) + bytes_field(2, "1234567") + times,
                          bytes_field(1, trace_id) + bytes_field(2, zeros.substr(8)) + times})),
      segments));
  EXPECT_EQ(segments.documents.size(), 1U);
  EXPECT_EQ(segments.refused, 7U);
}

TEST(OtlpPayload, spans_beyond_the_bound_are_refused) {
  std::string scope;
  const std::string one = bytes_field(2, span({}));
  for (std::size_t i = 0; i <= max_spans_a_payload; ++i) scope += one;
  OtlpSegments segments;
  ASSERT_TRUE(segments_of_otlp("T1S" + base64(bytes_field(1, bytes_field(2, scope))), segments));
  EXPECT_EQ(segments.documents.size(), max_spans_a_payload);
  EXPECT_EQ(segments.refused, 1U);
}

TEST(OtlpPayload, a_span_larger_than_a_document_is_refused) {
  std::string more;
  for (int i = 0; i < 200; ++i)
    more += attributes(9, {{"k", list({text(std::string(9000, 'x'))})}});
  OtlpSegments segments;
  ASSERT_TRUE(segments_of_otlp("T1S" + base64(request({span({.more = more})})), segments));
  EXPECT_TRUE(segments.documents.empty());
  EXPECT_EQ(segments.refused, 1U);
}

TEST(OtlpPayload, many_spans_of_a_talkative_resource_are_refused_beyond_a_size) {
  const std::string talk(40'000, 'x');
  std::string scope;
  constexpr std::size_t spans = 500;
  for (std::uint64_t id = 1; id <= spans; ++id)
    scope += bytes_field(2, span({.kind = 2, .id = id}));
  const std::string bytes =
      bytes_field(1, bytes_field(1, attributes(1, {{"talk", text(talk)}})) + bytes_field(2, scope));
  const std::string payload = "T1S" + base64(bytes);
  OtlpSegments segments;
  ASSERT_TRUE(segments_of_otlp(payload, segments));
  std::size_t size = 0;
  for (const auto& document : segments.documents) size += document.size();
  EXPECT_GT(segments.documents.size(), 1U);
  EXPECT_LE(size, max_otlp_growth * payload.size());
  EXPECT_EQ(segments.documents.size() + segments.refused, spans);
}

}  // namespace
}  // namespace xrayd::local
