#include <xray/http_server.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
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
using support::text_of;

namespace {

constexpr const char* root = "1-5759e988-bd862e3fe1be46a994272793";

using Headers = std::map<std::string, std::string, std::less<>>;

/// A framework of the smallest kind.
auto reader_of(const Headers& headers) {
  return [&headers](std::string_view name) -> std::string_view {
    const auto found = headers.find(name);
    return found != headers.end() ? std::string_view(found->second) : std::string_view();
  };
}

xray::HttpServerTracing shop() {
  xray::HttpServerTracing tracing;
  tracing.name = "shop";
  return tracing;
}

xray::HttpServerRequest get(std::string_view target) {
  xray::HttpServerRequest request;
  request.method = "GET";
  request.target = target;
  request.peer_address = "192.0.2.1";
  return request;
}

/// The document of a request that is answered with 200.
support::Json record(const xray::HttpServerTracing& tracing, const xray::HttpServerRequest& request,
                     const Headers& headers) {
  Capture capture;
  xray::HttpServerSegment segment(tracing, request, reader_of(headers));
  segment.set_response(200);
  segment.end();
  return capture.document();
}

/// Remembers what it was asked.
class AskedSampler : public xray::Sampler {
 public:
  xray::SamplingDecision decide(const xray::SamplingRequest& request) noexcept override {
    asked += std::string(request.service_name.view()) + " " + std::string(request.host.view()) +
             " " + std::string(request.method.view()) + " " + std::string(request.path.view()) +
             ";";
    xray::SamplingDecision decision;
    decision.sampled = sampled;
    return decision;
  }
  std::string asked;
  bool sampled = true;
};

std::shared_ptr<AskedSampler> use_sampler(bool sampled) {
  ::unsetenv("AWS_XRAY_SAMPLER");  // the environment would win
  auto sampler = std::make_shared<AskedSampler>();
  sampler->sampled = sampled;
  xray::Configuration configuration;
  configuration.sampler = sampler;
  EXPECT_FALSE(xray::configure(configuration));
  return sampler;
}

}  // namespace

TEST(HttpServerSegment, records_the_request_without_its_query) {
  const auto document = record(shop(), get("/cart/7?token=secret"),
                               {{"Host", "shop.example:8080"}, {"User-Agent", "test/1"}});
  EXPECT_EQ(text_of(at(document, "name")), "shop");
  EXPECT_EQ(http_request_of(document),
            R"({"method":"GET","url":"http://shop.example:8080/cart/7","user_agent":"test/1",)"
            R"("client_ip":"192.0.2.1"})");
  EXPECT_EQ(http_response_of(document), R"({"status":200})");
  EXPECT_EQ(flags_of(document), "");
}

TEST(HttpServerSegment, takes_the_client_from_x_forwarded_for_and_says_so) {
  const auto document =
      record(shop(), get("/"), {{"X-Forwarded-For", "203.0.113.7, 10.0.0.1, 10.0.0.2"}});
  EXPECT_EQ(http_request_of(document),
            R"({"method":"GET","url":"/","client_ip":"203.0.113.7","x_forwarded_for":true})");
}

TEST(HttpServerSegment, knows_the_scheme_by_option_and_by_request) {
  auto tracing = shop();
  tracing.https = true;
  const Headers headers{{"Host", "shop.example"}};
  const auto url = [](const support::Json& document) {
    return text_of(at(at(at(document, "http"), "request"), "url"));
  };
  EXPECT_EQ(url(record(tracing, get("/"), headers)), "https://shop.example/");
  auto request = get("/");
  request.scheme = "http";
  EXPECT_EQ(url(record(tracing, request, headers)), "http://shop.example/");
  request.host = "user:secret@other.example";
  EXPECT_EQ(url(record(tracing, request, headers)), "http://other.example/");
  EXPECT_EQ(url(record(shop(), get("https://third.example/a?b"), headers)),
            "https://third.example/a");
}

TEST(HttpServerSegment, cuts_a_url_of_any_length) {
  const std::string path = "/" + std::string(5000, 'x');
  const auto document = record(shop(), get(path), {{"Host", "shop.example"}});
  EXPECT_EQ(text_of(at(at(at(document, "http"), "request"), "url")),
            ("http://shop.example" + path).substr(0, 250));
}

