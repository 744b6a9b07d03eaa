#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/allocations.hpp"
#include "support/documents.hpp"
#include "support/process.hpp"

using support::at;
using support::Capture;
using support::text_of;

namespace {

using Headers = std::map<std::string, std::string, std::less<>>;

constexpr const char* traceparent = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01";
constexpr const char* trace_id = "1-5759e988-bd862e3fe1be46a994272793";

xray::TraceHeader extracted(const Headers& headers) {
  return xray::extract([&headers](std::string_view name) -> std::string_view {
    const auto found = headers.find(name);
    return found != headers.end() ? std::string_view(found->second) : std::string_view();
  });
}

Headers injected() {
  Headers headers;
  xray::inject([&headers](std::string_view name, std::string_view value) {
    EXPECT_TRUE(headers.emplace(name, value).second) << name << " twice";
  });
  return headers;
}

xray::Configuration with_w3c() {
  xray::Configuration configuration;
  configuration.propagate_w3c = true;
  return configuration;
}

}  // namespace

TEST(Extract, reads_whichever_header_there_is) {
  EXPECT_TRUE(extracted({}).to_string().empty());
  EXPECT_EQ(extracted({{"X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=?"}})
                .to_string(),
            "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=?");
  const auto header = extracted({{"traceparent", traceparent}, {"tracestate", "a=1"}});
  EXPECT_EQ(header.traceparent(), traceparent);
  EXPECT_EQ(header.tracestate(), "a=1");
}

TEST(Extract, of_both_headers_a_valid_root_wins) {
  const auto header = extracted({{"X-Amzn-Trace-Id", "Root=1-11111111-222222222222222222222222"},
                                 {"traceparent", traceparent},
                                 {"tracestate", "a=1"}});
  EXPECT_EQ(header.to_string(), "Root=1-11111111-222222222222222222222222");
  EXPECT_EQ(extracted({{"X-Amzn-Trace-Id", "Root=none"}, {"traceparent", traceparent}})
                .trace_id()
                .to_string(),
            trace_id);
}

TEST(Extract, tracestate_alone_is_not_even_asked_for) {
  std::vector<std::string> asked;
  const auto header = xray::extract([&asked](std::string_view name) {
    asked.emplace_back(name);
    return std::string_view();
  });
  EXPECT_TRUE(header.to_string().empty());
  EXPECT_EQ(asked, (std::vector<std::string>{"X-Amzn-Trace-Id", "traceparent"}));
}

TEST(Extract, takes_temporary_strings_and_null_pointers) {
  const auto from_strings = xray::extract([](std::string_view name) {
    return name == xray::traceparent_name  ? std::string(traceparent)
           : name == xray::tracestate_name ? std::string("long=") + std::string(100, 'v')
                                           : std::string();
  });
  EXPECT_EQ(from_strings.traceparent(), traceparent);
  EXPECT_EQ(from_strings.tracestate().size(), 105U);
  const auto from_c = xray::extract([](std::string_view name) -> const char* {
    return name == xray::traceparent_name ? traceparent : nullptr;
  });
  EXPECT_EQ(from_c.traceparent(), traceparent);
}

TEST(Extract, a_segment_continues_a_w3c_trace) {
  Capture capture;
  {
    const xray::Segment segment("s", extracted({{"traceparent", traceparent}}));
    EXPECT_TRUE(segment.sampled());
  }
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(document, "trace_id")), trace_id);
  EXPECT_EQ(text_of(at(document, "parent_id")), "53995c3f42cd8ad8");
  {
    const xray::Segment unsampled(
        "s",
        extracted({{"traceparent", "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-00"}}));
    EXPECT_FALSE(unsampled.sampled());
  }
  EXPECT_EQ(capture.texts().size(), 1U);
}

TEST(ResponseHeader, has_the_root_alone_unless_the_decision_was_asked_for) {
  Capture capture;
  const auto answer = [](const std::string& text) {
    const xray::Segment segment("s", xray::TraceHeader::parse(text));
    return segment.response_header().to_string().str();
  };
  const std::string root = std::string("Root=") + trace_id;
  const std::string from = ";Parent=53995c3f42cd8ad8;Lineage=1:2;Self=1-2-3";
  EXPECT_EQ(answer(root + from + ";Sampled=?"), root + ";Sampled=1");
  EXPECT_EQ(answer(root + from + ";Sampled=1"), root);
  EXPECT_EQ(answer(root + from + ";Sampled=0"), root);
  EXPECT_EQ(answer(root + from), root);
  // A trace that begins here is answered with its id: the caller may want to look at it.
  EXPECT_EQ(answer("").substr(0, 7), "Root=1-");
  EXPECT_EQ(answer("Root=1-oops;Sampled=?").substr(40), ";Sampled=1");
}

