#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/documents.hpp"
#include "support/process.hpp"

using support::at;
using support::Capture;
using support::text_of;

namespace {

/// Says what it was told to, and remembers what it was asked.
class ScriptedSampler : public xray::Sampler {
 public:
  struct Asked {
    std::string service_name, host, method, path, service_type, resource_arn, attributes;
  };

  xray::SamplingDecision decide(const xray::SamplingRequest& request) noexcept override {
    Asked asked;
    asked.service_name = request.service_name.view();
    asked.host = request.host.view();
    asked.method = request.method.view();
    asked.path = request.path.view();
    asked.service_type = request.service_type.view();
    asked.resource_arn = request.resource_arn.view();
    for (std::size_t i = 0; i < request.attribute_count; ++i) {
      asked.attributes += std::string(request.attributes[i].key.view()) + "=" +
                          std::string(request.attributes[i].value.view()) + ";";
    }
    const std::lock_guard<std::mutex> lock(mutex);
    all.push_back(std::move(asked));
    return decision;
  }
  void observe(const xray::SamplingOutcome& outcome) noexcept override {
    const std::lock_guard<std::mutex> lock(mutex);
    observed.push_back(std::string(outcome.rule_name) + " " + std::string(outcome.service_name) +
                       (outcome.sampled ? " sampled" : "") + (outcome.fault ? " fault" : ""));
  }
  void stop(std::chrono::nanoseconds timeout) noexcept override {
    ++stops;
    longest_stop = timeout;
  }

  xray::SamplingDecision decision;
  std::mutex mutex;
  std::vector<Asked> all;
  std::vector<std::string> observed;
  std::atomic<int> stops{0};
  std::chrono::nanoseconds longest_stop{-1};
};

std::shared_ptr<ScriptedSampler> scripted(bool sampled, const char* rule = "") {
  auto sampler = std::make_shared<ScriptedSampler>();
  sampler->decision.sampled = sampled;
  sampler->decision.rule_name.append(rule);
  return sampler;
}

/// The environment would win.
xray::ConfigureResult configure_with(std::shared_ptr<xray::Sampler> sampler,
                                     xray::Configuration configuration = {}) {
  ::unsetenv("AWS_XRAY_SAMPLER");
  configuration.sampler = std::move(sampler);
  return xray::configure(configuration);
}

}  // namespace

TEST(Sampling, the_sampler_decides_about_a_trace_that_begins_here) {
  IN_A_FRESH_PROCESS({
    const auto sampler = scripted(false);
    EXPECT_FALSE(configure_with(sampler));
    Capture capture;
    {
      const xray::Segment segment("s");
      EXPECT_FALSE(segment.sampled());
      EXPECT_EQ(segment.trace_header().sampling(), xray::Sampling::not_sampled);
      const xray::Subsegment subsegment("t");
      EXPECT_FALSE(subsegment.sampled());
    }
    sampler->decision.sampled = true;
    {
      const xray::Segment segment("s");
      EXPECT_TRUE(segment.sampled());
      EXPECT_EQ(segment.trace_header().sampling(), xray::Sampling::sampled);
    }
    EXPECT_EQ(capture.documents().size(), 1U);
    EXPECT_EQ(sampler->all.size(), 2U);
  });
}

TEST(Sampling, what_was_decided_upstream_is_final_and_the_sampler_is_not_asked) {
  IN_A_FRESH_PROCESS({
    const auto sampler = scripted(true);
    EXPECT_FALSE(configure_with(sampler));
    EXPECT_FALSE(xray::Segment("s", xray::TraceHeader::parse("Sampled=0")).sampled());
    sampler->decision.sampled = false;
    EXPECT_TRUE(xray::Segment("s", xray::TraceHeader::parse("Sampled=1")).sampled());
    EXPECT_TRUE(sampler->all.empty());
  });
}

TEST(Sampling, a_question_from_upstream_is_decided_and_answered) {
  IN_A_FRESH_PROCESS({
    const auto sampler = scripted(true);
    EXPECT_FALSE(configure_with(sampler));
    const auto header =
        xray::TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=?");
    EXPECT_EQ(xray::Segment("s", header).response_header().to_string(),
              "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1");
    sampler->decision.sampled = false;
    EXPECT_EQ(xray::Segment("s", header).response_header().to_string(),
              "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0");
    EXPECT_EQ(sampler->all.size(), 2U);
  });
}