TEST(HttpServerSegment, continues_the_trace_of_the_caller) {
  const std::string header = std::string("Root=") + root + ";Parent=53995c3f42cd8ad8;Sampled=1";
  const auto document = record(shop(), get("/"), {{"X-Amzn-Trace-Id", header}});
  EXPECT_EQ(text_of(at(document, "trace_id")), root);
  EXPECT_EQ(text_of(at(document, "parent_id")), "53995c3f42cd8ad8");
}

TEST(HttpServerSegment, continues_a_traceparent_unless_told_not_to) {
  const Headers headers{{"traceparent", "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01"}};
  EXPECT_EQ(text_of(at(record(shop(), get("/"), headers), "trace_id")), root);
  auto tracing = shop();
  tracing.w3c = false;
  EXPECT_NE(text_of(at(record(tracing, get("/"), headers), "trace_id")), root);
}

TEST(HttpServerSegment, is_named_by_a_host_that_matches) {
  auto tracing = shop();
  tracing.naming.emplace("shop", "*.shop.example");
  const auto name = [&tracing](const char* host) {
    return text_of(at(record(tracing, get("/"), {{"Host", host}}), "name"));
  };
  EXPECT_EQ(name("de.shop.example:8080"), "de.shop.example");
  EXPECT_EQ(name("evil.example"), "shop");
}

TEST(HttpServerSegment, answers_with_the_trace_and_the_decision_if_asked) {
  Capture capture;
  const auto answer = [](const std::string& header) {
    const Headers headers{{"X-Amzn-Trace-Id", header}};
    const xray::HttpServerSegment segment(shop(), get("/"), reader_of(headers));
    return segment.response_header().str();
  };
  const std::string trace = std::string("Root=") + root;
  EXPECT_EQ(answer(trace + ";Sampled=?"), trace + ";Sampled=1");
  EXPECT_EQ(answer(trace + ";Sampled=1"), trace);
  EXPECT_EQ(answer(trace + ";Sampled=0"), trace);
}

TEST(HttpServerSegment, marks_by_status) {
  const auto flags = [](int status) {
    Capture capture;
    xray::HttpServerSegment segment(shop(), get("/"), reader_of({}));
    segment.set_response(status, 12);
    segment.end();
    const auto document = capture.document();
    EXPECT_EQ(http_response_of(document),
              "{\"status\":" + std::to_string(status) + ",\"content_length\":12}");
    return flags_of(document);
  };
  EXPECT_EQ(flags(200), "");
  EXPECT_EQ(flags(302), "");
  EXPECT_EQ(flags(404), "error");
  EXPECT_EQ(flags(429), "error throttle");
  EXPECT_EQ(flags(503), "fault");
}

TEST(HttpServerSegment, records_nothing_of_what_is_excluded_nor_of_what_that_calls) {
  auto tracing = shop();
  tracing.excluded_paths = {"/healthz", "/static/*"};
  tracing.excluded_hosts = {"internal.example"};
  Capture capture;
  const auto excluded = [&](const char* target, const char* host) {
    const Headers headers{{"Host", host},
                          {"X-Amzn-Trace-Id", std::string("Root=") + root + ";Sampled=1"}};
    const xray::HttpServerSegment segment(tracing, get(target), reader_of(headers));
    const xray::Subsegment below("below");
    EXPECT_EQ(segment.response_header().empty(), segment.excluded());
    EXPECT_EQ(xray::current_trace_header().sampling(),
              segment.excluded() ? xray::Sampling::not_sampled : xray::Sampling::sampled);
    return segment.excluded();
  };
  EXPECT_TRUE(excluded("/healthz?verbose=1", "shop.example"));
  EXPECT_TRUE(excluded("/static/a/b.css", "shop.example"));
  EXPECT_TRUE(excluded("/cart", "Internal.example:80"));
  EXPECT_TRUE(capture.documents().empty());
  EXPECT_FALSE(excluded("/healthz/deep", "shop.example"));
  EXPECT_EQ(capture.documents().size(), 1U);
}

