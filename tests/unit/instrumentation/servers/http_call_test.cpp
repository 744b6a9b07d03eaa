#include <xray/http_call.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "support/allocations.hpp"
#include "support/documents.hpp"
#include "support/http_block.hpp"
#include "support/process.hpp"

using support::at;
using support::Capture;
using support::cause_of;
using support::flags_of;
using support::http_request_of;
using support::http_response_of;
using support::only_subsegment;
using support::text_of;

namespace {

using Headers = std::map<std::string, std::string>;

xray::HttpCallRequest to(std::string_view host, std::string_view target) {
  xray::HttpCallRequest request;
  request.method = "GET";
  request.host = host;
  request.target = target;
  return request;
}

Headers injected(const xray::HttpCall& call) {
  Headers headers;
  call.inject([&headers](std::string_view name, std::string_view value) {
    EXPECT_TRUE(headers.emplace(name, value).second) << name << " twice";
  });
  return headers;
}

}  // namespace

TEST(HttpCall, is_a_remote_subsegment_named_by_the_host_without_query_and_userinfo) {
  Capture capture;
  {
    const xray::Segment segment("shop");
    xray::HttpCall call({}, to("inventory.example:8080", "/items/7?token=secret"));
    call.set_response(200, 12);
  }
  const auto document = capture.document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(call, "name")), "inventory.example");
  EXPECT_EQ(text_of(at(call, "namespace")), "remote");
  EXPECT_EQ(http_request_of(call),
            R"({"method":"GET","url":"http://inventory.example:8080/items/7"})");
  EXPECT_EQ(http_response_of(call), R"({"status":200,"content_length":12})");
  EXPECT_EQ(flags_of(call), "");
}

TEST(HttpCall, takes_a_whole_url_and_says_that_the_callee_is_traced) {
  Capture capture;
  {
    const xray::Segment segment("shop");
    xray::HttpCallTracing tracing;
    tracing.traced = true;
    const xray::HttpCall call(tracing, to("", "https://user:secret@[2001:db8::1]:444/a?b#c"));
  }
  const auto document = capture.document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(call, "name")), "2001:db8::1");
  EXPECT_EQ(http_request_of(call),
            R"({"method":"GET","url":"https://[2001:db8::1]:444/a","traced":true})");
}

TEST(HttpCall, sends_itself_as_the_parent) {
  Capture capture;
  std::string sent;
  std::string trace;
  {
    const xray::Segment segment("shop");
    trace = segment.trace_id().to_string();
    const xray::HttpCall call({}, to("inventory.example", "/"));
    const Headers headers = injected(call);
    ASSERT_EQ(headers.size(), 1U);
    sent = headers.at("X-Amzn-Trace-Id");
  }
  const auto document = capture.document();
  const std::string id = text_of(at(only_subsegment(document), "id"));
  EXPECT_EQ(sent, "Root=" + trace + ";Parent=" + id + ";Sampled=1");
}

TEST(HttpCall, sends_w3c_headers_too_where_they_are_asked_for) {
  IN_A_FRESH_PROCESS({
    xray::Configuration configuration;
    configuration.propagate_w3c = true;
    EXPECT_FALSE(xray::configure(configuration));
    Capture capture;
    const xray::Segment segment("shop");
    const xray::HttpCall call({}, to("inventory.example", "/"));
    const Headers headers = injected(call);
    ASSERT_EQ(headers.count("traceparent"), 1U);
    const auto header = xray::TraceHeader::parse(headers.at("X-Amzn-Trace-Id"));
    EXPECT_EQ(headers.at("traceparent"), header.traceparent());
  });
}

TEST(HttpCall, of_an_unsampled_request_says_so) {
  Capture capture;
  {
    const xray::TraceHeader header = xray::TraceHeader::parse("Sampled=0");
    const xray::Segment segment("shop", header);
    const xray::HttpCall call({}, to("inventory.example", "/"));
    const Headers headers = injected(call);
    ASSERT_EQ(headers.size(), 1U);
    EXPECT_EQ(xray::TraceHeader::parse(headers.at("X-Amzn-Trace-Id")).sampling(),
              xray::Sampling::not_sampled);
  }
  EXPECT_TRUE(capture.documents().empty());
}