TEST(Sampling, a_header_without_a_decision_continues_its_trace_and_is_decided_here) {
  IN_A_FRESH_PROCESS({
    const auto sampler = scripted(true);
    EXPECT_FALSE(configure_with(sampler));
    const xray::Segment segment(
        "s", xray::TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793"));
    EXPECT_EQ(segment.trace_id().to_string(), "1-5759e988-bd862e3fe1be46a994272793");
    EXPECT_TRUE(segment.sampled());
    EXPECT_EQ(sampler->all.size(), 1U);
    EXPECT_EQ(segment.response_header().sampling(), xray::Sampling::unknown);
  });
}

TEST(Sampling, the_sampler_sees_what_is_known_of_the_request) {
  const xray::SamplingAttribute attributes[] = {{"tier", "gold"}, {"region", "eu"}};
  IN_A_FRESH_PROCESS({
    const auto sampler = scripted(true);
    EXPECT_FALSE(configure_with(sampler));
    { const xray::Segment segment("by name"); }
    xray::HttpRequest request;
    request.method = "POST";
    request.url = "https://user:secret@shop.example:8443/cart/items?id=7#top";
    { const xray::Segment segment("by request", {}, request); }
    request.url = "/cart?id=8";
    { const xray::Segment segment("by path", {}, request); }
    request.url = "http://shop.example?id=9";
    { const xray::Segment segment("by host", {}, request); }
    xray::SamplingRequest given;
    given.host = "h";
    given.method = "PUT";
    given.path = "/p";
    given.service_type = "AWS::EC2::Instance";
    given.resource_arn = "arn:aws:ec2:::instance/i-1";
    given.attributes = attributes;
    given.attribute_count = 2;
    { const xray::Segment segment("all", {}, given); }

    const auto& all = sampler->all;
    ASSERT_EQ(all.size(), 5U);
    EXPECT_EQ(all[0].service_name, "by name");
    EXPECT_EQ(all[0].host + all[0].method + all[0].path, "");
    EXPECT_EQ(all[1].host, "shop.example:8443");
    EXPECT_EQ(all[1].method, "POST");
    EXPECT_EQ(all[1].path, "/cart/items");
    EXPECT_EQ(all[2].host, "");
    EXPECT_EQ(all[2].path, "/cart");
    EXPECT_EQ(all[3].host, "shop.example");
    EXPECT_EQ(all[3].path, "/");
    EXPECT_EQ(all[4].service_name, "all");
    EXPECT_EQ(all[4].host, "h");
    EXPECT_EQ(all[4].method, "PUT");
    EXPECT_EQ(all[4].path, "/p");
    EXPECT_EQ(all[4].service_type, "AWS::EC2::Instance");
    EXPECT_EQ(all[4].resource_arn, "arn:aws:ec2:::instance/i-1");
    EXPECT_EQ(all[4].attributes, "tier=gold;region=eu;");
  });
}

TEST(Sampling, the_sampler_sees_the_name_that_the_segment_gets) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_TRACING_NAME", "forced", 1);
    const auto sampler = scripted(false);
    EXPECT_FALSE(configure_with(sampler));
    { const xray::Segment segment("given"); }
    ASSERT_EQ(sampler->all.size(), 1U);
    EXPECT_EQ(sampler->all[0].service_name, "forced");
  });
}

TEST(Sampling, a_segment_begun_with_a_request_records_it) {
  IN_A_FRESH_PROCESS({
    EXPECT_FALSE(configure_with(scripted(true)));
    Capture capture;
    xray::HttpRequest request;
    request.method = "GET";
    request.url = "https://shop.example/";
    { const xray::Segment segment("s", {}, request); }
    const auto document = capture.document();
    EXPECT_EQ(text_of(at(at(at(document, "http"), "request"), "url")), "https://shop.example/");
  });
}

TEST(Sampling, the_rule_stands_in_the_document_of_the_segment_that_it_sampled) {
  IN_A_FRESH_PROCESS({
    const auto sampler = scripted(true, "check\"out");
    EXPECT_FALSE(configure_with(sampler));
    Capture capture;
    {
      const xray::Segment segment("s");
      const xray::Segment decided_upstream("u", xray::TraceHeader::parse("Sampled=1"));
    }
    const auto documents = capture.documents();
    ASSERT_EQ(documents.size(), 2U);
    const auto& by_header = at(at(documents[0], "aws"), "xray");
    const auto& by_rule = at(at(documents[1], "aws"), "xray");
    EXPECT_EQ(text_of(at(by_rule, "sampling_rule_name")), "check\"out");
    EXPECT_FALSE(by_header.HasMember("sampling_rule_name"));
  });
}

