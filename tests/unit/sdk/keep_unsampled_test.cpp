#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/documents.hpp"
#include "support/process.hpp"

using support::at;
using support::Capture;
using support::find_subsegment;
using support::text_of;

namespace {

/// Nothing is sampled here; what is kept is the test's to say.
void configure_to_keep(std::uint32_t per_second, std::chrono::milliseconds slower_than = {}) {
  ::setenv("AWS_XRAY_SAMPLER", "never", 1);
  xray::Configuration configuration;
  configuration.keep.per_second = per_second;
  configuration.keep.slower_than = slower_than;
  EXPECT_FALSE(xray::configure(configuration));
}

std::string kept(const support::JsonValue& document) {
  return text_of(at(at(document, "annotations"), "xray_kept"));
}

}  // namespace

TEST(KeepUnsampled, a_segment_that_ends_in_a_fault_is_sent_after_all_with_everything_in_it) {
  IN_A_FRESH_PROCESS({
    configure_to_keep(100);
    Capture capture;
    {
      xray::Segment segment("s");
      segment.add_annotation("customer", "c-17");
      {
        xray::Subsegment subsegment("t");
        subsegment.add_metadata("cart", 3);
      }
      segment.set_http_response(500);
    }
    const auto document = capture.document();
    EXPECT_EQ(kept(document), "fault");
    EXPECT_EQ(text_of(at(at(document, "annotations"), "customer")), "c-17");
    EXPECT_NE(find_subsegment(document, "t"), nullptr);
    EXPECT_EQ(xray::statistics().segments_kept, 1U);
  });
}

TEST(KeepUnsampled, so_is_one_that_an_exception_leaves) {
  IN_A_FRESH_PROCESS({
    configure_to_keep(100);
    Capture capture;
    try {
      const xray::Segment segment("s");
      throw std::runtime_error("declined");
    } catch (const std::runtime_error&) {
    }
    EXPECT_EQ(kept(capture.document()), "fault");
  });
}

TEST(KeepUnsampled, one_that_ends_well_or_in_an_error_of_the_client_is_forgotten) {
  IN_A_FRESH_PROCESS({
    configure_to_keep(100);
    Capture capture;
    {
      xray::Segment segment("s");
      xray::Subsegment subsegment("t");
      subsegment.set_fault();  // the segment made up for it
    }
    { xray::Segment("s").set_http_response(404); }
    EXPECT_TRUE(capture.documents().empty());
    EXPECT_EQ(xray::statistics().segments_kept, 0U);
    EXPECT_EQ(xray::statistics().segments_not_kept, 0U);
  });
}