TEST(HttpCall, without_a_segment_does_nothing_and_does_not_complain) {
  Capture capture;
  const auto before = xray::statistics();
  xray::HttpCall call({}, to("inventory.example", "/"));
  EXPECT_TRUE(injected(call).empty());
  EXPECT_EQ(call.subsegment(), nullptr);
  call.set_response(200);
  call.add_exception(std::runtime_error("x"));
  call.end();
  EXPECT_TRUE(injected(xray::HttpCall({}, to("inventory.example", "/"), xray::Context())).empty());
  EXPECT_TRUE(capture.documents().empty());
  EXPECT_EQ(xray::statistics().context_missing, before.context_missing);
}

TEST(HttpCall, to_what_is_excluded_leaves_no_trace_anywhere) {
  xray::HttpCallTracing tracing;
  tracing.excluded_paths = {"/healthz"};
  tracing.excluded_hosts = {"169.254.*"};
  Capture capture;
  {
    const xray::Segment segment("shop");
    EXPECT_TRUE(
        injected(xray::HttpCall(tracing, to("inventory.example", "/healthz?full=1"))).empty());
    EXPECT_TRUE(injected(xray::HttpCall(tracing, to("169.254.169.254:80", "/latest"))).empty());
    EXPECT_EQ(injected(xray::HttpCall(tracing, to("inventory.example", "/latest"))).size(), 1U);
  }
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(only_subsegment(document), "name")), "inventory.example");
}

TEST(HttpCall, marks_by_status) {
  const auto flags = [](int status) {
    Capture capture;
    {
      const xray::Segment segment("shop");
      xray::HttpCall call({}, to("inventory.example", "/"));
      call.set_response(status);
    }
    const auto document = capture.document();
    EXPECT_EQ(flags_of(document), "");
    return flags_of(only_subsegment(document));
  };
  EXPECT_EQ(flags(204), "");
  EXPECT_EQ(flags(404), "error");
  EXPECT_EQ(flags(429), "error throttle");
  EXPECT_EQ(flags(500), "fault");
}

TEST(HttpCall, records_why_nothing_came_back) {
  Capture capture;
  {
    const xray::Segment segment("shop");
    xray::HttpCall call({}, to("inventory.example", "/"));
    call.add_exception(std::runtime_error("refused"));
  }
  const auto document = capture.document();
  EXPECT_EQ(flags_of(only_subsegment(document)), "fault");
  EXPECT_EQ(cause_of(only_subsegment(document)), "std::runtime_error: refused");
}

TEST(HttpCall, with_an_explicit_parent_is_never_current_and_ends_on_any_thread) {
  Capture capture;
  {
    const xray::Segment segment("shop");
    xray::HttpCall call({}, to("inventory.example", "/"), segment.context());
    { const xray::Subsegment beside("beside"); }
    std::thread([moved = std::move(call)]() mutable {
      moved.set_response(200);
      moved.end();
    }).join();
  }
  const auto document = capture.document();
  ASSERT_EQ(at(document, "subsegments").Size(), 2U);
  const auto* const call = support::find_subsegment(document, "inventory.example");
  ASSERT_NE(call, nullptr);
  EXPECT_EQ(http_response_of(*call), R"({"status":200})");
  EXPECT_FALSE(call->HasMember("subsegments"));
}

TEST(HttpCall, allocates_nothing_in_the_steady_state) {
  Capture capture;
  const xray::HttpCallTracing tracing;
  const auto call_twenty = [&tracing](std::string_view header) {
    const xray::Segment segment("shop", xray::TraceHeader::parse(header));
    const auto before = support::allocations();
    for (int i = 0; i < 20; ++i) {
      xray::HttpCall call(tracing, to("inventory.example:8080", "/items/7?token=secret"));
      call.inject([](std::string_view, std::string_view) {});
      call.set_response(200, 12);
    }
    return support::allocations() - before;
  };
  for (int i = 0; i < 5; ++i) {
    call_twenty("Sampled=1");
    xray::flush(std::chrono::seconds(5));  // gives back the memory of what has left
  }
  EXPECT_EQ(call_twenty("Sampled=1"), 0U);
  xray::flush(std::chrono::seconds(5));
  EXPECT_EQ(call_twenty("Sampled=0"), 0U);
}
