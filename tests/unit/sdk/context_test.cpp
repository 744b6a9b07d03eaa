#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/allocations.hpp"
#include "support/documents.hpp"

using support::at;
using support::Capture;
using support::find_subsegment;
using support::text_of;

TEST(Context, work_on_another_thread_becomes_part_of_the_segment) {
  Capture capture;
  {
    const xray::Segment segment("s");
    const xray::Subsegment parent("parent");
    const xray::Context context = xray::current_context();
    std::thread([context] {
      const xray::ContextScope scope(context);
      const xray::Subsegment outer("outer");
      const xray::Subsegment inner("inner");
    }).join();
  }
  const auto document = capture.document();
  const auto* const parent = find_subsegment(document, "parent");
  ASSERT_NE(parent, nullptr);
  const auto* const outer = find_subsegment(*parent, "outer");
  ASSERT_NE(outer, nullptr);
  EXPECT_NE(find_subsegment(*outer, "inner"), nullptr);
}

TEST(Context, the_previous_one_comes_back) {
  Capture capture;
  {
    const xray::Segment first("first");
    const xray::Context of_first = xray::current_context();
    const xray::Segment second("second");
    {
      const xray::ContextScope scope(of_first);
      const xray::Subsegment subsegment("in first");
      {
        const xray::ContextScope nothing{xray::Context()};
        EXPECT_FALSE(xray::current_context());
        EXPECT_TRUE(xray::current_trace_header().to_string().empty());
      }
      EXPECT_EQ(xray::current_trace_header().trace_id(), first.trace_id());
    }
    EXPECT_EQ(xray::current_trace_header().trace_id(), second.trace_id());
  }
  EXPECT_FALSE(xray::current_context());
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(find_subsegment(documents[0], "in first"), nullptr);
  EXPECT_NE(find_subsegment(documents[1], "in first"), nullptr);
}

TEST(Context, segments_may_end_in_any_order) {
  Capture capture;
  std::optional<xray::Segment> first(std::in_place, "first");
  std::optional<xray::Segment> second(std::in_place, "second");
  std::optional<xray::Segment> third(std::in_place, "third");
  second.reset();
  EXPECT_EQ(xray::current_trace_header().trace_id(), third->trace_id());
  third.reset();
  EXPECT_EQ(xray::current_trace_header().trace_id(), first->trace_id());
  first.reset();
  EXPECT_FALSE(xray::current_context());
  EXPECT_EQ(capture.documents().size(), 3U);
}

TEST(Context, subsegments_may_end_in_any_order) {
  Capture capture;
  {
    const xray::Segment segment("s");
    auto a = std::make_unique<xray::Subsegment>("a");
    auto b = std::make_unique<xray::Subsegment>("b");
    a.reset();
    const xray::Subsegment c("c");
    b.reset();
    const xray::Subsegment d("d");
  }
  const auto document = capture.document();
  const auto* const a = find_subsegment(document, "a");
  ASSERT_NE(a, nullptr);
  EXPECT_NE(find_subsegment(*find_subsegment(*a, "b"), "c"), nullptr);
  EXPECT_NE(find_subsegment(document, "d"), nullptr);
}

TEST(Context, a_subsegment_that_outlives_its_segment_leaves_alone) {
  Capture capture;
  std::string parent;
  std::string trace;
  {
    auto segment = std::make_unique<xray::Segment>("s");
    parent = segment->id().to_string();
    trace = segment->trace_id().to_string();
    auto late = std::make_unique<xray::Subsegment>("late");
    { const xray::Subsegment child("child of late"); }
    segment.reset();
    EXPECT_EQ(capture.documents().size(), 2U);
    late->add_annotation("k", 1);
  }
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 3U);
  EXPECT_FALSE(documents[0].HasMember("subsegments"));
  const auto& child = documents[1];
  const auto& late = documents[2];
  EXPECT_EQ(text_of(at(late, "name")), "late");
  EXPECT_EQ(text_of(at(late, "type")), "subsegment");
  EXPECT_EQ(text_of(at(late, "parent_id")), parent);
  EXPECT_EQ(text_of(at(late, "trace_id")), trace);
  EXPECT_EQ(at(at(late, "annotations"), "k").GetInt(), 1);
  EXPECT_EQ(text_of(at(child, "parent_id")), text_of(at(late, "id")));
  EXPECT_EQ(text_of(at(child, "type")), "subsegment");
}