TEST(KeepUnsampled, one_that_took_long_is_kept_where_that_was_asked_for) {
  IN_A_FRESH_PROCESS({
    configure_to_keep(100, std::chrono::milliseconds(20));
    Capture capture;
    {
      const xray::Segment segment("s");
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    EXPECT_EQ(kept(capture.document()), "slow");
  });
  IN_A_FRESH_PROCESS({
    configure_to_keep(100);
    Capture capture;
    {
      const xray::Segment segment("s");
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    EXPECT_TRUE(capture.documents().empty());
  });
}

TEST(KeepUnsampled, downstream_is_told_that_the_trace_is_not_sampled) {
  IN_A_FRESH_PROCESS({
    configure_to_keep(100);
    Capture capture;
    {
      xray::Segment segment("s", xray::TraceHeader::parse("Sampled=?"));
      const xray::Subsegment subsegment("t");
      EXPECT_TRUE(subsegment.sampled());
      EXPECT_EQ(subsegment.trace_header().sampling(), xray::Sampling::not_sampled);
      EXPECT_EQ(xray::current_trace_header().sampling(), xray::Sampling::not_sampled);
      EXPECT_EQ(segment.response_header().sampling(), xray::Sampling::not_sampled);
      segment.set_fault();
    }
    EXPECT_EQ(capture.documents().size(), 1U);
  });
}

TEST(KeepUnsampled, what_was_decided_upstream_is_not_recorded) {
  IN_A_FRESH_PROCESS({
    configure_to_keep(100);
    Capture capture;
    {
      xray::Segment segment("s", xray::TraceHeader::parse("Sampled=0"));
      EXPECT_FALSE(segment.sampled());
      segment.set_fault();
    }
    EXPECT_TRUE(capture.documents().empty());
  });
}

TEST(KeepUnsampled, at_most_so_many_a_second_are_kept_and_the_others_counted) {
  IN_A_FRESH_PROCESS({
    configure_to_keep(3);
    Capture capture;
    constexpr unsigned all = 2000;
    const auto begin = std::chrono::steady_clock::now();
    for (unsigned i = 0; i < all; ++i) xray::Segment("s").set_fault();
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin)
            .count();
    const auto statistics = xray::statistics();
    EXPECT_GE(statistics.segments_kept, 3U);
    EXPECT_LE(statistics.segments_kept, 3U * static_cast<unsigned long>(seconds + 2));
    EXPECT_EQ(statistics.segments_kept + statistics.segments_not_kept, all);
    EXPECT_EQ(capture.documents().size(), statistics.segments_kept);
  });
}

TEST(KeepUnsampled, nothing_leaves_before_the_end_however_much_is_recorded) {
  IN_A_FRESH_PROCESS({
    configure_to_keep(100);
    Capture capture;
    {
      xray::Segment segment("s");
      for (int i = 0; i < 1000; ++i) const xray::Subsegment subsegment("t");
      segment.announce();
      EXPECT_TRUE(capture.documents().empty());
    }
    EXPECT_TRUE(capture.documents().empty());
    {
      xray::Segment segment("s");
      for (int i = 0; i < 1000; ++i) const xray::Subsegment subsegment("t");
      segment.set_fault();
    }
    std::size_t subsegments = 0;
    for (const auto& document : capture.documents()) {
      if (document.HasMember("subsegments")) subsegments += at(document, "subsegments").Size();
      if (document.HasMember("type")) ++subsegments;
    }
    EXPECT_EQ(subsegments, 1000U);
  });
}

TEST(KeepUnsampled, what_finds_no_memory_is_a_loss_only_of_what_is_kept) {
  for (const bool fault : {false, true}) {
    IN_A_FRESH_PROCESS({
      ::setenv("AWS_XRAY_SAMPLER", "never", 1);
      xray::Configuration configuration;
      configuration.keep.per_second = 100;
      configuration.segment_memory = std::size_t{256} << 10U;
      EXPECT_FALSE(xray::configure(configuration));
      Capture capture;
      {
        xray::Segment segment("s");
        for (int i = 0; i < 20'000; ++i) const xray::Subsegment subsegment("t");
        segment.set_fault(fault);
      }
      EXPECT_EQ(capture.documents().empty(), !fault);
      EXPECT_EQ(xray::statistics().dropped_no_memory != 0, fault);
    });
  }
}

TEST(KeepUnsampled, its_calls_are_not_said_to_be_traced_by_the_callee) {
  IN_A_FRESH_PROCESS({
    configure_to_keep(100);
    Capture capture;
    {
      xray::Segment segment("s");
      xray::Subsegment call("callee", xray::Namespace::remote);
      xray::HttpRequest request;
      request.url = "http://callee/";
      request.traced = true;
      call.set_http_request(request);
      segment.set_fault();
    }
    const auto document = capture.document();
    const auto* const call = find_subsegment(document, "callee");
    ASSERT_NE(call, nullptr);
    EXPECT_FALSE(at(at(*call, "http"), "request").HasMember("traced"));
  });
}

TEST(KeepUnsampled, an_endless_latency_keeps_nothing_for_being_slow) {
  IN_A_FRESH_PROCESS({
    configure_to_keep(100, std::chrono::milliseconds::max());
    Capture capture;
    { const xray::Segment segment("s"); }
    EXPECT_TRUE(capture.documents().empty());
  });
}

TEST(KeepUnsampled, what_outlives_its_segment_shares_its_fate) {
  IN_A_FRESH_PROCESS({
    configure_to_keep(100);
    Capture capture;
    for (const bool fault : {false, true}) {
      xray::Segment segment("s");
      if (fault) segment.set_fault();
      std::thread([&segment] {
        const xray::ContextScope scope(segment.context());
        xray::Subsegment outlives("t");
        segment.end();
        xray::Subsegment late("u");
      }).join();
    }
    std::vector<std::string> names;
    for (const auto& document : capture.documents()) names.push_back(text_of(at(document, "name")));
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, (std::vector<std::string>{"s", "t", "u"}));
  });
}

TEST(KeepUnsampled, the_environment_sets_the_limits) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_KEEP_FAULTS", "7", 1);
    ::setenv("AWS_XRAY_KEEP_SLOWER_THAN", "10", 1);
    configure_to_keep(0);
    Capture capture;
    {
      const xray::Segment segment("s");
      std::this_thread::sleep_for(std::chrono::milliseconds(15));
    }
    EXPECT_EQ(kept(capture.document()), "slow");
  });
  for (const char* name : {"AWS_XRAY_KEEP_FAULTS", "AWS_XRAY_KEEP_SLOWER_THAN"}) {
    IN_A_FRESH_PROCESS({
      ::setenv(name, "-1", 1);
      const auto result = xray::configure({});
      EXPECT_EQ(result.error, xray::ConfigureError::bad_keep);
      EXPECT_EQ(result.message, "xray: " + std::string(name) + " is \"-1\", not a whole number");
    });
  }
}
