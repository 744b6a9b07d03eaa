// The adapter against the shape of the SDK's interface: the SDK itself is not in Debian.
#include <xray/aws_sdk_telemetry.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "support/documents.hpp"

using smithy::components::tracing::SpanKind;
using smithy::components::tracing::Tracer;
using smithy::components::tracing::TraceSpan;
using smithy::components::tracing::TraceSpanStatus;
using support::at;
using support::Capture;
using support::find_subsegment;
using support::text_of;

namespace {

/// As a client of the SDK begins an operation.
std::shared_ptr<TraceSpan> begin(const std::string& service, const std::string& operation,
                                 SpanKind kind = SpanKind::CLIENT) {
  xray::AwsSdkTracerProvider provider;
  const std::shared_ptr<Tracer> tracer = provider.GetTracer(service, {});
  return tracer->CreateSpan(
      service + "." + operation,
      {{"rpc.method", operation}, {"rpc.service", service}, {"rpc.system", "aws-api"}}, kind);
}

}  // namespace

TEST(AwsSdkTelemetry, an_operation_is_a_subsegment_around_what_it_does) {
  Capture capture;
  {
    const xray::Segment segment("s");
    const auto span = begin("DynamoDB", "GetItem");
    const xray::Subsegment inside("inside");
    span->emitEvent("event", {{"k", "v"}});
  }
  const auto document = capture.document();
  const auto* call = find_subsegment(document, "DynamoDB");
  ASSERT_NE(call, nullptr);
  EXPECT_EQ(text_of(at(*call, "namespace")), "aws");
  EXPECT_EQ(text_of(at(at(*call, "aws"), "operation")), "GetItem");
  EXPECT_NE(find_subsegment(*call, "inside"), nullptr);
}

TEST(AwsSdkTelemetry, an_error_is_a_fault_and_known_attributes_are_recorded) {
  Capture capture;
  {
    const xray::Segment segment("s");
    const auto span = begin("S3", "GetObject");
    span->setAttribute("cloud.region", "eu-west-1");
    span->setAttribute("aws.request_id", "R1");
    span->setAttribute("anything", "SECRET");
    span->setStatus(TraceSpanStatus::ERROR);
    span->end();
    span->setAttribute("cloud.region", "too late");
    span->end();
  }
  const auto document = capture.document();
  const auto& call = *find_subsegment(document, "S3");
  EXPECT_TRUE(at(call, "fault").GetBool());
  EXPECT_EQ(text_of(at(at(call, "aws"), "region")), "eu-west-1");
  EXPECT_EQ(text_of(at(at(call, "aws"), "request_id")), "R1");
  EXPECT_EQ(capture.texts()[0].find("SECRET"), std::string::npos);
}

TEST(AwsSdkTelemetry, a_status_is_recorded_with_what_follows_from_it) {
  Capture capture;
  {
    const xray::Segment segment("s");
    const auto span = begin("S3", "GetObject");
    span->setAttribute("http.response.status_code", "x04");
    span->setAttribute("http.response.status_code", "404");
  }
  const auto document = capture.document();
  const auto& call = *find_subsegment(document, "S3");
  EXPECT_TRUE(at(call, "error").GetBool());
  EXPECT_EQ(at(at(at(call, "http"), "response"), "status").GetInt(), 404);
}

TEST(AwsSdkTelemetry, nothing_is_recorded_of_xray_of_inner_spans_or_without_a_segment) {
  Capture capture;
  begin("DynamoDB", "GetItem")->setStatus(TraceSpanStatus::ERROR);
  EXPECT_TRUE(capture.documents().empty());
  {
    const xray::Segment segment("s");
    begin("XRay", "PutTraceSegments")->setAttribute("cloud.region", "x");
    begin("DynamoDB", "GetItem", SpanKind::INTERNAL);
  }
  EXPECT_FALSE(capture.document().HasMember("subsegments"));
}
