// Early departure against everything that may still point to what leaves. Each test sets a
// threshold of one, so that every subsegment begins a chapter, and counts what arrives, under which
// parent.
#include <xray/lambda.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support/documents.hpp"
#include "support/process.hpp"

using support::at;
using support::Capture;
using support::text_of;

namespace {

void leave_at_once() {
  xray::Configuration configuration;
  configuration.streaming_threshold = 1;
  configuration.context_missing = xray::ContextMissingStrategy::ignore_error;
  EXPECT_FALSE(xray::configure(configuration));
}

void send_all() {
  EXPECT_TRUE(xray::flush(std::chrono::seconds(10)));
}

/// What arrived: entities by id, each with its parent's id ("" for none). Announcements don't
/// count.
std::map<std::string, std::string> arrived(Capture& capture) {
  std::map<std::string, std::string> all;
  const auto visit = [&all](const auto& self, const support::JsonValue& entity,
                            const std::string& parent) -> void {
    const std::string id = text_of(at(entity, "id"));
    EXPECT_TRUE(all.emplace(id, parent).second) << "sent twice";
    const auto children = entity.FindMember("subsegments");
    if (children == entity.MemberEnd()) return;
    for (const auto& child : children->value.GetArray()) self(self, child, id);
  };
  // One at a time: parsed, each takes many times its text.
  for (const std::string& text : capture.texts()) {
    support::Json document;
    document.Parse(text.c_str());
    EXPECT_FALSE(document.HasParseError());
    if (document.HasMember("in_progress")) continue;
    const bool has_parent = document.HasMember("parent_id");
    visit(visit, document, has_parent ? text_of(at(document, "parent_id")) : std::string());
  }
  return all;
}

std::string id_of(const xray::Entity& entity) {
  return std::string(entity.id().to_string());
}

}  // namespace

TEST(DepartureEdges, a_job_that_outlives_its_parent_goes_on_below_it) {
  IN_A_FRESH_PROCESS({
    leave_at_once();
    Capture capture;
    xray::Segment segment("s");
    { const xray::Subsegment fill("fill"); }
    std::atomic<int> step{0};
    std::thread job;
    std::string grandparent;
    std::string parent;
    std::string again;
    {
      const xray::Subsegment outer("outer");
      grandparent = id_of(outer);
      {
        const xray::Subsegment inner("inner");
        parent = id_of(inner);
        job = std::thread([context = inner.context(), &step, &again] {
          const xray::ContextScope scope(context);
          {
            const xray::Subsegment first("job");
            step = 1;
            while (step != 2) std::this_thread::yield();
          }
          step = 3;
          while (step != 4) std::this_thread::yield();
          const xray::Subsegment second("again");
          again = id_of(second);
        });
        while (step != 1) std::this_thread::yield();
      }
      step = 2;
      while (step != 3) std::this_thread::yield();
    }
    for (int i = 0; i < 5; ++i) const xray::Subsegment more("more");
    send_all();
    step = 4;
    job.join();
    segment.end();
    const auto all = arrived(capture);
    EXPECT_EQ(all.size(), 11U);
    EXPECT_EQ(all.at(again), parent);
    EXPECT_EQ(all.at(parent), grandparent);
  });
}

TEST(DepartureEdges, ends_out_of_order_leave_the_tree_as_it_was_begun) {
  IN_A_FRESH_PROCESS({
    leave_at_once();
    Capture capture;
    xray::Segment segment("s");
    { const xray::Subsegment fill("fill"); }
    xray::Subsegment detached("detached", segment);
    xray::Subsegment parent("parent");
    xray::Subsegment child("child");
    const std::string parent_id = id_of(parent);
    const std::string child_id = id_of(child);
    parent.end();
    detached.end();
    { const xray::Subsegment more("more"); }
    child.end();
    { const xray::Subsegment more("more"); }
    segment.end();
    const auto all = arrived(capture);
    EXPECT_EQ(all.size(), 7U);
    EXPECT_EQ(all.at(child_id), parent_id);
  });
}

TEST(DepartureEdges, a_bound_callback_may_end_what_it_is_bound_to) {
  IN_A_FRESH_PROCESS({
    leave_at_once();
    Capture capture;
    xray::Segment segment("s");
    { const xray::Subsegment fill("fill"); }
    xray::Subsegment ended("ended");
    auto done = xray::bind_context([&ended] { ended.end(); });
    done();
    for (int i = 0; i < 5; ++i) {
      const xray::Subsegment more("more");
      send_all();
      const xray::Subsegment inner("inner");
    }
    segment.end();
    EXPECT_EQ(arrived(capture).size(), 13U);
  });
}

