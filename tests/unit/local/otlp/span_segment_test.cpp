#include "local/otlp/span_segment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "local/document/segment_document.hpp"
#include "otlp_bytes.hpp"

namespace xrayd::local {
namespace {

using namespace otlp_bytes;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::vector<std::string> segments(const Span& of, Attributes resource = {}) {
  std::vector<std::string> documents;
  EXPECT_TRUE(
      read_otlp_request(request({span(of)}, resource), [&](const auto& from, const auto& one) {
        EXPECT_TRUE(append_segments(from, one, documents));
      }));
  for (const auto& document : documents) {
    EXPECT_TRUE(std::holds_alternative<SegmentDocument>(parse_segment_document(document)))
        << document;
  }
  return documents;
}

std::string segment(const Span& of, Attributes resource = {}) {
  const auto documents = segments(of, resource);
  EXPECT_EQ(documents.size(), 1U);
  return documents.empty() ? "" : documents.front();
}

TEST(SpanSegment, golden_a_request_served) {
  EXPECT_EQ(
      segment({"GET /orders",
               2,
               0x11,
               0x22,
               {{"http.request.method", text("GET")},
                {"url.scheme", text("https")},
                {"server.address", text("shop.example")},
                {"server.port", integer(8443)},
                {"url.path", text("/orders")},
                {"url.query", text("n=1")},
                {"http.response.status_code", integer(404)},
                {"user_agent.original", text("curl")},
                {"client.address", text("192.0.2.1")},
                {"network.peer.address", text("10.0.0.1")},
                {"enduser.id", text("ann")},
                {"cart.items", integer(3)},
                {"cart.total", real(2.5)},
                {"first-time", flag(true)},
                {"tags", list({text("a"), integer(1)})}},
               {}},
              {{"service.name", text("shop")},
               {"service.version", text("7")},
               {"cloud.provider", text("aws")},
               {"cloud.platform", text("aws_ec2")},
               {"cloud.account.id", text("123456789012")},
               {"cloud.availability_zone", text("eu-1a")},
               {"host.id", text("i-1")},
               {"telemetry.sdk.name", text("opentelemetry")},
               {"telemetry.sdk.language", text("cpp")},
               {"telemetry.sdk.version", text("1.0")},
               {"deployment", text("blue")}}),
      R"({"name":"shop","id":"0000000000000011","trace_id":"1-6553f100-0102030405060708090a0b0c",)"
      R"("parent_id":"0000000000000022","start_time":1700000000.25,"end_time":1700000001.75,)"
      R"("origin":"AWS::EC2::Instance","service":{"version":"7"},"user":"ann",)"
      R"("http":{"request":{"method":"GET","url":"https://shop.example:8443/orders?n=1",)"
      R"("user_agent":"curl","client_ip":"192.0.2.1"},"response":{"status":404}},"error":true,)"
      R"("aws":{"account_id":"123456789012","ec2":{"instance_id":"i-1",)"
      R"("availability_zone":"eu-1a"},"xray":{"sdk":"opentelemetry for cpp","sdk_version":"1.0"}},)"
      R"("annotations":{"cart.items":3,"cart.total":2.5,"first_time":true,)"
      R"("otel.resource.deployment":"blue"},)"
      R"("metadata":{"default":{"tags":["a",1]}}})");
}

TEST(SpanSegment, golden_a_request_sent) {
  EXPECT_EQ(segment({"POST",
                     3,
                     0x11,
                     0x22,
                     {{"http.method", text("POST")},
                      {"http.url", text("http://stock.example/take")},
                      {"http.status_code", integer(429)},
                      {"net.peer.name", text("stock.example")},
                      {"http.response_content_length", integer(12)}},
                     {}},
                    {{"service.name", text("shop")}}),
            R"({"name":"stock.example","id":"0000000000000011",)"
            R"("trace_id":"1-6553f100-0102030405060708090a0b0c","parent_id":"0000000000000022",)"
            R"("type":"subsegment","start_time":1700000000.25,"end_time":1700000001.75,)"
            R"("namespace":"remote","http":{"request":{"method":"POST",)"
            R"("url":"http://stock.example/take"},"response":{"status":429,"content_length":12}},)"
            R"("error":true,"throttle":true})");
}

TEST(SpanSegment, golden_a_query) {
  EXPECT_EQ(segment({"SELECT orders",
                     3,
                     0x11,
                     0x22,
                     {{"db.system", text("postgresql")},
                      {"db.name", text("shop")},
                      {"db.statement", text("SELECT ?")},
                      {"db.user", text("ann")},
                      {"db.connection_string", text("postgresql://db.example:5432")}},
                     {}}),
            R"({"name":"shop@db.example","id":"0000000000000011",)"
            R"("trace_id":"1-6553f100-0102030405060708090a0b0c","parent_id":"0000000000000022",)"
            R"("type":"subsegment","start_time":1700000000.25,"end_time":1700000001.75,)"
            R"("namespace":"remote","sql":{"database_type":"postgresql",)"
            R"("sanitized_query":"SELECT ?","user":"ann",)"
            R"("connection_string":"postgresql://db.example:5432/shop","url":"SELECT orders"}})");
}

TEST(SpanSegment, golden_a_call_of_an_aws_sdk) {
  EXPECT_EQ(segment({"DynamoDB.GetItem",
                     3,
                     0x11,
                     0x22,
                     {{"rpc.system", text("aws-api")},
                      {"rpc.service", text("DynamoDB")},
                      {"rpc.method", text("GetItem")},
                      {"aws.region", text("eu-1")},
                      {"aws.request_id", text("R")},
                      {"aws.dynamodb.table_names", list({text("orders")})},
                      {"http.response.status_code", integer(200)}},
                     {}}),
            R"({"name":"DynamoDB","id":"0000000000000011",)"
            R"("trace_id":"1-6553f100-0102030405060708090a0b0c","parent_id":"0000000000000022",)"
            R"("type":"subsegment","start_time":1700000000.25,"end_time":1700000001.75,)"
            R"("namespace":"aws","http":{"request":{},"response":{"status":200}},)"
            R"("aws":{"operation":"GetItem","region":"eu-1","request_id":"R",)"
            R"("table_name":"orders"},"annotations":{"rpc.system":"aws-api"}})");
}

TEST(SpanSegment, golden_an_exception_with_what_caused_it) {
  const auto document = segment(
      {"work",
       1,
       0x11,
       0x22,
       {},
       event("exception",
             {{"exception.type", text("Outer")},
              {"exception.message", text("it \"failed\"")},
              {"exception.stacktrace", text("Outer: it\n\tat a.B.c(B.java:3)\n"
                                            "Caused by: Inner: no\n\tat d.E.f(E.java:4)")}}) +
           event("other", {}) + status_error("ignored")});
  EXPECT_THAT(document, HasSubstr(R"("fault":true,"cause":{"exceptions":[{"id":")"));
  EXPECT_THAT(document, HasSubstr(R"("type":"Outer","message":"it \"failed\"","cause":")"));
  EXPECT_THAT(document,
              HasSubstr(R"("stack":[{"path":"B.java","line":3,"label":"a.B.c"}]},{"id":")"));
  EXPECT_THAT(document, HasSubstr(R"("type":"Inner","message":"no",)"
                                  R"("stack":[{"path":"E.java","line":4,"label":"d.E.f"}]}]})"));
  EXPECT_THAT(document, Not(HasSubstr("ignored")));
  EXPECT_THAT(document, Not(HasSubstr("remote")));
}

TEST(SpanSegment, ids_of_exceptions_are_the_same_each_time_and_causes_name_them) {
  const Span failed{"work", 3, 0x11, 0x22, {}, status_error("refused")};
  EXPECT_EQ(segment(failed), segment(failed));
  EXPECT_THAT(segment(failed), HasSubstr(R"("message":"refused","remote":true}]})"));
}

TEST(SpanSegment, kinds_and_parents_decide_what_is_a_segment) {
  const auto is_part = [](unsigned kind, std::uint64_t parent) {
    return segment({.kind = kind, .parent = parent}).find(R"("type":"subsegment")") !=
           std::string::npos;
  };
  for (unsigned kind = 0; kind <= 5; ++kind) {
    EXPECT_FALSE(is_part(kind, 0));
    EXPECT_EQ(is_part(kind, 5), kind != 2);
  }
}

TEST(SpanSegment, a_root_that_serves_nothing_is_named_after_its_service) {
  EXPECT_THAT(segment({.name = "nightly"}, {{"service.name", text("jobs")}}),
              StartsWith(R"({"name":"jobs")"));
  EXPECT_THAT(segment({.name = "nightly", .parent = 3}, {{"service.name", text("jobs")}}),
              StartsWith(R"({"name":"nightly")"));
}

TEST(SpanSegment, names_have_the_characters_that_names_may_have) {
  EXPECT_THAT(segment({.name = "a<b>{c}|\n\"d\" \xC3\xA9"}),
              StartsWith("{\"name\":\"abcd \xC3\xA9\""));
  EXPECT_THAT(segment({.name = "<>"}), StartsWith(R"({"name":"span")"));
  EXPECT_THAT(segment({.name = "x\xFFy"}), StartsWith("{\"name\":\"x\xEF\xBF\xBDy\""));
  const std::string name = R"({"name":")" + std::string(200, 'x') + R"(")";
  EXPECT_THAT(segment({.name = std::string(300, 'x')}), StartsWith(name));
}

TEST(SpanSegment, names_of_aws_services_lose_their_prefix) {
  EXPECT_THAT(segment({.kind = 3,
                       .parent = 2,
                       .with = {{"rpc.system", text("aws-api")},
                                {"aws.remote.service", text("AWS::SQS")}}}),
              StartsWith(R"({"name":"SQS")"));
}

TEST(SpanSegment, origins) {
  const auto origin = [](Attributes resource) {
    const std::string document = segment({}, resource);
    constexpr std::string_view key = R"("origin":")";
    const auto at = document.find(key);
    if (at == std::string::npos) return std::string();
    const auto from = at + key.size();
    return document.substr(from, document.find('"', from) - from);
  };
  const auto aws = text("aws");
  EXPECT_EQ(origin({{"cloud.provider", aws}, {"cloud.platform", text("aws_eks")}}),
            "AWS::EKS::Container");
  EXPECT_EQ(origin({{"cloud.platform", text("aws_ecs")}}), "AWS::ECS::Container");
  EXPECT_EQ(origin({{"cloud.platform", text("aws_ecs")}, {"aws.ecs.launchtype", text("FARGATE")}}),
            "AWS::ECS::Fargate");
  EXPECT_EQ(origin({{"cloud.platform", text("aws_app_runner")}}), "AWS::AppRunner::Service");
  EXPECT_EQ(origin({{"cloud.provider", text("gcp")}, {"cloud.platform", text("aws_ec2")}}), "");
  EXPECT_EQ(origin({{"cloud.provider", aws}}), "");
}

TEST(SpanSegment, outcomes) {
  const auto outcome = [](std::int64_t status, const std::string& more = "") {
    return segment({.with = {{"http.status_code", integer(status)}}, .more = more});
  };
  const std::string error = varint_field(3, 2);
  EXPECT_THAT(outcome(200), Not(HasSubstr("true")));
  EXPECT_THAT(outcome(503), HasSubstr(R"("fault":true)"));
  EXPECT_THAT(outcome(404, bytes_field(15, error)), Not(HasSubstr("fault")));
  EXPECT_THAT(outcome(200, bytes_field(15, error)), HasSubstr(R"("fault":true)"));
  EXPECT_THAT(segment({.more = bytes_field(15, error)}), Not(HasSubstr("cause")));
}

TEST(SpanSegment, fifty_annotations_and_the_rest_is_metadata) {
  std::string more;
  for (int i = 0; i < 60; ++i) more += attributes(9, {{"key" + std::to_string(i), integer(i)}});
  more += attributes(9, {{"aws.xray.annotations", list({text("key59")})}});
  const auto document = segment({.more = more});
  EXPECT_THAT(document, HasSubstr(R"("annotations":{"key59":59,"key0":0,)"));
  EXPECT_THAT(document, HasSubstr(R"("key48":48},"metadata":{"default":{"key49":49,)"));
  EXPECT_THAT(document, HasSubstr(R"("key58":58}})"));
}

TEST(SpanSegment, metadata_of_namespaces_is_json) {
  const auto document = segment({.with = {{"aws.xray.metadata.cart", text(R"({"n":[1,2]})")},
                                          {"aws.xray.metadata.default", text(R"({"d":1})")},
                                          {"aws.xray.metadata.bad", text("{")}}});
  EXPECT_THAT(document, HasSubstr(R"("metadata":{"cart":{"n":[1,2]},"default":{"d":1,)"
                                  R"("aws.xray.metadata.bad":"{"}})"));
}

TEST(SpanSegment, texts_that_are_no_utf8_become_it) {
  EXPECT_THAT(segment({.with = {{"k\xFF", text("a\xC3(\xE2\x82")}}}),
              HasSubstr("\"annotations\":{\"k_\":\"a\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD\"}"));
}

TEST(SpanSegment, numbers_that_json_has_no_form_for_are_texts) {
  EXPECT_THAT(segment({.with = {{"n", real(0.0 / 0.0)}}}),
              HasSubstr(R"("metadata":{"default":{"n":"NaN"}})"));
}

TEST(SpanSegment, links) {
  const auto document =
      segment({.more = bytes_field(13, bytes_field(1, trace_id) + bytes_field(2, "12345678") +
                                           attributes(4, {{"why", text("batch")}})) +
                       bytes_field(13, bytes_field(1, "short"))});
  EXPECT_THAT(document, HasSubstr(R"("links":[{"trace_id":"1-6553f100-0102030405060708090a0b0c",)"
                                  R"("id":"3132333435363738","attributes":{"why":"batch"}}])"));
}

TEST(SpanSegment, a_call_that_is_all_of_a_service_is_its_segment_and_the_call) {
  const auto documents = segments({.name = "GET",
                                   .kind = 3,
                                   .parent = 9,
                                   .with = {{"aws.span.kind", text("LOCAL_ROOT")},
                                            {"peer.service", text("stock")},
                                            {"k", text("v")}}},
                                  {{"service.name", text("shop")}});
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_THAT(documents[0], StartsWith(R"({"name":"shop","id":")"));
  EXPECT_THAT(documents[0], HasSubstr(R"("parent_id":"0000000000000009")"));
  EXPECT_THAT(documents[0], Not(HasSubstr("annotations")));
  EXPECT_THAT(documents[1], StartsWith(R"({"name":"stock","id":"0000000000000011")"));
  const auto service = std::get<SegmentDocument>(parse_segment_document(documents[0]));
  const auto call = std::get<SegmentDocument>(parse_segment_document(documents[1]));
  EXPECT_EQ(call.parent_id, service.id);
  EXPECT_TRUE(call.independent_subsegment);
}

TEST(SpanSegment, an_end_before_the_start_is_the_start) {
  std::vector<std::string> documents;
  OtlpSpan broken;
  broken.trace_id = trace_id;
  broken.span_id = "12345678";
  broken.start = end_nanoseconds;
  broken.end = start_nanoseconds;
  ASSERT_TRUE(append_segments({}, broken, documents));
  EXPECT_THAT(documents[0], HasSubstr(R"("start_time":1700000001.75,"end_time":1700000001.75)"));
}

}  // namespace
}  // namespace xrayd::local
