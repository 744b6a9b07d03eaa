#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "support/documents.hpp"

using support::at;
using support::Capture;
using support::find_subsegment;
using support::text_of;

namespace {
double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}
}  // namespace

TEST(Document, a_segment_carries_name_ids_and_times) {
  Capture capture;
  const double before = now();
  std::string id;
  std::string trace;
  {
    xray::Segment segment("checkout");
    id = segment.id().to_string();
    trace = segment.trace_id().to_string();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const double after = now();
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(document, "name")), "checkout");
  EXPECT_EQ(text_of(at(document, "id")), id);
  EXPECT_EQ(text_of(at(document, "trace_id")), trace);
  const double start = at(document, "start_time").GetDouble();
  const double end = at(document, "end_time").GetDouble();
  EXPECT_NEAR(start, before, 0.01);
  EXPECT_GE(end - start, 0.02);
  EXPECT_LE(end, after + 0.001);
  for (const char* absent : {"parent_id", "type", "subsegments", "annotations", "metadata", "http",
                             "error", "fault", "throttle", "in_progress", "namespace", "cause"}) {
    EXPECT_FALSE(document.HasMember(absent)) << absent;
  }
}

TEST(Document, a_header_continues_its_trace) {
  Capture capture;
  {
    const xray::Segment segment(
        "checkout", xray::TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Parent="
                                             "53995c3f42cd8ad8;Sampled=1;Lineage=a:1"));
    EXPECT_EQ(segment.trace_header().extras(), "Lineage=a:1");
    EXPECT_EQ(segment.trace_header().parent_id(), segment.id());
  }
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(document, "trace_id")), "1-5759e988-bd862e3fe1be46a994272793");
  EXPECT_EQ(text_of(at(document, "parent_id")), "53995c3f42cd8ad8");
}

TEST(Document, subsegments_nest_as_scopes_do) {
  Capture capture;
  {
    const xray::Segment segment("checkout");
    {
      const xray::Subsegment outer("outer");
      { const xray::Subsegment inner("inner", xray::Namespace::remote); }
      { const xray::Subsegment second("second", xray::Namespace::aws); }
    }
    const xray::Subsegment after("after");
  }
  const auto document = capture.document();
  ASSERT_EQ(at(document, "subsegments").Size(), 2U);
  const auto* outer = find_subsegment(document, "outer");
  ASSERT_NE(outer, nullptr);
  ASSERT_EQ(at(*outer, "subsegments").Size(), 2U);
  EXPECT_EQ(text_of(at(at(*outer, "subsegments")[0], "name")), "inner");
  EXPECT_EQ(text_of(at(at(*outer, "subsegments")[0], "namespace")), "remote");
  EXPECT_EQ(text_of(at(at(*outer, "subsegments")[1], "namespace")), "aws");
  EXPECT_FALSE(outer->HasMember("namespace"));
  EXPECT_FALSE(outer->HasMember("trace_id"));
  EXPECT_GE(at(*outer, "end_time").GetDouble(), at(*outer, "start_time").GetDouble());
  EXPECT_GE(at(*outer, "start_time").GetDouble(), at(document, "start_time").GetDouble());
  EXPECT_LE(at(*outer, "end_time").GetDouble(), at(document, "end_time").GetDouble());
}

TEST(Document, request_response_user_origin_and_version_have_their_places) {
  Capture capture;
  {
    xray::Segment segment("checkout");
    xray::HttpRequest request;
    request.method = "POST";
    request.url = "https://shop.example/cart";
    request.user_agent = "curl/8";
    request.client_ip = "192.0.2.1";
    request.x_forwarded_for = true;
    segment.set_http_request(request);
    segment.set_http_response(200, 1234);
    segment.set_user("alice");
    segment.set_origin("AWS::ECS::Container");
    segment.set_service_version("1.2.3");
    xray::Subsegment call("api.example", xray::Namespace::remote);
    xray::HttpRequest out;
    out.url = "http://api.example/x";
    out.traced = true;
    call.set_http_request(out);
  }
  const auto document = capture.document();
  const auto& request = at(at(document, "http"), "request");
  EXPECT_EQ(text_of(at(request, "method")), "POST");
  EXPECT_EQ(text_of(at(request, "url")), "https://shop.example/cart");
  EXPECT_EQ(text_of(at(request, "user_agent")), "curl/8");
  EXPECT_EQ(text_of(at(request, "client_ip")), "192.0.2.1");
  EXPECT_TRUE(at(request, "x_forwarded_for").GetBool());
  EXPECT_FALSE(request.HasMember("traced"));
  EXPECT_EQ(at(at(at(document, "http"), "response"), "status").GetInt(), 200);
  EXPECT_EQ(at(at(at(document, "http"), "response"), "content_length").GetInt(), 1234);
  EXPECT_EQ(text_of(at(document, "user")), "alice");
  EXPECT_EQ(text_of(at(document, "origin")), "AWS::ECS::Container");
  EXPECT_EQ(text_of(at(at(document, "service"), "version")), "1.2.3");
  EXPECT_EQ(text_of(at(at(at(document, "aws"), "xray"), "sdk_version")), xray::version());
  EXPECT_TRUE(
      at(at(at(*find_subsegment(document, "api.example"), "http"), "request"), "traced").GetBool());
}

