#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "support/documents.hpp"
#include "support/process.hpp"

using support::at;
using support::Capture;
using support::find_subsegment;
using support::text_of;

TEST(ExplicitParent, a_child_does_not_become_current) {
  Capture capture;
  {
    xray::Segment segment("s");
    const xray::Subsegment request("request", segment, xray::Namespace::remote);
    const xray::Subsegment other("other");
    EXPECT_EQ(other.trace_header().parent_id(), other.id());
  }
  const auto document = capture.document();
  ASSERT_EQ(at(document, "subsegments").Size(), 2U);
  EXPECT_EQ(text_of(at(at(document, "subsegments")[0], "namespace")), "remote");
}

TEST(ExplicitParent, a_tree_is_built_without_the_threads_context) {
  Capture capture;
  {
    xray::Segment segment("s");
    std::thread([&segment] {
      EXPECT_FALSE(xray::current_context());
      const xray::Subsegment outer("outer", segment);
      const xray::Subsegment inner("inner", outer);
      EXPECT_FALSE(xray::current_context());
      EXPECT_EQ(inner.trace_header().parent_id(), inner.id());
    }).join();
  }
  const auto document = capture.document();
  const auto* outer = find_subsegment(document, "outer");
  ASSERT_NE(outer, nullptr);
  EXPECT_EQ(text_of(at(at(*outer, "subsegments")[0], "name")), "inner");
}

TEST(ExplicitParent, it_ends_on_another_thread_than_it_began_on) {
  Capture capture;
  {
    xray::Segment segment("s");
    auto request = std::make_unique<xray::Subsegment>("request", segment);
    std::thread([&request] {
      request->add_annotation("a", 1);
      request->set_http_response(200);
      request.reset();
    }).join();
  }
  const auto document = capture.document();
  const auto* request = find_subsegment(document, "request");
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(at(at(*request, "annotations"), "a").GetInt(), 1);
  EXPECT_EQ(at(at(at(*request, "http"), "response"), "status").GetInt(), 200);
}

TEST(ExplicitParent, it_outlives_its_segment_as_a_document_of_its_own) {
  Capture capture;
  std::unique_ptr<xray::Subsegment> request;
  std::string segment_id;
  {
    xray::Segment segment("s");
    segment_id = segment.id().to_string();
    request = std::make_unique<xray::Subsegment>("request", segment);
  }
  EXPECT_EQ(capture.documents().size(), 1U);
  request.reset();
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(text_of(at(documents[1], "parent_id")), segment_id);
  EXPECT_EQ(text_of(at(documents[1], "type")), "subsegment");
}

TEST(ExplicitParent, a_context_begins_children_after_its_segment_is_over) {
  Capture capture;
  xray::Context context;
  {
    const xray::Segment segment("s");
    context = segment.context();
  }
  { const xray::Subsegment late("late", context); }
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(text_of(at(documents[1], "name")), "late");
}

TEST(ExplicitParent, under_an_unsampled_segment_it_is_unsampled_and_tells_so_downstream) {
  Capture capture;
  {
    const auto header =
        xray::TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0");
    xray::Segment segment("s", header);
    xray::Subsegment request("request", segment);
    const xray::Subsegment inner("inner", request);
    std::thread([&inner] {
      EXPECT_FALSE(inner.sampled());
      const xray::TraceHeader sent = inner.trace_header();
      EXPECT_EQ(sent.trace_id().to_string().view(), "1-5759e988-bd862e3fe1be46a994272793");
      EXPECT_EQ(sent.sampling(), xray::Sampling::not_sampled);
    }).join();
  }
  EXPECT_TRUE(capture.texts().empty());
  EXPECT_FALSE(xray::current_context());
}

TEST(ExplicitParent, an_empty_context_counts_as_missing) {
  Capture capture;
  const auto before = xray::statistics().context_missing;
  { const xray::Subsegment orphan("orphan", xray::Context()); }
  EXPECT_EQ(xray::statistics().context_missing - before, 1U);
}

TEST(ExplicitParent, one_that_is_over_begins_nothing) {
  Capture capture;
  const auto before = xray::statistics().context_missing;
  {
    xray::Segment segment("s");
    segment.end();
    const xray::Subsegment late("late", segment);
    EXPECT_FALSE(late.sampled());
  }
  EXPECT_EQ(capture.texts().size(), 1U);
  EXPECT_EQ(xray::statistics().context_missing, before);
}

TEST(ExplicitParent, a_context_scope_of_it_makes_ordinary_children) {
  Capture capture;
  {
    xray::Segment segment("s");
    xray::Subsegment request("request", segment);
    std::thread([&request] {
      const xray::ContextScope scope(request.context());
      const xray::Subsegment inner("inner");
    }).join();
  }
  const auto document = capture.document();
  const auto* request = find_subsegment(document, "request");
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(text_of(at(at(*request, "subsegments")[0], "name")), "inner");
}