TEST(HttpServerSegment, asks_the_sampler_by_name_host_method_and_path) {
  auto tracing = shop();
  tracing.excluded_paths = {"/healthz"};
  const Headers headers{{"Host", "shop.example:8080"}};
  IN_A_FRESH_PROCESS({
    const auto sampler = use_sampler(true);
    Capture capture;
    { const xray::HttpServerSegment segment(tracing, get("/cart?q=1"), reader_of(headers)); }
    { const xray::HttpServerSegment segment(tracing, get("/healthz"), reader_of(headers)); }
    EXPECT_EQ(sampler->asked, "shop shop.example:8080 GET /cart;");
    EXPECT_EQ(capture.documents().size(), 1U);
  });
}

TEST(HttpServerSegment, answers_no_if_the_sampler_says_no) {
  const Headers headers{{"X-Amzn-Trace-Id", std::string("Root=") + root + ";Sampled=?"}};
  IN_A_FRESH_PROCESS({
    use_sampler(false);
    Capture capture;
    {
      const xray::HttpServerSegment segment(shop(), get("/"), reader_of(headers));
      EXPECT_EQ(segment.response_header(), std::string("Root=") + root + ";Sampled=0");
    }
    EXPECT_TRUE(capture.documents().empty());
  });
}

TEST(HttpServerSegment, takes_headers_in_whatever_text_a_framework_has) {
  Capture capture;
  {
    const xray::HttpServerSegment strings(shop(), get("/"), [](std::string_view name) {
      return name == "Host" ? std::string("a-host-that-is-too-long-for-short-strings.example")
                            : std::string();
    });
  }
  {
    const xray::HttpServerSegment pointers(
        shop(), get("/"),
        [](std::string_view name) -> const char* { return name == "Host" ? "b" : nullptr; });
  }
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(http_request_of(documents[0]),
            R"({"method":"GET","url":"http://a-host-that-is-too-long-for-short-strings.example/",)"
            R"("client_ip":"192.0.2.1"})");
  EXPECT_EQ(http_request_of(documents[1]),
            R"({"method":"GET","url":"http://b/","client_ip":"192.0.2.1"})");
}

TEST(HttpServerSegment, may_move_and_end_on_another_thread) {
  Capture capture;
  auto segment = std::make_unique<xray::HttpServerSegment>(shop(), get("/"), reader_of({}));
  std::thread([moved = xray::HttpServerSegment(std::move(*segment))]() mutable {
    moved.set_response(204);
  }).join();
  EXPECT_EQ(http_response_of(capture.document()), R"({"status":204})");
}

TEST(HttpServerSegment, allocates_nothing_in_the_steady_state) {
  Capture capture;
  const auto tracing = shop();
  const auto serve = [&tracing](const char* header) {
    const Headers headers{{"Host", "shop.example"},
                          {"User-Agent", "a user agent that is no short string"},
                          {"X-Amzn-Trace-Id", header}};
    const auto before = support::allocations();
    {
      xray::HttpServerSegment segment(tracing, get("/cart?q=1"), reader_of(headers));
      segment.set_response(200, 12);
    }
    return support::allocations() - before;
  };
  for (int i = 0; i < 5; ++i) {
    serve("Sampled=1");
    xray::flush(std::chrono::seconds(5));  // gives back the memory of what has left
  }
  EXPECT_EQ(serve("Sampled=1"), 0U);
  xray::flush(std::chrono::seconds(5));
  EXPECT_EQ(serve("Sampled=0"), 0U);
}

TEST(TraceHttpRequest, returns_what_the_handler_returns) {
  Capture capture;
  int body = 7;
  const auto handler = [&body](xray::HttpServerSegment& segment) -> int& {
    segment.segment().add_annotation("customer", "c-17");
    segment.set_response(201, 3);
    return body;
  };
  EXPECT_EQ(&xray::trace_http_request(shop(), get("/"), reader_of({}), handler), &body);
  const auto document = capture.document();
  EXPECT_EQ(http_response_of(document), R"({"status":201,"content_length":3})");
  EXPECT_EQ(text_of(at(at(document, "annotations"), "customer")), "c-17");
}

TEST(TraceHttpRequest, records_an_exception_as_the_cause_and_lets_it_go_on) {
  Capture capture;
  const auto handler = [](xray::HttpServerSegment&) { throw std::runtime_error("out of stock"); };
  EXPECT_THROW(xray::trace_http_request(shop(), get("/"), reader_of({}), handler),
               std::runtime_error);
  const auto document = capture.document();
  EXPECT_EQ(flags_of(document), "fault");
  EXPECT_EQ(cause_of(document), "std::runtime_error: out of stock");
}