TEST(Document, the_status_decides_the_flags) {
  struct Row {
    int status;
    bool error, throttle, fault;
  };
  for (const Row row :
       {Row{200, false, false, false}, Row{302, false, false, false}, Row{399, false, false, false},
        Row{400, true, false, false}, Row{404, true, false, false}, Row{429, true, true, false},
        Row{499, true, false, false}, Row{500, false, false, true}, Row{503, false, false, true},
        Row{600, false, false, false}}) {
    Capture capture;
    {
      xray::Segment segment("s");
      segment.set_http_response(row.status);
    }
    const auto document = capture.document();
    EXPECT_EQ(document.HasMember("error"), row.error) << row.status;
    EXPECT_EQ(document.HasMember("throttle"), row.throttle) << row.status;
    EXPECT_EQ(document.HasMember("fault"), row.fault) << row.status;
    EXPECT_FALSE(at(at(document, "http"), "response").HasMember("content_length"));
  }
}

TEST(Document, flags_can_be_set_by_hand) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.set_throttle();
    xray::Subsegment subsegment("t");
    subsegment.set_fault();
    subsegment.set_error();
    subsegment.set_error(false);
  }
  const auto document = capture.document();
  EXPECT_TRUE(document.HasMember("throttle"));
  EXPECT_TRUE(document.HasMember("error"));
  const auto* const subsegment = find_subsegment(document, "t");
  EXPECT_TRUE(subsegment->HasMember("fault"));
  EXPECT_FALSE(subsegment->HasMember("error"));
}

TEST(Document, sql_has_its_block) {
  Capture capture;
  {
    const xray::Segment segment("s");
    xray::Subsegment query("stock@db", xray::Namespace::remote);
    xray::SqlQuery sql;
    sql.url = "sqlite:stock.db";
    sql.sanitized_query = "SELECT 1 FROM stock WHERE id = ?";
    sql.database_type = "SQLite";
    query.set_sql(sql);
  }
  const auto document = capture.document();
  const auto& sql = at(*find_subsegment(document, "stock@db"), "sql");
  EXPECT_EQ(text_of(at(sql, "url")), "sqlite:stock.db");
  EXPECT_EQ(text_of(at(sql, "sanitized_query")), "SELECT 1 FROM stock WHERE id = ?");
  EXPECT_FALSE(sql.HasMember("user"));
}

TEST(Document, an_unsampled_segment_leaves_nothing_but_a_header) {
  Capture capture;
  {
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=0;Lineage=b:2"));
    xray::Subsegment subsegment("t");
    subsegment.add_annotation("k", 1);
    EXPECT_FALSE(segment.sampled());
    EXPECT_FALSE(subsegment.sampled());
    const xray::TraceHeader header = subsegment.trace_header();
    EXPECT_EQ(header.sampling(), xray::Sampling::not_sampled);
    EXPECT_EQ(header.trace_id(), segment.trace_id());
    EXPECT_TRUE(header.trace_id().valid());
    EXPECT_TRUE(header.parent_id().valid());
    EXPECT_EQ(header.extras(), "Lineage=b:2");
    EXPECT_EQ(header.to_string().str(), subsegment.trace_header().to_string().str());
  }
  EXPECT_TRUE(capture.documents().empty());
}

TEST(Document, a_request_for_a_decision_is_answered) {
  Capture capture;
  const xray::Segment asked(
      "s", xray::TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=?"));
  EXPECT_EQ(asked.response_header().to_string(),
            "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1");
  const xray::Segment told(
      "s", xray::TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"));
  EXPECT_EQ(told.response_header().to_string(), "Root=1-5759e988-bd862e3fe1be46a994272793");
}

TEST(Document, ended_early_is_ended_once) {
  Capture capture;
  {
    xray::Segment segment("s");
    xray::Subsegment subsegment("t");
    subsegment.end();
    subsegment.add_annotation("late", 1);
    subsegment.end();
    segment.end();
    segment.add_annotation("late", 1);
    segment.end();
  }
  const auto document = capture.document();
  EXPECT_FALSE(document.HasMember("annotations"));
  EXPECT_FALSE(find_subsegment(document, "t")->HasMember("annotations"));
}

TEST(Document, handles_move) {
  Capture capture;
  {
    xray::Segment segment("first");
    xray::Segment moved(std::move(segment));
    xray::Subsegment a("a");
    xray::Subsegment b(std::move(a));
    b.add_annotation("k", "v");
    b = xray::Subsegment("c");
    b.end();
    moved.end();
  }
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(document, "name")), "first");
  EXPECT_TRUE(find_subsegment(document, "a")->HasMember("annotations"));
  EXPECT_NE(find_subsegment(document, "c"), nullptr);
}

TEST(Document, a_segment_names_its_resource) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.set_resource_arn("arn:aws:ec2:eu-west-1:123456789012:instance/i-1");
  }
  EXPECT_EQ(text_of(at(capture.document(), "resource_arn")),
            "arn:aws:ec2:eu-west-1:123456789012:instance/i-1");
}

TEST(Document, a_subsegment_names_those_it_waited_for) {
  Capture capture;
  std::string first;
  std::string second;
  {
    const xray::Segment segment("s");
    {
      const xray::Subsegment one("one");
      first = one.id().to_string();
    }
    {
      const xray::Subsegment two("two");
      second = two.id().to_string();
    }
    xray::Subsegment three("three");
    three.add_precursor(xray::SegmentId::parse(first));
    three.add_precursor(xray::SegmentId::parse(second));
    three.add_precursor(xray::SegmentId());
  }
  const auto document = capture.document();
  const auto& ids = at(*support::find_subsegment(document, "three"), "precursor_ids");
  ASSERT_EQ(ids.Size(), 2U);
  EXPECT_EQ(text_of(ids[0]), first);
  EXPECT_EQ(text_of(ids[1]), second);
}