TEST(Sampling, a_sampler_that_traces_records_nothing_and_is_not_asked_again) {
  IN_A_FRESH_PROCESS({
    class Tracing : public xray::Sampler {
     public:
      xray::SamplingDecision decide(const xray::SamplingRequest&) noexcept override {
        ++asked;
        const xray::Segment segment("inner");
        EXPECT_FALSE(segment.sampled());
        xray::SamplingDecision decision;
        decision.sampled = true;
        return decision;
      }
      int asked = 0;
    };
    const auto sampler = std::make_shared<Tracing>();
    EXPECT_FALSE(configure_with(sampler));
    Capture capture;
    { const xray::Segment segment("outer"); }
    EXPECT_EQ(sampler->asked, 1);
    EXPECT_EQ(capture.documents().size(), 1U);
  });
}

TEST(Sampling, a_sampler_that_wants_to_see_the_end_sees_it_also_of_what_it_turned_down) {
  IN_A_FRESH_PROCESS({
    const auto sampler = scripted(false, "r");
    sampler->decision.observed = true;
    EXPECT_FALSE(configure_with(sampler));
    Capture capture;
    { const xray::Segment segment("fine"); }
    {
      xray::Segment segment("broken");
      segment.set_http_response(503);
      EXPECT_EQ(segment.trace_header().sampling(), xray::Sampling::not_sampled);
    }
    sampler->decision.sampled = true;
    { const xray::Segment segment("taken"); }
    EXPECT_EQ(capture.documents().size(), 1U);
    EXPECT_EQ(sampler->observed,
              (std::vector<std::string>{"r fine", "r broken fault", "r taken sampled"}));
  });
}

TEST(Sampling, an_emitter_may_end_a_segment_that_a_sampler_wants_to_see_the_end_of) {
  for (const bool synchronous : {false, true}) {
    IN_A_FRESH_PROCESS({
      class Ending : public xray::Emitter {
       public:
        void emit(std::string_view) noexcept override {
          ++documents;
          if (older) older->end();
          const xray::Segment inside("inside");
          EXPECT_FALSE(inside.sampled());
        }
        std::unique_ptr<xray::Segment> older;
        std::atomic<int> documents{0};
      };
      const auto sampler = scripted(true);
      sampler->decision.observed = true;
      const auto emitter = std::make_shared<Ending>();
      xray::Configuration configuration;
      configuration.synchronous = synchronous;
      configuration.emitter = emitter;
      EXPECT_FALSE(configure_with(sampler, configuration));
      emitter->older = std::make_unique<xray::Segment>("older");
      { const xray::Segment segment("s"); }
      EXPECT_TRUE(xray::flush(std::chrono::seconds(10)));
      { const xray::Segment segment("s"); }
      EXPECT_TRUE(xray::flush(std::chrono::seconds(10)));
      EXPECT_EQ(emitter->documents, 3);
    });
  }
}

TEST(Sampling, only_what_begins_like_a_url_has_a_host) {
  IN_A_FRESH_PROCESS({
    const auto sampler = scripted(false);
    EXPECT_FALSE(configure_with(sampler));
    xray::HttpRequest request;
    for (const char* url : {"/fetch/http://intern/health", "://intern/health",
                            "1http://intern/health", "h2+x.y-z://shop/a"}) {
      request.url = url;
      const xray::Segment segment("s", {}, request);
    }
    ASSERT_EQ(sampler->all.size(), 4U);
    EXPECT_EQ(sampler->all[0].path, "/fetch/http://intern/health");
    EXPECT_EQ(sampler->all[1].path, "://intern/health");
    EXPECT_EQ(sampler->all[2].path, "1http://intern/health");
    EXPECT_EQ(sampler->all[0].host + sampler->all[1].host + sampler->all[2].host, "");
    EXPECT_EQ(sampler->all[3].host, "shop");
    EXPECT_EQ(sampler->all[3].path, "/a");
  });
}