TEST(Context, what_other_threads_still_do_leaves_alone) {
  Capture capture;
  std::promise<void> begun;
  std::promise<void> ended;
  std::thread worker;
  {
    const xray::Segment segment("s");
    worker = std::thread([&, context = xray::current_context()] {
      const xray::ContextScope scope(context);
      { const xray::Subsegment done("done before"); }
      const xray::Subsegment running("running");
      begun.set_value();
      ended.get_future().wait();
      const xray::Subsegment after("begun after");
    });
    begun.get_future().wait();
  }
  EXPECT_EQ(capture.documents().size(), 1U);
  ended.set_value();
  worker.join();
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 3U);
  EXPECT_NE(find_subsegment(documents[0], "done before"), nullptr);
  EXPECT_EQ(text_of(at(documents[1], "name")), "begun after");
  EXPECT_EQ(text_of(at(documents[1], "parent_id")), text_of(at(documents[2], "id")));
  EXPECT_EQ(text_of(at(documents[2], "name")), "running");
  EXPECT_EQ(text_of(at(documents[2], "parent_id")), text_of(at(documents[0], "id")));
}

TEST(Context, a_segment_may_end_on_another_thread) {
  Capture capture;
  xray::TraceId trace;
  {
    xray::Segment segment("s");
    trace = segment.trace_id();
    { const xray::Subsegment subsegment("t"); }
    std::thread([moved = std::move(segment)]() mutable { moved.end(); }).join();
  }
  // It was current here and is over: nothing belongs to it any more.
  EXPECT_FALSE(xray::current_context());
  const xray::Subsegment lost("lost");
  EXPECT_FALSE(lost.sampled());
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(document, "trace_id")), trace.to_string().str());
  EXPECT_NE(find_subsegment(document, "t"), nullptr);
}

TEST(Context, a_subsegment_may_be_used_and_end_on_another_thread) {
  Capture capture;
  {
    const xray::Segment segment("s");
    xray::Subsegment subsegment("moved");
    std::thread([moved = std::move(subsegment)]() mutable {
      moved.add_annotation("thread", "other");
      moved.end();
    }).join();
    const xray::Subsegment next("next");
  }
  const auto document = capture.document();
  EXPECT_TRUE(find_subsegment(document, "moved")->HasMember("annotations"));
  EXPECT_NE(find_subsegment(document, "next"), nullptr);
}

TEST(Context, bound_callables_carry_it) {
  Capture capture;
  std::future<int> result;
  {
    const xray::Segment segment("s");
    auto bound = xray::bind_context([](std::unique_ptr<int> number) {
      const xray::Subsegment subsegment("bound");
      return *number;
    });
    result = std::async(std::launch::async, std::move(bound), std::make_unique<int>(5));
    EXPECT_EQ(result.get(), 5);
  }
  EXPECT_NE(find_subsegment(capture.document(), "bound"), nullptr);
}

TEST(Context, unsampled_is_carried_too) {
  Capture capture;
  {
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=0"));
    std::thread([&, context = xray::current_context()] {
      const xray::ContextScope scope(context);
      const xray::Subsegment subsegment("t");
      EXPECT_FALSE(subsegment.sampled());
      EXPECT_EQ(xray::current_trace_header().trace_id(), segment.trace_id());
    }).join();
  }
  EXPECT_TRUE(capture.documents().empty());
}

TEST(Context, injects_its_header_and_nothing_without_one) {
  Capture capture;
  int calls = 0;
  const auto set = [&calls](std::string_view name, std::string_view value) {
    ++calls;
    EXPECT_EQ(name, "X-Amzn-Trace-Id");
    EXPECT_EQ(xray::TraceHeader::parse(value).sampling(), xray::Sampling::sampled);
  };
  xray::inject(set);
  const xray::Segment segment("s");
  xray::inject(set);
  EXPECT_EQ(calls, 1);
}

