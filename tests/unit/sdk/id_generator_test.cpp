#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
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

/// 1, 2, 3, ... for both kinds.
class CountingGenerator : public xray::IdGenerator {
 public:
  xray::TraceId trace_id() noexcept override { return {0xabcdef, ++traces_}; }
  xray::SegmentId segment_id() noexcept override { return xray::SegmentId(++segments_); }

 private:
  std::atomic<std::uint64_t> traces_{0};
  std::atomic<std::uint64_t> segments_{0};
};

class InvalidGenerator : public xray::IdGenerator {
 public:
  xray::TraceId trace_id() noexcept override { return {}; }
  xray::SegmentId segment_id() noexcept override { return {}; }
};

xray::Configuration with(std::shared_ptr<xray::IdGenerator> generator) {
  xray::Configuration configuration;
  configuration.id_generator = std::move(generator);
  return configuration;
}

}  // namespace

TEST(IdGenerator, makes_the_ids_of_traces_and_entities) {
  IN_A_FRESH_PROCESS({
    EXPECT_FALSE(xray::configure(with(std::make_shared<CountingGenerator>())));
    Capture capture;
    {
      const xray::Segment segment("s");
      const xray::Subsegment subsegment("t");
    }
    const auto document = capture.document();
    EXPECT_EQ(text_of(at(document, "trace_id")), "1-00000000-00abcdef0000000000000001");
    EXPECT_EQ(text_of(at(document, "id")), "0000000000000001");
    EXPECT_EQ(text_of(at(*find_subsegment(document, "t"), "id")), "0000000000000002");
  });
}

TEST(IdGenerator, makes_the_ids_of_unsampled_segments_when_they_are_asked_for) {
  IN_A_FRESH_PROCESS({
    EXPECT_FALSE(xray::configure(with(std::make_shared<CountingGenerator>())));
    { const xray::Segment nobody_asks("s", xray::TraceHeader::parse("Sampled=0")); }
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=0"));
    EXPECT_EQ(xray::current_trace_header().to_string(),
              "Root=1-00000000-00abcdef0000000000000001;Parent=0000000000000001;Sampled=0");
  });
}

TEST(IdGenerator, an_id_that_is_not_valid_is_replaced) {
  IN_A_FRESH_PROCESS({
    EXPECT_FALSE(xray::configure(with(std::make_shared<InvalidGenerator>())));
    Capture capture;
    { const xray::Segment segment("s"); }
    const auto document = capture.document();
    EXPECT_TRUE(xray::TraceId::parse(text_of(at(document, "trace_id"))).valid());
    EXPECT_TRUE(xray::SegmentId::parse(text_of(at(document, "id"))).valid());
  });
}

TEST(IdGenerator, is_called_from_every_thread_at_once) {
  IN_A_FRESH_PROCESS({
    EXPECT_FALSE(xray::configure(with(std::make_shared<CountingGenerator>())));
    Capture capture;
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([] {
        for (int n = 0; n < 50; ++n) const xray::Segment segment("s");
      });
    }
    for (auto& thread : threads) thread.join();
    std::set<std::string> traces;
    std::set<std::string> ids;
    for (const auto& document : capture.documents()) {
      traces.insert(text_of(at(document, "trace_id")));
      ids.insert(text_of(at(document, "id")));
    }
    EXPECT_EQ(traces.size(), 200U);
    EXPECT_EQ(ids.size(), 200U);
    EXPECT_EQ(*ids.rbegin(), xray::SegmentId(200).to_string().str());
  });
}

TEST(IdGenerator, the_ids_that_programs_make_themselves_stay_the_sdks_own) {
  IN_A_FRESH_PROCESS({
    EXPECT_FALSE(xray::configure(with(std::make_shared<CountingGenerator>())));
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=0"));
    EXPECT_NE(xray::SegmentId::generate().value(), 1U);
    EXPECT_NE(xray::TraceId::generate().low(), 1U);
  });
}
