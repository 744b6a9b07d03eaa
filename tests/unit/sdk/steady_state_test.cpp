#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string_view>

#include <xray/testing.hpp>

#include "support/allocations.hpp"

namespace {

class DiscardingEmitter : public xray::Emitter {
 public:
  void emit(std::string_view /*document*/) noexcept override {}
};

void expect_no_allocation(const char* what, const std::function<void()>& body) {
  xray::detail::replace_emitter(std::make_shared<DiscardingEmitter>());
  for (int i = 0; i < 300; ++i) {
    body();
    xray::flush(std::chrono::seconds(5));
  }
  const auto before = support::allocations();
  for (int i = 0; i < 200; ++i) {
    body();
    xray::flush(std::chrono::seconds(5));
  }
  EXPECT_EQ(support::allocations() - before, 0U) << what;
}

}  // namespace

TEST(SteadyState, recording_allocates_nothing) {
  expect_no_allocation("a segment with ten annotated subsegments", [] {
    xray::Segment segment("checkout",
                          xray::TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793;"
                                                   "Parent=53995c3f42cd8ad8;Sampled=1"));
    segment.set_http_response(200);
    for (int i = 0; i < 10; ++i) {
      xray::Subsegment subsegment("call", xray::Namespace::remote);
      subsegment.add_annotation("customer", "c-17");
      subsegment.add_annotation("items", i);
      subsegment.add_metadata("k", "v", "n");
    }
  });
}

TEST(SteadyState, unsampled_requests_allocate_nothing) {
  expect_no_allocation("an unsampled segment", [] {
    const xray::Segment segment("checkout", xray::TraceHeader::parse("Sampled=0"));
    xray::Subsegment subsegment("call");
    subsegment.add_annotation("k", "v");
    EXPECT_FALSE(subsegment.trace_header().to_string().empty());
  });
}

TEST(SteadyState, headers_allocate_nothing) {
  expect_no_allocation("parse and write", [] {
    const auto header = xray::TraceHeader::parse(
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:1");
    EXPECT_EQ(header.to_string().size(), 86U);
  });
}