TEST(Context, one_that_outlives_its_segment_still_records_on_the_thread_that_began_it) {
  Capture capture;
  xray::Context context;
  {
    const xray::Segment segment("s");
    context = xray::current_context();
  }
  EXPECT_FALSE(xray::current_context());
  {
    const xray::ContextScope scope(context);
    const xray::Subsegment late("late");
    EXPECT_TRUE(late.sampled());
  }
  EXPECT_FALSE(xray::current_context());
  EXPECT_EQ(capture.documents().size(), 2U);
}

TEST(Context, a_segment_that_ends_inside_a_scope_leaves_the_outer_one_current) {
  const Capture capture;
  const xray::Segment outer("outer");
  xray::Segment inner("inner");
  xray::bind_context([&] { inner.end(); })();
  EXPECT_EQ(xray::current_trace_header().trace_id(), outer.trace_id());
}

TEST(Context, siblings_begun_after_the_segments_end_have_the_same_parent) {
  Capture capture;
  std::promise<void> ended;
  std::thread worker;
  {
    const xray::Segment segment("s");
    std::promise<void> begun;
    worker = std::thread([&, context = xray::current_context()] {
      const xray::ContextScope scope(context);
      const xray::Subsegment a("a");
      begun.set_value();
      ended.get_future().wait();
      { const xray::Subsegment b("b"); }
      { const xray::Subsegment c("c"); }
    });
    begun.get_future().wait();
  }
  EXPECT_EQ(capture.documents().size(), 1U);
  ended.set_value();
  worker.join();
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 4U);
  const std::string a = text_of(at(documents[3], "id"));
  EXPECT_EQ(text_of(at(documents[3], "name")), "a");
  EXPECT_EQ(text_of(at(documents[1], "parent_id")), a);
  EXPECT_EQ(text_of(at(documents[2], "parent_id")), a);
}

TEST(Context, segments_ended_elsewhere_do_not_pile_up_below_a_younger_one) {
  Capture capture;
  // Three segments are open at any time; each is ended by another thread.
  constexpr int rounds = 3000;
  std::optional<xray::Segment> slots[4];
  std::atomic<int> begun{0};
  std::atomic<int> ended{0};
  std::thread worker([&] {
    for (int i = 0; i < rounds; ++i) {
      while (begun.load() < i + 3 && begun.load() < rounds) std::this_thread::yield();
      slots[i % 4].reset();
      ended.store(i + 1);
    }
  });
  std::uint64_t allocated = 0;
  for (int i = 0; i < rounds; ++i) {
    while (ended.load() < i - 3) std::this_thread::yield();
    if (i == rounds / 2) allocated = support::allocations();
    slots[i % 4].emplace("s");
    begun.store(i + 1);
    if (i % 64 == 0) xray::flush(std::chrono::seconds(5));
  }
  EXPECT_LT(support::allocations() - allocated, rounds / 4) << "memory of past segments is kept";
  worker.join();
  EXPECT_FALSE(xray::current_context());
  EXPECT_EQ(capture.documents().size(), static_cast<std::size_t>(rounds));
}

TEST(Context, eight_threads_record_into_one_segment_while_it_ends) {
  for (int round = 0; round < 20; ++round) {
    Capture capture;
    constexpr int per_thread = 200;
    std::vector<std::thread> threads;
    std::atomic<int> recorded{0};
    {
      const xray::Segment segment("s");
      for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&recorded, context = xray::current_context()] {
          for (int i = 0; i < per_thread; ++i) {
            const xray::ContextScope scope(context);
            xray::Subsegment subsegment("work");
            subsegment.add_annotation("i", i);
            if (subsegment.sampled()) ++recorded;
          }
        });
      }
      if (round % 2 == 0) {
        for (auto& thread : threads) thread.join();
        threads.clear();
      }
    }
    for (auto& thread : threads) thread.join();
    // Whether in the segment's document or alone: each exactly once.
    int seen = 0;
    for (const auto& document : capture.documents()) {
      if (text_of(at(document, "name")) == "work") ++seen;
      const auto children = document.FindMember("subsegments");
      if (children != document.MemberEnd()) seen += static_cast<int>(children->value.Size());
    }
    EXPECT_EQ(seen, recorded.load()) << "round " << round;
    EXPECT_EQ(seen, 8 * per_thread) << "round " << round;
  }
  EXPECT_EQ(xray::statistics().dropped_queue_full, 0U);
}
