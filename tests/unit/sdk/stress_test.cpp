// Many threads at once on one segment, in ways that a thread sanitizer should see.
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/documents.hpp"

using support::at;
using support::Capture;
using support::JsonValue;
using support::text_of;

namespace {

constexpr std::size_t thread_count = 8;

/// Subsegments that some thread began and any may end.
class Exchange {
 public:
  void put(xray::Subsegment subsegment) {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.push_back(std::move(subsegment));
  }
  std::optional<xray::Subsegment> take(std::size_t which) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (waiting_.empty()) return std::nullopt;
    std::swap(waiting_[which % waiting_.size()], waiting_.back());
    std::optional<xray::Subsegment> taken(std::move(waiting_.back()));
    waiting_.pop_back();
    return taken;
  }

 private:
  std::mutex mutex_;
  std::vector<xray::Subsegment> waiting_;
};

/// Ids of all entities, with that of the parent; fails on one that came twice.
std::map<std::string, std::string> arrived_in(Capture& capture) {
  std::map<std::string, std::string> arrived;
  for (const auto& document : capture.documents()) {
    std::vector<std::pair<const JsonValue*, std::string>> waiting;
    waiting.emplace_back(&document,
                         document.HasMember("parent_id") ? text_of(at(document, "parent_id")) : "");
    while (!waiting.empty()) {
      const auto [entity, parent] = waiting.back();
      waiting.pop_back();
      const std::string id = text_of(at(*entity, "id"));
      EXPECT_TRUE(arrived.emplace(id, parent).second) << id << " twice";
      const auto children = entity->FindMember("subsegments");
      if (children == entity->MemberEnd()) continue;
      for (const JsonValue& child : children->value.GetArray()) waiting.emplace_back(&child, id);
    }
  }
  return arrived;
}

}  // namespace

TEST(Stress, subsegments_change_hands_between_eight_threads_while_their_segment_ends) {
  for (unsigned round = 0; round < 12; ++round) {
    Capture capture;
    const auto before = xray::statistics();
    constexpr int steps = 150;
    Exchange exchange;
    std::mutex mutex;
    std::set<std::string> begun;
    std::vector<std::thread> threads;
    std::optional<xray::Segment> segment;
    segment.emplace("checkout");
    begun.insert(segment->id().to_string());
    for (std::size_t t = 0; t < thread_count; ++t) {
      threads.emplace_back([&, t, context = xray::current_context()] {
        std::mt19937 random(static_cast<unsigned>(round * thread_count + t));
        const xray::ContextScope scope(context);
        std::vector<std::string> ids;
        for (int step = 0; step < steps; ++step) {
          xray::Subsegment subsegment("work", xray::Namespace::remote);
          ids.push_back(subsegment.id().to_string());
          subsegment.add_annotation("step", step);
          if (random() % 2 == 0) {
            const xray::Subsegment inner("inner");
            ids.push_back(inner.id().to_string());
          }
          if (random() % 2 == 0) exchange.put(std::move(subsegment));
          if (random() % 2 == 0) {
            if (auto taken = exchange.take(random())) {
              taken->add_annotation("ended_by", static_cast<int>(t));
              taken->add_metadata("k", "v");
              taken->set_fault();
            }
          }
          if (step % 50 == 0) {
            (void)xray::statistics();
            xray::flush(std::chrono::milliseconds(1));
          }
        }
        const std::lock_guard<std::mutex> lock(mutex);
        begun.insert(ids.begin(), ids.end());
      });
    }
    // At once, amid the work, or after it.
    if (round % 3 == 1) std::this_thread::sleep_for(std::chrono::microseconds(200));
    if (round % 3 != 2) segment.reset();
    for (auto& thread : threads) thread.join();
    while (exchange.take(0)) {
    }
    segment.reset();

    const auto arrived = arrived_in(capture);
    EXPECT_EQ(arrived.size(), begun.size());
    for (const std::string& id : begun) EXPECT_EQ(arrived.count(id), 1U) << id;
    for (const auto& [id, parent] : arrived) {
      EXPECT_TRUE(parent.empty() || begun.count(parent) == 1U) << id << " below nothing";
    }
    EXPECT_EQ(xray::statistics().dropped_queue_full, before.dropped_queue_full);
    EXPECT_EQ(xray::statistics().dropped_no_memory, before.dropped_no_memory);
    if (HasFailure()) return;
  }
}

TEST(Stress, eight_threads_trace_segments_of_their_own_and_into_each_others) {
  Capture capture;
  constexpr int rounds = 60;
  std::mutex mutex;
  std::vector<xray::Context> contexts;
  std::atomic<std::uint64_t> begun{0};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < thread_count; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      for (int i = 0; i < rounds; ++i) {
        const xray::Segment segment("own");
        ++begun;
        {
          const std::lock_guard<std::mutex> lock(mutex);
          contexts.push_back(xray::current_context());
          if (contexts.size() > 5) contexts.erase(contexts.begin());
        }
        { const xray::Subsegment subsegment("in its own"); }
        ++begun;
        xray::Context other;
        {
          const std::lock_guard<std::mutex> lock(mutex);
          other = contexts[random() % contexts.size()];  // perhaps of a segment that is over
        }
        const xray::ContextScope scope(other);
        const xray::Subsegment subsegment("in another one");
        ++begun;
        if (i % 20 == 0) xray::flush(std::chrono::seconds(10));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  contexts.clear();
  EXPECT_EQ(arrived_in(capture).size(), begun.load());
}
