// What OpenTelemetry's spans keep on their way through segments and back.
#include <variant>

#include "../otlp/otlp_bytes.hpp"
#include "local/otlp/otlp_payload.hpp"
#include "questions_fixture.hpp"

namespace xrayd::local::api {
namespace {

using namespace otlp_bytes;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class OtlpRoundTripTest : public QuestionsFixture {
 protected:
  // As ADOT's exporters send it.
  void send(const std::string& payload) {
    OtlpSegments segments;
    ASSERT_TRUE(segments_of_otlp("T1S" + base64(payload), segments));
    ASSERT_EQ(segments.refused, 0U);
    for (const auto& document : segments.documents) traces_.put(document);
  }

  // By their ids.
  std::map<std::string, std::string> spans_back() {
    const std::string id = "1-6553f100-0102030405060708090a0b0c";
    const auto token =
        at(ask(start_trace_retrieval,
               R"({"StartTime":1600000000,"EndTime":1800000000,"TraceIds":[")" + id + R"("]})"),
           "RetrievalToken");
    const auto body =
        ask(list_retrieved_traces, R"({"TraceFormat":"OTEL","RetrievalToken":)" + token + "}");
    std::map<std::string, std::string> spans;
    const auto ids = each(body, "Traces/0/Spans", "Id");
    const auto documents = each(body, "Traces/0/Spans", "Document");
    for (std::size_t i = 0; i < ids.size(); ++i) spans[ids[i]] = documents[i];
    return spans;
  }

  static std::string attribute(const std::string& key, const std::string& value) {
    return R"({"key":")" + key + R"(","value":)" + value + "}";
  }
};

TEST_F(OtlpRoundTripTest, spans_come_back_with_all_that_segments_have_room_for) {
  send(request({span({"GET /orders",
                      2,
                      0x11,
                      0,
                      {{"http.request.method", text("GET")},
                       {"url.full", text("https://shop.example/orders")},
                       {"http.response.status_code", integer(404)},
                       {"enduser.id", text("ann")},
                       {"cart.items", integer(3)},
                       {"cart.total", real(2.5)},
                       {"fast", flag(true)}},
                      {}}),
                span({"count", 1, 0x12, 0x11, {{"rows", integer(-7)}}, {}}),
                span({"GET",
                      3,
                      0x13,
                      0x12,
                      {{"peer.service", text("stock")}},
                      event("exception", {{"exception.type", text("Timeout")},
                                          {"exception.message", text("too \"late\"")}}) +
                          status_error("")})},
               {{"service.name", text("shop")}, {"service.version", text("7")}}));
  send(request({span({"GET /stock", 2, 0x14, 0x13, {}, {}})}, {{"service.name", text("stock")}}));
  const auto spans = spans_back();
  ASSERT_EQ(spans.size(), 4U);
  const auto& root = spans.at("0000000000000011");
  const auto& part = spans.at("0000000000000012");
  const auto& call = spans.at("0000000000000013");
  const auto& callee = spans.at("0000000000000014");

  for (const auto& [id, span] : spans) {
    EXPECT_THAT(span, AllOf(HasSubstr(R"("traceId":"6553f1000102030405060708090a0b0c")"),
                            HasSubstr(R"("spanId":")" + id),
                            HasSubstr(R"("startTimeUnixNano":"1700000000250000000")"),
                            HasSubstr(R"("endTimeUnixNano":"1700000001750000000")")));
  }
  EXPECT_THAT(root, AllOf(Not(HasSubstr("parentSpanId")), HasSubstr(R"("kind":2)"),
                          HasSubstr(attribute("service.name", R"({"stringValue":"shop"})")),
                          HasSubstr(attribute("service.version", R"({"stringValue":"7"})"))));
  EXPECT_THAT(
      root,
      AllOf(HasSubstr(attribute("http.request.method", R"({"stringValue":"GET"})")),
            HasSubstr(attribute("url.full", R"({"stringValue":"https://shop.example/orders"})")),
            HasSubstr(attribute("http.response.status_code", R"({"intValue":"404"})")),
            HasSubstr(attribute("enduser.id", R"({"stringValue":"ann"})")),
            HasSubstr(attribute("cart.items", R"({"intValue":"3"})")),
            HasSubstr(attribute("cart.total", R"({"doubleValue":2.5})")),
            HasSubstr(attribute("fast", R"({"boolValue":true})"))));
  EXPECT_THAT(part, AllOf(HasSubstr(R"("parentSpanId":"0000000000000011","name":"count","kind":1)"),
                          HasSubstr(attribute("rows", R"({"intValue":"-7"})")),
                          HasSubstr(R"("status":{})")));
  EXPECT_THAT(call,
              AllOf(HasSubstr(R"("parentSpanId":"0000000000000012","name":"stock","kind":3)"),
                    HasSubstr(attribute("peer.service", R"({"stringValue":"stock"})")),
                    HasSubstr(attribute("exception.type", R"({"stringValue":"Timeout"})")),
                    HasSubstr(attribute("exception.message", R"({"stringValue":"too \"late\""})")),
                    HasSubstr(R"("status":{"code":2)")));
  EXPECT_THAT(callee,
              AllOf(HasSubstr(R"("parentSpanId":"0000000000000013")"), HasSubstr(R"("kind":2)"),
                    HasSubstr(attribute("service.name", R"({"stringValue":"stock"})"))));
}

TEST_F(OtlpRoundTripTest, what_came_from_opentelemetry_is_a_trace_like_any_other) {
  send(request({span({"GET /orders", 2, 0x11, 0, {{"http.request.method", text("GET")}}, {}}),
                span({"GET", 3, 0x13, 0x11, {{"peer.service", text("stock.example.com")}}, {}})},
               {{"service.name", text("shop")}}));
  send(request({span({"GET /stock", 2, 0x14, 0x13, {}, {}})}, {{"service.name", text("stock")}}));
  const auto body =
      ask(get_trace_summaries, R"json({"StartTime":1600000000,"EndTime":1800000000,)json"
                               R"json("FilterExpression":"edge(\"shop\", \"stock\")"})json");
  EXPECT_EQ(at(body, "TraceSummaries/0/EntryPoint/Name"), R"("shop")");
  EXPECT_EQ(at(body, "TraceSummaries/0/Http/HttpMethod"), R"("GET")");
  EXPECT_EQ(at(body, "TraceSummaries/0/ResponseTime"), "1.5");
  EXPECT_EQ(each(body, "TraceSummaries/0/ServiceIds", "Name").size(), 3U);
}

}  // namespace
}  // namespace xrayd::local::api