TEST(Inject, writes_w3c_only_where_it_was_asked_for) {
  Capture capture;
  const xray::Segment segment("s",
                              extracted({{"traceparent", traceparent}, {"tracestate", "a=1"}}));
  const Headers headers = injected();
  EXPECT_EQ(headers.size(), 1U);
  EXPECT_EQ(headers.count("X-Amzn-Trace-Id"), 1U);
}

TEST(Inject, writes_both_headers_and_what_others_said) {
  IN_A_FRESH_PROCESS({
    EXPECT_FALSE(xray::configure(with_w3c()));
    Capture capture;
    EXPECT_TRUE(injected().empty());
    const xray::Segment segment("s", extracted({{"X-Amzn-Trace-Id", "Lineage=1:2"},
                                                {"traceparent", traceparent},
                                                {"tracestate", "a=1, b=2"}}));
    const xray::Subsegment call("call", xray::Namespace::remote);
    const std::string id = call.trace_header().parent_id().to_string();
    const Headers headers = injected();
    EXPECT_EQ(headers.size(), 3U);
    EXPECT_EQ(headers.at("X-Amzn-Trace-Id"),
              std::string("Root=") + trace_id + ";Parent=" + id + ";Sampled=1;Lineage=1:2");
    EXPECT_EQ(headers.at("traceparent"), "00-5759e988bd862e3fe1be46a994272793-" + id + "-01");
    EXPECT_EQ(headers.at("tracestate"), "a=1,b=2");
    // The next service, if it is like this one, reads the same from either.
    EXPECT_EQ(extracted(headers).traceparent(), headers.at("traceparent"));
    EXPECT_EQ(extracted(headers).tracestate(), "a=1,b=2");
  });
}

TEST(Inject, an_unsampled_segment_hands_on_what_it_was_given_too) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_PROPAGATE_W3C", "true", 1);
    const xray::Segment segment(
        "s", extracted({{"traceparent", "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-00"},
                        {"tracestate", "a=1"}}));
    const Headers headers = injected();
    EXPECT_EQ(headers.size(), 3U);
    EXPECT_EQ(headers.at("traceparent").substr(0, 36), "00-5759e988bd862e3fe1be46a994272793-");
    EXPECT_EQ(headers.at("traceparent").substr(52), "-00");
    EXPECT_EQ(headers.at("tracestate"), "a=1");
  });
}

TEST(Inject, a_segment_without_tracestate_writes_none_though_its_memory_held_one_before) {
  IN_A_FRESH_PROCESS({
    EXPECT_FALSE(xray::configure(with_w3c()));
    Capture capture;
    {
      const xray::Segment segment("s",
                                  extracted({{"traceparent", traceparent}, {"tracestate", "a=1"}}));
    }
    EXPECT_EQ(capture.texts().size(), 1U);
    const xray::Segment segment("s", extracted({{"traceparent", traceparent}}));
    EXPECT_EQ(injected().count("tracestate"), 0U);
  });
}

TEST(Inject, the_environment_wins_over_the_code) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_PROPAGATE_W3C", "FALSE", 1);
    EXPECT_FALSE(xray::configure(with_w3c()));
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=0"));
    EXPECT_EQ(injected().size(), 1U);
  });
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_PROPAGATE_W3C", "perhaps", 1);
    const auto result = xray::configure(with_w3c());
    EXPECT_EQ(result.error, xray::ConfigureError::bad_propagate_w3c);
    EXPECT_EQ(result.message, "xray: AWS_XRAY_PROPAGATE_W3C is \"perhaps\", not true or false");
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=0"));
    EXPECT_EQ(injected().size(), 2U) << "what the code said stays";
  });
}

TEST(Inject, reading_and_writing_headers_allocates_nothing) {
  IN_A_FRESH_PROCESS({
    EXPECT_FALSE(xray::configure(with_w3c()));
    const auto pass_on = [] {
      const xray::Segment segment("s", xray::extract([](std::string_view name) -> std::string_view {
                                    return name == xray::traceparent_name
                                               ? "00-5759e988bd862e3fe1be46a994272793-"
                                                 "53995c3f42cd8ad8-00"
                                           : name == xray::tracestate_name ? "a=1"
                                                                           : "";
                                  }));
      std::size_t written = 0;
      xray::inject([&written](std::string_view /*name*/, std::string_view value) {
        written += value.size();
      });
      return written;
    };
    EXPECT_EQ(pass_on(), 74U + 55U + 3U);
    const auto before = support::allocations();
    for (int i = 0; i < 100; ++i) pass_on();
    EXPECT_EQ(support::allocations() - before, 0U);
  });
}