TEST(DepartureEdges, a_child_begun_in_a_scope_outlives_its_parent_on_one_thread) {
  IN_A_FRESH_PROCESS({
    leave_at_once();
    Capture capture;
    xray::Segment segment("s");
    { const xray::Subsegment fill("fill"); }
    std::optional<xray::Subsegment> child;
    std::string parent_id;
    {
      const xray::Subsegment parent("parent");
      parent_id = id_of(parent);
      xray::bind_context([&child] { child.emplace("child"); })();
    }
    const std::string child_id = id_of(*child);
    for (int i = 0; i < 5; ++i) const xray::Subsegment more("more");
    send_all();
    child->announce();
    child->end();
    for (int i = 0; i < 5; ++i) const xray::Subsegment more("more");
    segment.end();
    const auto all = arrived(capture);
    EXPECT_EQ(all.size(), 14U);
    EXPECT_EQ(all.at(child_id), parent_id);
  });
}

TEST(DepartureEdges, an_entity_may_be_ended_where_a_scope_shows_it) {
  IN_A_FRESH_PROCESS({
    leave_at_once();
    Capture capture;
    xray::Segment segment("s");
    { const xray::Subsegment fill("fill"); }
    xray::Subsegment parent("parent");
    xray::Subsegment child("child");
    const std::string parent_id = id_of(parent);
    const std::string child_id = id_of(child);
    {
      const xray::ContextScope scope(parent.context());
      parent.end();
    }
    for (int i = 0; i < 4; ++i) const xray::Subsegment more("more");
    send_all();
    child.announce();
    child.end();
    segment.end();
    const auto all = arrived(capture);
    EXPECT_EQ(all.size(), 8U);
    EXPECT_EQ(all.at(child_id), parent_id);
  });
}

TEST(DepartureEdges, what_is_current_here_may_be_ended_in_its_context_elsewhere) {
  IN_A_FRESH_PROCESS({
    leave_at_once();
    Capture capture;
    xray::Segment segment("s");
    { const xray::Subsegment fill("fill"); }
    xray::Subsegment moved("moved");
    std::thread([moved = std::move(moved), context = xray::current_context()]() mutable {
      const xray::ContextScope scope(context);
      moved.end();
    }).join();
    for (int i = 0; i < 3; ++i) {
      const xray::Subsegment more("more");
      send_all();
      const xray::Subsegment inner("inner");
    }
    segment.end();
    EXPECT_EQ(arrived(capture).size(), 9U);
  });
}

