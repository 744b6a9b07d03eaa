#include "local/otlp/otlp_request.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "local/otlp/protobuf_reader.hpp"
#include "otlp_bytes.hpp"

namespace xrayd::local {
namespace {

using namespace otlp_bytes;

TEST(OtlpRequest, every_field_of_a_span_is_read) {
  const std::string link = bytes_field(13, bytes_field(1, trace_id) + bytes_field(2, "12345678") +
                                               attributes(4, {{"n", integer(-2)}}));
  const std::string bytes =
      request({span({"name",
                     3,
                     0x1122334455667788,
                     0x99,
                     {{"flag", flag(true)}, {"r", real(1.5)}},
                     event("e", {{"k", text("v")}}) + link + status_error("bad")})},
              {{"service.name", text("shop")}});
  int visited = 0;
  EXPECT_TRUE(read_otlp_request(bytes, [&](const OtlpResource& resource, const OtlpSpan& read) {
    ++visited;
    ASSERT_EQ(resource.attributes.size(), 1U);
    EXPECT_EQ(resource.attributes[0].key, "service.name");
    EXPECT_EQ(std::get<std::string_view>(resource.attributes[0].value.value), "shop");
    EXPECT_EQ(read.trace_id, trace_id);
    EXPECT_EQ(read.span_id, "\x11\x22\x33\x44\x55\x66\x77\x88");
    EXPECT_EQ(read.parent_id, std::string_view("\0\0\0\0\0\0\0\x99", 8));
    EXPECT_EQ(read.name, "name");
    EXPECT_EQ(read.kind, SpanKind::client);
    EXPECT_EQ(read.start, start_nanoseconds);
    EXPECT_EQ(read.end, end_nanoseconds);
    ASSERT_EQ(read.attributes.size(), 2U);
    EXPECT_EQ(std::get<bool>(read.attributes[0].value.value), true);
    EXPECT_EQ(std::get<double>(read.attributes[1].value.value), 1.5);
    ASSERT_EQ(read.events.size(), 1U);
    EXPECT_EQ(read.events[0].name, "e");
    EXPECT_EQ(read.events[0].attributes[0].key, "k");
    ASSERT_EQ(read.links.size(), 1U);
    EXPECT_EQ(read.links[0].span_id, "12345678");
    EXPECT_EQ(std::get<std::int64_t>(read.links[0].attributes[0].value.value), -2);
    EXPECT_EQ(read.status, SpanStatus::error);
    EXPECT_EQ(read.status_message, "bad");
  }));
  EXPECT_EQ(visited, 1);
}

TEST(OtlpRequest, an_empty_request_is_one_without_spans) {
  EXPECT_TRUE(read_otlp_request("", [](const auto&, const auto&) { FAIL(); }));
}

TEST(OtlpRequest, unknown_fields_and_unexpected_types_are_passed_over) {
  const std::string odd = varint_field(1, 5) + fixed64_field(99, 1) + bytes_field(6, "x");
  int visited = 0;
  const std::string bytes = varint_field(77, 1) + request({span({.more = odd})});
  EXPECT_TRUE(read_otlp_request(bytes, [&](const auto&, const OtlpSpan& read) {
    ++visited;
    EXPECT_EQ(read.trace_id, trace_id);
  }));
  EXPECT_EQ(visited, 1);
}

TEST(OtlpRequest, values_nested_too_deep_are_left_out) {
  std::string value = text("deep");
  for (int i = 0; i < 10'000; ++i) value = bytes_field(5, bytes_field(1, value));
  EXPECT_TRUE(read_otlp_request(
      request({span({.with = {{"a", value}}})}), [](const auto&, const OtlpSpan& read) {
        const OtlpValue* at = &read.attributes[0].value;
        std::size_t depth = 0;
        while (const auto* values = std::get_if<OtlpValue::List>(&at->value)) {
          ASSERT_EQ(values->size(), 1U);
          at = &values->front();
          ++depth;
        }
        EXPECT_EQ(depth, max_value_depth);
        EXPECT_TRUE(std::holds_alternative<std::monostate>(at->value));
      }));
}

TEST(OtlpRequest, members_nested_too_deep_are_left_out) {
  std::string value = text("deep");
  for (int i = 0; i < 10'000; ++i) {
    value = bytes_field(6, bytes_field(1, bytes_field(1, "k") + bytes_field(2, value)));
  }
  EXPECT_TRUE(read_otlp_request(request({span({.with = {{"a", value}}})}),
                                [](const auto&, const OtlpSpan&) {}));
}

TEST(OtlpRequest, attributes_events_and_links_are_bounded) {
  std::string more;
  for (int i = 0; i < 5000; ++i) {
    more += attributes(9, {{"a", list({integer(1), integer(2)})}}) +
            event("e", {{"b", flag(true)}}) + bytes_field(13, "");
  }
  EXPECT_TRUE(read_otlp_request(request({span({.more = more})}), [](const auto&, const auto& read) {
    EXPECT_LE(read.attributes.size(), max_values);
    EXPECT_EQ(read.events.size(), max_events);
    EXPECT_EQ(read.links.size(), max_links);
  }));
}

TEST(OtlpRequest, bytes_cut_anywhere_never_make_a_whole_request_of_more) {
  const std::string bytes = request({span({"name",
                                           3,
                                           1,
                                           2,
                                           {{"k", list({text("a"), real(2)})}},
                                           event("e", {}) + status_error("bad")})});
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_FALSE(read_otlp_request(bytes.substr(0, size), [](const auto&, const auto&) {})) << size;
  }
}

TEST(ProtobufReader, what_is_no_field_fails) {
  const auto fails = [](std::string_view bytes) {
    ProtobufReader reader(bytes);
    ProtobufField field;
    while (reader.next(field)) {
    }
    return reader.failed();
  };
  EXPECT_FALSE(fails(varint_field(1, ~std::uint64_t{0})));
  EXPECT_TRUE(fails(std::string_view("\0\0", 2)));                             // number 0
  EXPECT_TRUE(fails("\x0b\x0c"));                                              // a group
  EXPECT_TRUE(fails("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"));          // 65 bits
  EXPECT_TRUE(fails("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));  // without end
  EXPECT_TRUE(fails("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f"));              // too long
  EXPECT_TRUE(
      fails("\x09"
            "1234567"));  // cut short
  EXPECT_TRUE(
      fails("\x0d"
            "123"));
}

}  // namespace
}  // namespace xrayd::local
