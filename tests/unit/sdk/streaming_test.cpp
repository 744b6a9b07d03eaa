#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/documents.hpp"
#include "support/process.hpp"

using support::at;
using support::Capture;
using support::text_of;

namespace {

struct Arrived {
  std::string parent;
  std::string name;
};

void collect(const support::JsonValue& entity, std::map<std::string, Arrived>& all) {
  const auto children = entity.FindMember("subsegments");
  if (children == entity.MemberEnd()) return;
  for (const auto& child : children->value.GetArray()) {
    const bool fresh = all.emplace(text_of(at(child, "id")),
                                   Arrived{text_of(at(entity, "id")), text_of(at(child, "name"))})
                           .second;
    EXPECT_TRUE(fresh) << "sent twice";
    collect(child, all);
  }
}

/// Every subsegment that arrived, by id.
std::map<std::string, Arrived> arrived(Capture& capture) {
  std::map<std::string, Arrived> all;
  // One at a time: parsed, each takes many times its text.
  for (const std::string& text : capture.texts()) {
    support::Json document;
    document.Parse(text.c_str());
    EXPECT_FALSE(document.HasParseError());
    EXPECT_FALSE(document.HasMember("in_progress"));
    if (document.HasMember("type")) {
      EXPECT_EQ(text_of(at(document, "type")), "subsegment");
      EXPECT_TRUE(document.HasMember("trace_id"));
      const bool fresh =
          all.emplace(text_of(at(document, "id")),
                      Arrived{text_of(at(document, "parent_id")), text_of(at(document, "name"))})
              .second;
      EXPECT_TRUE(fresh) << "sent twice";
    }
    collect(document, all);
  }
  return all;
}

}  // namespace

TEST(Streaming, completed_subsegments_leave_while_their_segment_runs) {
  Capture capture;
  xray::Segment segment("s");
  for (int i = 0; i < 250; ++i) const xray::Subsegment step("step");
  const auto early = capture.documents();
  EXPECT_GE(early.size(), 50U);
  for (const auto& document : early) {
    EXPECT_EQ(text_of(at(document, "type")), "subsegment");
    EXPECT_EQ(text_of(at(document, "parent_id")), segment.id().to_string().view());
  }
  segment.end();
  EXPECT_EQ(arrived(capture).size(), 250U);
}

TEST(Streaming, fewer_than_the_threshold_stay_in_one_document) {
  Capture capture;
  {
    const xray::Segment segment("s");
    for (int i = 0; i < 100; ++i) const xray::Subsegment step("step");
  }
  EXPECT_EQ(capture.texts().size(), 1U);
}

