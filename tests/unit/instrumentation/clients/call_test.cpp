#include "clients/call.hpp"

#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>

#include "support/allocations.hpp"
#include "support/documents.hpp"

using support::at;
using support::Capture;
using support::only_subsegment;
using support::text_of;
using xray::Namespace;
using xray::clients::Tracing;

namespace {

/// The segment of calls whose thread has none, as long as it lives.
class OuterSegment {
 public:
  explicit OuterSegment(const char* header) : segment_("outer", xray::TraceHeader::parse(header)) {
    context_ = segment_.context();
    static constexpr xray::clients::OuterTrace outer{
        []() noexcept { return xray::clients::tracing_within(context_); },
        []() noexcept { return context_; }};
    xray::clients::set_outer_trace(&outer);
  }
  OuterSegment(const OuterSegment&) = delete;
  OuterSegment& operator=(const OuterSegment&) = delete;
  ~OuterSegment() {
    xray::clients::set_outer_trace(nullptr);
    context_ = {};
  }

 private:
  static inline xray::Context context_;
  xray::Segment segment_;
};

template <typename Work>
void on_another_thread(Work&& work) {
  std::thread(work).join();
}

}  // namespace

TEST(Call, without_a_segment_there_is_nothing_to_do) {
  const Capture capture;
  EXPECT_EQ(xray::clients::tracing(), Tracing::none);
  EXPECT_FALSE(xray::clients::begin_call("db", Namespace::remote));
  EXPECT_FALSE(xray::clients::begin_lasting_call("db", Namespace::remote));
  EXPECT_TRUE(xray::clients::header_here().to_string().empty());
  EXPECT_EQ(xray::statistics().context_missing, 0U);
}

TEST(Call, in_an_unsampled_segment_only_the_header_goes_on) {
  const Capture capture;
  const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=0"));
  EXPECT_EQ(xray::clients::tracing(), Tracing::unsampled);
  EXPECT_FALSE(xray::clients::begin_call("db", Namespace::remote));
  EXPECT_NE(xray::clients::header_here().to_string().view().find("Sampled=0"),
            std::string_view::npos);
}

TEST(Call, asking_allocates_nothing) {
  const Capture capture;
  const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=0"));
  const auto before = support::allocations();
  for (int i = 0; i < 10; ++i) EXPECT_NE(xray::clients::tracing(), Tracing::none);
  EXPECT_EQ(support::allocations(), before);
}

TEST(Call, is_current_until_it_ends) {
  Capture capture;
  {
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=1"));
    EXPECT_EQ(xray::clients::tracing(), Tracing::sampled);
    const auto call = xray::clients::begin_call("db", Namespace::remote);
    ASSERT_TRUE(call);
    const xray::Subsegment inner("callback");
  }
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(only_subsegment(only_subsegment(document)), "name")), "callback");
}

TEST(Call, that_lasts_is_never_current_and_ends_on_any_thread) {
  Capture capture;
  {
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=1"));
    auto call = xray::clients::begin_lasting_call("db", Namespace::remote);
    ASSERT_TRUE(call);
    const xray::Subsegment sibling("sibling");
    on_another_thread([&call] { call.reset(); });
  }
  const auto document = capture.document();
  EXPECT_EQ(at(document, "subsegments").Size(), 2U);
}

TEST(Call, of_a_segment_that_is_over_belongs_to_what_is_around_it) {
  Capture capture;
  {
    const xray::Segment around("around", xray::TraceHeader::parse("Sampled=1"));
    std::optional<xray::Segment> inner(std::in_place, "inner",
                                       xray::TraceHeader::parse("Sampled=0"));
    on_another_thread([&inner] { inner->end(); });
    EXPECT_EQ(xray::clients::tracing(), Tracing::sampled);
    EXPECT_TRUE(xray::clients::begin_call("db", Namespace::remote));
  }
  EXPECT_EQ(text_of(at(only_subsegment(capture.document()), "name")), "db");
}

TEST(Call, where_its_thread_has_no_segment_belongs_to_the_outer_one) {
  Capture capture;
  {
    const OuterSegment outer("Sampled=1");
    on_another_thread([] {
      EXPECT_EQ(xray::clients::tracing(), Tracing::sampled);
      const auto call = xray::clients::begin_call("db", Namespace::remote);
      ASSERT_TRUE(call);
      EXPECT_FALSE(xray::current_context());
      EXPECT_FALSE(xray::clients::header_here().to_string().empty());
    });
  }
  EXPECT_EQ(text_of(at(only_subsegment(capture.document()), "name")), "db");
}

TEST(Call, of_an_unsampled_outer_segment_is_not_recorded) {
  const Capture capture;
  const OuterSegment outer("Sampled=0");
  on_another_thread([] {
    EXPECT_EQ(xray::clients::tracing(), Tracing::unsampled);
    EXPECT_FALSE(xray::clients::begin_call("db", Namespace::remote));
    EXPECT_NE(xray::clients::header_here().to_string().view().find("Sampled=0"),
              std::string_view::npos);
  });
}

TEST(Call, of_a_thread_with_a_segment_of_its_own_belongs_to_that) {
  Capture capture;
  const OuterSegment outer("Sampled=1");
  on_another_thread([] {
    const xray::Segment segment("own", xray::TraceHeader::parse("Sampled=0"));
    EXPECT_EQ(xray::clients::tracing(), Tracing::unsampled);
  });
}