TEST(DepartureEdges, the_same_in_a_lambda_invocation) {
  IN_A_FRESH_PROCESS({
    leave_at_once();
    Capture capture;
    xray::lambda::Invocation invocation(xray::TraceHeader::parse(
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"));
    { const xray::Subsegment fill("fill"); }
    xray::Subsegment moved("moved");
    std::thread([moved = std::move(moved), context = xray::current_context()]() mutable {
      const xray::ContextScope scope(context);
      moved.end();
    }).join();
    for (int i = 0; i < 3; ++i) {
      const xray::Subsegment more("more");
      send_all();
      const xray::Subsegment inner("inner");
    }
    invocation.end();
    EXPECT_EQ(arrived(capture).size(), 8U);
  });
}

TEST(DepartureEdges, detached_children_leave_as_early_as_others) {
  IN_A_FRESH_PROCESS({
    leave_at_once();
    Capture capture;
    xray::Segment segment("s");
    for (int i = 0; i < 500; ++i) {
      xray::Subsegment parent("parent");
      const xray::Subsegment child("child", parent);
      if (i % 100 == 0) send_all();
    }
    EXPECT_GE(arrived(capture).size(), 900U);
  });
}

TEST(DepartureEdges, a_segment_that_lives_on_out_of_a_scope_keeps_nothing) {
  IN_A_FRESH_PROCESS({
    leave_at_once();
    Capture capture;
    const xray::Segment segment("s");
    for (int i = 0; i < 200; ++i) {
      const xray::Subsegment step("step");
      std::optional<xray::Segment> inner;
      xray::bind_context([&inner] { inner.emplace("inner"); })();
      inner->end();
    }
    EXPECT_GE(arrived(capture).size(), 390U);
  });
}

TEST(DepartureEdges, memory_is_counted_as_what_lies_there_now) {
  IN_A_FRESH_PROCESS({
    Capture capture;
    const std::string value(6'000, 'x');
    {
      const xray::Segment segment("s");
      for (int i = 0; i < 2'000; ++i) {
        xray::Subsegment item("item");
        for (int j = 0; j < 6; ++j) const xray::Subsegment inner("inner");
        item.add_metadata("result", value);
        if (i % 50 == 0) send_all();
      }
    }
    EXPECT_EQ(arrived(capture).size(), 14'001U);
    EXPECT_EQ(xray::statistics().dropped_no_memory, 0U);
  });
}

TEST(DepartureEdges, work_under_the_context_of_a_segment_long_gone_is_not_kept) {
  IN_A_FRESH_PROCESS({
    xray::Configuration configuration;
    configuration.segment_memory = std::size_t{256} << 10U;
    EXPECT_FALSE(xray::configure(configuration));
    Capture capture;
    xray::Context context;
    {
      const xray::Segment segment("s");
      context = xray::current_context();
    }
    {
      const xray::ContextScope scope(context);
      for (int i = 0; i < 20'000; ++i) {
        const xray::Subsegment late("late");
        if (i % 100 == 0) send_all();
      }
    }
    EXPECT_EQ(arrived(capture).size(), 20'001U);
    EXPECT_EQ(xray::statistics().dropped_no_memory, 0U);
  });
}

namespace {

/// Threads that do anything to anything: begin, end in and out of order, hand over, scope, detach,
/// announce.
class Chaos {
 public:
  explicit Chaos(unsigned seed) : seed_(seed) {}

  void run(unsigned threads) {
    std::vector<std::thread> all;
    all.reserve(threads);
    for (unsigned t = 0; t < threads; ++t) all.emplace_back([this, t] { work(t); });
    for (auto& thread : all) thread.join();
    handed_over_.clear();
    contexts_.clear();
  }

  [[nodiscard]] const std::map<std::string, bool>& begun() const { return begun_; }

 private:
  using Mine = std::vector<xray::Subsegment>;

  void work(unsigned thread) {
    std::mt19937 random(seed_ * 100 + thread);
    for (int round = 0; round < 40; ++round) {
      const xray::Segment segment("root");
      note(segment);
      Mine mine;
      steps(random, mine, random() % 150, 0);
      while (!mine.empty()) mine.pop_back();
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): four deep
  void steps(std::mt19937& random, Mine& mine, std::size_t count, int depth) {
    for (std::size_t i = 0; i < count; ++i) step(random, mine, depth);
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  void step(std::mt19937& random, Mine& mine, int depth) {
    switch (random() % 10) {
      case 0:
      case 1:
        mine.emplace_back("step");
        note(mine.back());
        break;
      case 2:
      case 3:
        if (mine.empty()) break;
        if (random() % 4 == 0) std::swap(mine[random() % mine.size()], mine.back());
        mine.pop_back();
        break;
      case 4:
        if (!mine.empty()) mine.back().add_metadata("k", std::string(random() % 2'000, 'x'));
        break;
      case 5: {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (mine.empty()) break;
        handed_over_.push_back(std::move(mine.back()));
        mine.pop_back();
        break;
      }
      case 6: {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (handed_over_.empty()) break;
        handed_over_.back().add_annotation("w", "elsewhere");
        handed_over_.pop_back();
        break;
      }
      case 7: {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (contexts_.size() < 20) contexts_.push_back(xray::current_context());
        break;
      }
      case 8: {
        const xray::Context context = some_context(random);
        if (depth == 4 || !context) break;
        const xray::ContextScope scope(context);
        Mine inside;
        steps(random, random() % 2 == 0 ? mine : inside, random() % 10, depth + 1);
        break;
      }
      default:
        if (mine.empty()) break;
        if (random() % 3 == 0) mine.back().announce();
        xray::Subsegment detached("detached", mine[random() % mine.size()]);
        note(detached);
        if (random() % 2 == 0) break;
        const std::lock_guard<std::mutex> lock(mutex_);
        handed_over_.push_back(std::move(detached));
        break;
    }
  }

  xray::Context some_context(std::mt19937& random) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (contexts_.empty()) return {};
    std::swap(contexts_[random() % contexts_.size()], contexts_.back());
    xray::Context context = contexts_.back();
    if (random() % 2 == 0) contexts_.pop_back();
    return context;
  }

  void note(const xray::Entity& entity) {
    if (!entity.sampled()) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    begun_[id_of(entity)] = true;
  }

  const unsigned seed_;
  std::mutex mutex_;
  Mine handed_over_;
  std::vector<xray::Context> contexts_;
  std::map<std::string, bool> begun_;
};

void survive_chaos(unsigned seed) {
  xray::Configuration configuration;
  configuration.streaming_threshold = 1 + seed % 4;
  configuration.queue_capacity = 65'536;
  configuration.synchronous = seed % 2 == 0;
  configuration.context_missing = xray::ContextMissingStrategy::ignore_error;
  EXPECT_FALSE(xray::configure(configuration));
  Capture capture;
  Chaos chaos(seed);
  chaos.run(3);
  const auto all = arrived(capture);
  EXPECT_EQ(all.size(), chaos.begun().size());
  for (const auto& [id, parent] : all) {
    EXPECT_EQ(chaos.begun().count(id), 1U) << "seed " << seed;
    EXPECT_TRUE(parent.empty() || chaos.begun().count(parent) == 1) << "seed " << seed;
  }
}

}  // namespace

TEST(DepartureEdges, whatever_threads_do_every_entity_arrives_once) {
  IN_A_FRESH_PROCESS({ survive_chaos(1); });
  IN_A_FRESH_PROCESS({ survive_chaos(2); });
  IN_A_FRESH_PROCESS({ survive_chaos(3); });
  IN_A_FRESH_PROCESS({ survive_chaos(4); });
}