TEST(Streaming, a_hundred_thousand_subsegments_arrive_under_their_parents) {
  Capture capture;
  std::map<std::string, std::string> expected;
  const auto before = xray::statistics();
  {
    const xray::Segment segment("s");
    xray::Subsegment loop("loop");
    const std::string loop_id(loop.id().to_string());
    expected[loop_id] = segment.id().to_string();
    for (int i = 0; i < 50'000; ++i) {
      const xray::Subsegment step("step");
      const xray::Subsegment inner("inner");
      const std::string step_id(step.id().to_string());
      expected[step_id] = loop_id;
      expected[std::string(inner.id().to_string())] = step_id;
      if (i % 2'000 == 0) xray::flush(std::chrono::seconds(10));
    }
  }
  const auto all = arrived(capture);
  ASSERT_EQ(all.size(), expected.size());
  for (const auto& [id, parent] : expected) {
    const auto found = all.find(id);
    ASSERT_NE(found, all.end());
    ASSERT_EQ(found->second.parent, parent);
  }
  EXPECT_EQ(xray::statistics().dropped_queue_full, before.dropped_queue_full);
  EXPECT_EQ(xray::statistics().dropped_no_memory, before.dropped_no_memory);
}

TEST(Streaming, what_is_said_of_a_subsegment_that_stays_open_leaves_with_it) {
  Capture capture;
  {
    const xray::Segment segment("s");
    xray::Subsegment loop("loop");
    for (int i = 0; i < 1'000; ++i) {
      const xray::Subsegment step("step");
      if (i % 100 == 50) loop.add_annotation("at" + std::to_string(i), i);
    }
  }
  EXPECT_EQ(arrived(capture).size(), 1'001U);
  std::size_t annotations = 0;
  for (const auto& document : capture.documents()) {
    const auto* loop = support::find_subsegment(document, "loop");
    if (loop != nullptr) annotations = at(*loop, "annotations").MemberCount();
  }
  EXPECT_EQ(annotations, 10U);
}

TEST(Streaming, a_context_keeps_what_it_points_to) {
  Capture capture;
  std::map<std::string, std::string> expected;
  {
    const xray::Segment segment("s");
    std::vector<xray::Context> contexts;
    std::vector<std::string> ids;
    for (int i = 0; i < 500; ++i) {
      const xray::Subsegment step("step");
      if (i % 50 != 0) continue;
      contexts.push_back(xray::current_context());
      ids.emplace_back(step.id().to_string());
    }
    for (std::size_t i = 0; i < contexts.size(); ++i) {
      const xray::Subsegment late("late", contexts[i]);
      expected[std::string(late.id().to_string())] = ids[i];
    }
  }
  const auto all = arrived(capture);
  EXPECT_EQ(all.size(), 510U);
  for (const auto& [id, parent] : expected) EXPECT_EQ(all.at(id).parent, parent);
}

TEST(Streaming, subsegments_that_end_on_other_threads_leave_too) {
  Capture capture;
  constexpr int rounds = 2'000;
  {
    xray::Segment segment("s");
    std::vector<std::unique_ptr<xray::Subsegment>> waiting;
    for (int i = 0; i < rounds; ++i) {
      waiting.push_back(std::make_unique<xray::Subsegment>("request", segment));
      if (waiting.size() < 100) continue;
      std::thread([&waiting] {
        for (auto& request : waiting) request->add_annotation("answered", true);
        waiting.clear();
      }).join();
    }
    waiting.clear();
    xray::flush(std::chrono::seconds(10));
    EXPECT_GE(capture.texts().size(), 1'000U);
  }
  EXPECT_EQ(arrived(capture).size(), static_cast<std::size_t>(rounds));
  int answered = 0;
  for (const auto& text : capture.texts()) {
    for (std::size_t at = 0; (at = text.find("answered", at)) != std::string::npos; ++at) {
      ++answered;
    }
  }
  EXPECT_EQ(answered, rounds);
}

TEST(Streaming, parents_that_end_before_their_children_are_kept_for_them) {
  Capture capture;
  std::map<std::string, std::string> expected;
  {
    const xray::Segment segment("s");
    for (int i = 0; i < 1'000; ++i) {
      xray::Subsegment parent("parent");
      const xray::Subsegment child("child");
      expected[std::string(child.id().to_string())] = parent.id().to_string();
      parent.end();
    }
  }
  const auto all = arrived(capture);
  EXPECT_EQ(all.size(), 2'000U);
  for (const auto& [id, parent] : expected) EXPECT_EQ(all.at(id).parent, parent);
}

TEST(Streaming, eight_threads_stream_from_one_segment) {
  Capture capture;
  constexpr int each = 3'000;
  {
    const xray::Segment segment("s");
    const xray::Context context = xray::current_context();
    std::vector<std::thread> threads;
    threads.reserve(8);
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([context] {
        const xray::ContextScope scope(context);
        for (int i = 0; i < each; ++i) {
          xray::Subsegment step("step");
          step.add_annotation("i", i);
          if (i % 500 == 0) xray::flush(std::chrono::seconds(10));
        }
      });
    }
    for (auto& thread : threads) thread.join();
  }
  EXPECT_EQ(arrived(capture).size(), static_cast<std::size_t>(8 * each));
}

TEST(Streaming, a_segment_that_ends_while_others_stream_loses_nothing) {
  Capture capture;
  constexpr int rounds = 100;
  std::atomic<std::size_t> begun{0};
  for (int round = 0; round < rounds; ++round) {
    auto segment = std::make_unique<xray::Segment>("s");
    const xray::Context context = xray::current_context();
    std::vector<std::thread> threads;
    threads.reserve(2);
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([context, &begun] {
        const xray::ContextScope scope(context);
        for (int i = 0; i < 300; ++i) {
          const xray::Subsegment step("step");
          if (step.sampled()) ++begun;
        }
      });
    }
    segment.reset();
    for (auto& thread : threads) thread.join();
    xray::flush(std::chrono::seconds(10));
  }
  EXPECT_EQ(arrived(capture).size(), begun.load());
}

TEST(Streaming, the_threshold_can_be_set) {
  IN_A_FRESH_PROCESS({
    xray::Configuration configuration;
    configuration.streaming_threshold = 2;
    EXPECT_FALSE(xray::configure(configuration));
    Capture capture;
    xray::Segment segment("s");
    for (int i = 0; i < 9; ++i) const xray::Subsegment step("step");
    EXPECT_GE(capture.texts().size(), 4U);
    segment.end();
    EXPECT_EQ(arrived(capture).size(), 9U);
  });
}

TEST(Streaming, a_threshold_of_nothing_is_refused_by_name) {
  IN_A_FRESH_PROCESS({
    xray::Configuration configuration;
    configuration.streaming_threshold = 0;
    const xray::ConfigureResult result = xray::configure(configuration);
    EXPECT_EQ(result.error, xray::ConfigureError::bad_streaming_threshold);
    EXPECT_NE(result.message.find("streaming_threshold"), std::string::npos);
  });
}

TEST(Streaming, a_strategy_of_the_program_decides_instead) {
  IN_A_FRESH_PROCESS({
    class EveryFifth : public xray::StreamingStrategy {
     public:
      bool leaves_now(const xray::StreamingState& state) noexcept override {
        return state.subsegments >= 5;
      }
    };
    xray::Configuration configuration;
    configuration.streaming = std::make_shared<EveryFifth>();
    EXPECT_FALSE(xray::configure(configuration));
    Capture capture;
    xray::Segment segment("s");
    for (int i = 0; i < 26; ++i) const xray::Subsegment step("step");
    EXPECT_GE(capture.texts().size(), 15U);
    segment.end();
    EXPECT_EQ(arrived(capture).size(), 26U);
  });
}

TEST(Streaming, memory_is_bounded_by_leaving_not_by_losing) {
  IN_A_FRESH_PROCESS({
    xray::Configuration configuration;
    configuration.segment_memory = std::size_t{512} << 10U;
    configuration.streaming_threshold = 1'000'000;
    EXPECT_FALSE(xray::configure(configuration));
    Capture capture;
    xray::Segment segment("s");
    const std::string value(10'000, 'x');
    for (int i = 0; i < 2'000; ++i) {
      xray::Subsegment step("step");
      step.add_metadata("k", value);
      if (i % 100 == 0) xray::flush(std::chrono::seconds(10));
    }
    segment.end();
    EXPECT_EQ(arrived(capture).size(), 2'000U);
    EXPECT_EQ(xray::statistics().dropped_no_memory, 0U);
    EXPECT_EQ(xray::statistics().metadata_truncated, 0U);
  });
}