TEST(Sampling, the_sampler_is_told_of_the_end_at_shutdown) {
  IN_A_FRESH_PROCESS({
    const auto sampler = scripted(true);
    EXPECT_FALSE(configure_with(sampler));
    { const xray::Segment segment("s"); }
    EXPECT_TRUE(xray::shutdown(std::chrono::seconds(10)));
    EXPECT_EQ(sampler->stops, 1);
    EXPECT_GT(sampler->longest_stop.count(), 0);
    (void)xray::shutdown(std::chrono::seconds(0));
    EXPECT_EQ(sampler->longest_stop.count(), 0);  // it has no time beyond the caller's
    const xray::Segment late("s");
    EXPECT_TRUE(late.sampled());
  });
}

TEST(Sampling, nobody_is_asked_while_the_sdk_is_off) {
  IN_A_FRESH_PROCESS({
    const auto sampler = scripted(true);
    xray::Configuration configuration;
    configuration.enabled = false;
    EXPECT_FALSE(configure_with(sampler, configuration));
    EXPECT_FALSE(xray::Segment("s").sampled());
    EXPECT_TRUE(sampler->all.empty());
  });
}

TEST(Sampling, the_environment_chooses_the_sampler) {
  const auto sampled_of_100 = [](const char* name) {
    ::setenv("AWS_XRAY_SAMPLER", name, 1);
    xray::Configuration configuration;
    configuration.sampler = scripted(false);
    EXPECT_FALSE(xray::configure(configuration));
    int sampled = 0;
    for (int i = 0; i < 100; ++i) sampled += xray::Segment("s").sampled() ? 1 : 0;
    return sampled;
  };
  IN_A_FRESH_PROCESS({ EXPECT_EQ(sampled_of_100("always"), 100); });
  IN_A_FRESH_PROCESS({ EXPECT_EQ(sampled_of_100("Never"), 0); });
  IN_A_FRESH_PROCESS({ EXPECT_EQ(sampled_of_100("1"), 100); });
  IN_A_FRESH_PROCESS({ EXPECT_EQ(sampled_of_100("0.0"), 0); });
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_SAMPLING_RULES", R"({"version":2,"default":{"fixed_target":0,"rate":1}})",
             1);
    EXPECT_EQ(sampled_of_100("rules"), 100);
  });
}

TEST(Sampling, what_is_no_sampler_is_refused_by_name) {
  for (const char* name : {"sometimes", "1.5", "-0.1", "nan", "0.5 ", "50%"}) {
    IN_A_FRESH_PROCESS({
      ::setenv("AWS_XRAY_SAMPLER", name, 1);
      xray::Configuration configuration;
      configuration.sampler = scripted(true);
      const auto result = xray::configure(configuration);
      EXPECT_EQ(result.error, xray::ConfigureError::bad_sampler);
      EXPECT_EQ(result.message, "xray: AWS_XRAY_SAMPLER is \"" + std::string(name) +
                                    "\", not central, rules, always, never or a rate from 0 to 1");
      EXPECT_TRUE(xray::Segment("s").sampled()) << "the configured sampler stays";
    });
  }
}

TEST(Sampling, rules_that_cannot_be_used_are_refused_and_the_usual_ones_taken) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_SAMPLER", "rules", 1);
    xray::Configuration configuration;
    configuration.sampling_rules = "/nowhere/rules.json";
    const auto result = xray::configure(configuration);
    EXPECT_EQ(result.error, xray::ConfigureError::bad_sampling_rules);
    EXPECT_NE(result.message.find("Configuration::sampling_rules: "), std::string::npos)
        << result.message;
    EXPECT_NE(result.message.find("/nowhere/rules.json"), std::string::npos) << result.message;
    int sampled = 0;
    for (int i = 0; i < 1000; ++i) sampled += xray::Segment("s").sampled() ? 1 : 0;
    EXPECT_GE(sampled, 1);  // of the reservoir, one a second
    EXPECT_LE(sampled, 150);
  });
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_SAMPLER", "rules", 1);
    ::setenv("AWS_XRAY_SAMPLING_RULES", R"( {"version":2,"default":{"fixed_target":-1,"rate":0}})",
             1);
    const auto result = xray::configure({});
    EXPECT_EQ(result.error, xray::ConfigureError::bad_sampling_rules);
    EXPECT_NE(result.message.find("AWS_XRAY_SAMPLING_RULES: "), std::string::npos);
    EXPECT_NE(result.message.find("fixed_target is -1"), std::string::npos) << result.message;
  });
}
