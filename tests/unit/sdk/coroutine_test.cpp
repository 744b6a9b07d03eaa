#include <xray/coroutine.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/allocations.hpp"
#include "support/documents.hpp"
#include "support/process.hpp"

using support::at;
using support::Capture;
using support::find_subsegment;
using support::text_of;

namespace {

/// Runs at once, owns itself.
struct Detached {
  // NOLINTNEXTLINE(readability-identifier-naming): the language's name
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

/// Begins when awaited, by symmetric transfer, and goes back the same way.
class Task {
 public:
  // NOLINTNEXTLINE(readability-identifier-naming): the language's name
  struct promise_type {
    std::coroutine_handle<> continuation;
    std::exception_ptr exception;

    Task get_return_object() noexcept {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct Back {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
          return self.promise().continuation;
        }
        void await_resume() noexcept {}
      };
      return Back{};
    }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { exception = std::current_exception(); }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> continuation) noexcept {
    handle_.promise().continuation = continuation;
    return handle_;
  }
  void await_resume() {
    if (handle_.promise().exception) std::rethrow_exception(handle_.promise().exception);
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

/// Suspends until somebody calls go().
struct Gate {
  std::coroutine_handle<> waiting;

  bool await_ready() noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept { waiting = coroutine; }
  void await_resume() noexcept {}
  void go() { std::exchange(waiting, nullptr).resume(); }
};

/// A gate, to await without more: GCC 12 makes a copy of an awaiter that is captured by reference.
struct Waiting {
  Gate& gate;

  bool await_ready() noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept { gate.waiting = coroutine; }
  void await_resume() noexcept {}
};

/// Threads that resume what is given to them.
class Pool {
 public:
  explicit Pool(int count) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() { finish(); }

  void post(std::function<void()> job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    some_.notify_one();
  }
  /// Everything posted, and what that posted, has run.
  void finish() {
    {
      const std::lock_guard lock(mutex_);
      finishing_ = true;
    }
    some_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  /// Awaited: go on on one of the threads.
  auto hop() {
    struct Hop {
      Pool& pool;
      bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<> coroutine) {
        pool.post([coroutine] { coroutine.resume(); });
      }
      void await_resume() noexcept {}
    };
    return Hop{*this};
  }

  std::atomic<int> leaks{0};

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (!jobs_.empty()) {
        const std::function<void()> job = std::move(jobs_.front());
        jobs_.pop_front();
        ++busy_;
        lock.unlock();
        job();
        if (xray::current_context()) ++leaks;
        lock.lock();
        --busy_;
        if (finishing_) some_.notify_all();
      } else if (finishing_ && busy_ == 0) {
        return;
      } else {
        some_.wait(lock);
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable some_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
  int busy_ = 0;
  bool finishing_ = false;
};

std::string trace_here() {
  return xray::current_trace_header().trace_id().to_string();
}

Detached one_request(Gate& gate, xray::TraceId& trace) {
  xray::CoroutineScope scope;
  const xray::Segment segment("s");
  trace = segment.trace_id();
  {
    const xray::Subsegment outer("outer");
    co_await scope.carry(gate);
    const xray::Subsegment inner("inner");
    co_await scope.carry(gate);
  }
  const xray::Subsegment last("last");
}

}  // namespace

TEST(Coroutine, the_thread_has_its_own_context_back_at_each_suspension) {
  const Capture capture;
  const xray::Segment own("own");
  const xray::Subsegment mine("mine");
  const std::string here = xray::current_trace_header().to_string();
  Gate gate;
  xray::TraceId trace;
  one_request(gate, trace);
  EXPECT_EQ(xray::current_trace_header().to_string(), here);
  gate.go();
  EXPECT_EQ(xray::current_trace_header().to_string(), here);
  gate.go();
  EXPECT_EQ(xray::current_trace_header().to_string(), here);
}

TEST(Coroutine, goes_on_in_its_own_context_on_whatever_thread) {
  Capture capture;
  Gate gate;
  xray::TraceId trace;
  one_request(gate, trace);
  EXPECT_FALSE(xray::current_context());
  std::thread([&] {
    gate.go();
    EXPECT_FALSE(xray::current_context());
  }).join();
  std::thread([&] {
    const xray::Segment other("other");
    gate.go();
    EXPECT_EQ(xray::current_trace_header().trace_id(), other.trace_id());
  }).join();
  EXPECT_FALSE(xray::current_context());
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 2U);
  const auto& document = documents[0];
  EXPECT_EQ(text_of(at(document, "trace_id")), trace.to_string().view());
  const auto* const outer = find_subsegment(document, "outer");
  ASSERT_NE(outer, nullptr);
  EXPECT_NE(find_subsegment(*outer, "inner"), nullptr);
  EXPECT_EQ(find_subsegment(*outer, "last"), nullptr);
  EXPECT_NE(find_subsegment(document, "last"), nullptr);
  EXPECT_FALSE(documents[1].HasMember("subsegments"));
}

TEST(Coroutine, two_on_one_thread_keep_their_contexts_apart) {
  Capture capture;
  Gate gates[2];
  xray::TraceId traces[2];
  one_request(gates[0], traces[0]);
  one_request(gates[1], traces[1]);
  gates[0].go();
  gates[1].go();
  gates[1].go();
  gates[0].go();
  EXPECT_FALSE(xray::current_context());
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 2U);
  for (int i = 0; i < 2; ++i) {
    const auto& document = documents[static_cast<std::size_t>(i)];
    EXPECT_EQ(text_of(at(document, "trace_id")), traces[1 - i].to_string().view());
    EXPECT_EQ(at(document, "subsegments").Size(), 2U);
  }
}

TEST(Coroutine, one_that_another_resumes_leaves_it_its_context) {
  const Capture capture;
  Gate inner_gate;
  xray::TraceId inner;
  one_request(inner_gate, inner);
  Gate gate;
  bool done = false;
  const auto outer = [&]() -> Detached {
    xray::CoroutineScope scope;
    const xray::Segment segment("outer");
    co_await scope.carry(gate);
    inner_gate.go();
    EXPECT_EQ(trace_here(), segment.trace_id().to_string().view());
    inner_gate.go();
    EXPECT_EQ(trace_here(), segment.trace_id().to_string().view());
    done = true;
  };
  outer();
  gate.go();
  EXPECT_TRUE(done);
  EXPECT_FALSE(xray::current_context());
}

TEST(Coroutine, destroyed_while_suspended_it_ends_what_is_open) {
  Capture capture;
  Gate gate;
  xray::TraceId trace;
  one_request(gate, trace);
  std::thread([&] {
    const xray::Segment own("own");
    gate.waiting.destroy();
    EXPECT_EQ(xray::current_trace_header().trace_id(), own.trace_id());
  }).join();
  EXPECT_FALSE(xray::current_context());
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(text_of(at(documents[0], "trace_id")), trace.to_string().view());
  const auto* const outer = find_subsegment(documents[0], "outer");
  ASSERT_NE(outer, nullptr);
  EXPECT_TRUE(outer->HasMember("end_time"));
  EXPECT_FALSE(outer->HasMember("fault"));
}

TEST(Coroutine, an_exception_out_of_the_operation_marks_the_scopes_it_leaves) {
  Capture capture;
  struct Failing : Gate {
    void await_resume() { throw std::runtime_error("no answer"); }
  };
  Failing gate;
  const auto coroutine = [&]() -> Detached {
    xray::CoroutineScope scope;
    const xray::Segment segment("s");
    try {
      const xray::Subsegment call("call");
      co_await scope.carry(gate);
    } catch (const std::runtime_error&) {
      const xray::Subsegment after("after");
    }
  };
  coroutine();
  std::thread([&] { gate.go(); }).join();
  const auto document = capture.document();
  EXPECT_TRUE(at(*find_subsegment(document, "call"), "fault").GetBool());
  const auto* const after = find_subsegment(document, "after");
  ASSERT_NE(after, nullptr);
  EXPECT_EQ(find_subsegment(*find_subsegment(document, "call"), "after"), nullptr);
  EXPECT_FALSE(document.HasMember("fault"));
}

namespace {

struct WithMember {
  Gate& gate;
  Gate& operator co_await() && noexcept { return gate; }
};

struct WithFree {
  Gate& gate;
};
Gate& operator co_await(const WithFree& awaitable) noexcept {
  return awaitable.gate;
}

struct Immovable : Gate {
  explicit Immovable(Gate*& place) : place_(place) {}
  Immovable(const Immovable&) = delete;
  Immovable& operator=(const Immovable&) = delete;
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    Gate::await_suspend(coroutine);
    place_ = this;
  }
  int await_resume() noexcept { return 7; }

 private:
  Gate*& place_;
};

}  // namespace

TEST(Coroutine, carries_over_anything_that_can_be_awaited) {
  Capture capture;
  Gate gate;
  Gate* immovable = nullptr;
  std::vector<std::string> seen;
  std::string expected;
  const auto coroutine = [&]() -> Detached {
    xray::CoroutineScope scope;
    const xray::Segment segment("s");
    expected = segment.trace_id().to_string();
    co_await scope.carry(WithMember{gate});
    seen.push_back(trace_here());
    co_await scope.carry(WithFree{gate});
    seen.push_back(trace_here());
    const int seven = co_await scope.carry(Immovable(immovable));
    EXPECT_EQ(seven, 7);
    seen.push_back(trace_here());
    co_await scope.carry(std::suspend_never());
    seen.push_back(trace_here());
  };
  coroutine();
  gate.go();
  EXPECT_FALSE(xray::current_context());
  gate.go();
  EXPECT_FALSE(xray::current_context());
  immovable->go();
  EXPECT_FALSE(xray::current_context());
  EXPECT_EQ(seen, std::vector<std::string>(4, expected));
  EXPECT_EQ(capture.documents().size(), 1U);
}

TEST(Coroutine, one_that_is_not_suspended_after_all_keeps_its_context) {
  const Capture capture;
  struct Refusing {
    bool await_ready() noexcept { return false; }
    bool await_suspend(std::coroutine_handle<>) noexcept { return false; }
    void await_resume() noexcept {}
  };
  struct Throwing {
    bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) { throw std::runtime_error("full"); }
    void await_resume() noexcept {}
  };
  bool done = false;
  const auto coroutine = [&]() -> Detached {
    xray::CoroutineScope scope;
    const xray::Segment segment("s");
    co_await scope.carry(Refusing());
    EXPECT_EQ(trace_here(), segment.trace_id().to_string().view());
    bool caught = false;
    try {
      co_await scope.carry(Throwing());
    } catch (const std::runtime_error&) {
      caught = true;
    }
    EXPECT_TRUE(caught);
    EXPECT_EQ(trace_here(), segment.trace_id().to_string().view());
    done = true;
  };
  coroutine();
  EXPECT_TRUE(done);
  EXPECT_FALSE(xray::current_context());
}

TEST(Coroutine, what_an_operation_records_as_it_begins_belongs_to_who_awaits_it) {
  Capture capture;
  struct Recording : Gate {
    void await_suspend(std::coroutine_handle<> coroutine) noexcept {
      const xray::Subsegment begun("begun by the operation");
      Gate::await_suspend(coroutine);
    }
  };
  Recording gate;
  const auto coroutine = [&]() -> Detached {
    xray::CoroutineScope scope;
    const xray::Segment segment("s");
    const xray::Subsegment call("call");
    co_await scope.carry(gate);
  };
  coroutine();
  EXPECT_FALSE(xray::current_context());
  gate.go();
  const auto document = capture.document();
  EXPECT_NE(find_subsegment(*find_subsegment(document, "call"), "begun by the operation"), nullptr);
}

namespace {

Task child(xray::CoroutineScope& scope, Pool& pool) {
  const xray::Subsegment subsegment("child");
  co_await scope.carry(pool.hop());
  const xray::Subsegment grandchild("grandchild");
  co_await scope.carry(pool.hop());
}

Detached parent(Pool& pool, std::promise<void>& done) {
  {
    xray::CoroutineScope scope;
    const xray::Segment segment("s");
    const xray::Subsegment subsegment("parent");
    co_await child(scope, pool);
    const xray::Subsegment next("next");
    co_await scope.carry(pool.hop());
  }
  done.set_value();
}

Task own_scope(xray::Context context, Pool& pool) {
  xray::CoroutineScope scope(context);
  const xray::Subsegment subsegment("own scope");
  co_await scope.carry(pool.hop());
}

Detached hands_over(Pool& pool, std::promise<void>& done) {
  {
    xray::CoroutineScope scope;
    const xray::Segment segment("s");
    const xray::Subsegment subsegment("parent");
    co_await scope.carry(own_scope(xray::current_context(), pool));
    const xray::Subsegment next("next");
  }
  done.set_value();
}

}  // namespace

TEST(Coroutine, an_awaited_one_shares_the_scope) {
  Capture capture;
  Pool pool(3);
  std::promise<void> done;
  parent(pool, done);
  EXPECT_FALSE(xray::current_context());
  done.get_future().wait();
  pool.finish();
  EXPECT_EQ(pool.leaks.load(), 0);
  const auto document = capture.document();
  const auto* const of_parent = find_subsegment(document, "parent");
  ASSERT_NE(of_parent, nullptr);
  const auto* const of_child = find_subsegment(*of_parent, "child");
  ASSERT_NE(of_child, nullptr);
  EXPECT_NE(find_subsegment(*of_child, "grandchild"), nullptr);
  EXPECT_EQ(find_subsegment(*of_child, "next"), nullptr);
  EXPECT_NE(find_subsegment(*of_parent, "next"), nullptr);
}

TEST(Coroutine, an_awaited_one_may_have_a_scope_of_its_own) {
  Capture capture;
  Pool pool(3);
  std::promise<void> done;
  hands_over(pool, done);
  EXPECT_FALSE(xray::current_context());
  done.get_future().wait();
  pool.finish();
  EXPECT_EQ(pool.leaks.load(), 0);
  const auto document = capture.document();
  const auto* const of_parent = find_subsegment(document, "parent");
  ASSERT_NE(of_parent, nullptr);
  const auto* const own = find_subsegment(*of_parent, "own scope");
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(find_subsegment(*own, "next"), nullptr);
  EXPECT_NE(find_subsegment(*of_parent, "next"), nullptr);
}

TEST(Coroutine, a_context_scope_may_live_across_a_suspension) {
  Capture capture;
  Gate gate;
  const auto coroutine = [&]() -> Detached {
    xray::CoroutineScope scope;
    const xray::Segment segment("s");
    const xray::Context context = xray::current_context();
    const xray::Subsegment aside("aside");
    {
      const xray::ContextScope at_the_segment(context);
      co_await scope.carry(gate);
      const xray::Subsegment direct("direct");
      co_await scope.carry(gate);
    }
    const xray::Subsegment below("below");
  };
  coroutine();
  std::thread([&] { gate.go(); }).join();
  std::thread([&] {
    gate.go();
    EXPECT_FALSE(xray::current_context());
  }).join();
  const auto document = capture.document();
  const auto* const aside = find_subsegment(document, "aside");
  ASSERT_NE(aside, nullptr);
  EXPECT_NE(find_subsegment(*aside, "below"), nullptr);
  EXPECT_EQ(find_subsegment(*aside, "direct"), nullptr);
  EXPECT_NE(find_subsegment(document, "direct"), nullptr);
}

TEST(Coroutine, unsampled_is_carried_too) {
  Capture capture;
  Gate gate;
  const auto coroutine = [&]() -> Detached {
    xray::CoroutineScope scope;
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=0"));
    const std::string before = trace_here();
    co_await scope.carry(gate);
    EXPECT_EQ(trace_here(), before);
    const xray::Subsegment subsegment("t");
    EXPECT_FALSE(subsegment.sampled());
  };
  coroutine();
  std::thread([&] {
    gate.go();
    EXPECT_FALSE(xray::current_context());
  }).join();
  EXPECT_TRUE(capture.documents().empty());
}

TEST(Coroutine, a_segment_that_ends_elsewhere_leaves_no_thread_behind_in_it) {
  Capture capture;
  Gate gate;
  std::optional<xray::Segment> segment;
  const auto coroutine = [&]() -> Detached {
    xray::CoroutineScope scope;
    segment.emplace("s");
    const xray::Subsegment late("late");
    co_await scope.carry(gate);
  };
  coroutine();
  segment.reset();
  EXPECT_EQ(capture.documents().size(), 1U);
  std::thread([&] {
    gate.go();
    EXPECT_FALSE(xray::current_context());
  }).join();
  EXPECT_EQ(capture.documents().size(), 2U);
}

TEST(Coroutine, ten_thousand_that_end_at_once_take_no_stack) {
  const Capture capture;
  struct Deep {
    static Task nothing() { co_return; }
    static Detached run(int& count) {
      xray::CoroutineScope scope;
      for (int i = 0; i < 10'000; ++i) {
        co_await scope.carry(nothing());
        ++count;
      }
    }
  };
  int count = 0;
  Deep::run(count);
  EXPECT_EQ(count, 10'000);
}

TEST(Coroutine, one_moved_by_a_plain_await_is_safe_and_said_once) {
  static std::atomic<int> said;
  IN_A_FRESH_PROCESS({
    xray::Configuration configuration;
    configuration.log = [](std::string_view message) {
      if (message.find("carry()") != std::string_view::npos) ++said;
    };
    EXPECT_FALSE(xray::configure(configuration));
    const auto sent = xray::testing::CapturingEmitter::install();
    for (int i = 0; i < 2; ++i) {
      Gate gate;
      const auto coroutine = [&]() -> Detached {
        xray::CoroutineScope scope;
        const xray::Segment segment("s");
        const xray::Subsegment subsegment("t");
        co_await Waiting{gate};
        co_await scope.carry(gate);
        EXPECT_FALSE(xray::current_context());
      };
      coroutine();
      std::thread([&] {
        const xray::Segment own("own");
        gate.go();
        EXPECT_EQ(xray::current_trace_header().trace_id(), own.trace_id());
        gate.go();
        EXPECT_EQ(xray::current_trace_header().trace_id(), own.trace_id());
      }).join();
      EXPECT_FALSE(xray::current_context());
    }
    EXPECT_EQ(sent->documents().size(), 4U);
    EXPECT_EQ(said.load(), 1);
  });
}

TEST(Coroutine, a_thousand_on_eight_threads_record_into_one_segment) {
  struct Run {
    static Detached one(Pool& pool, xray::Context context, int number, std::atomic<int>& left,
                        std::promise<void>& done) {
      {
        xray::CoroutineScope scope(context);
        xray::Subsegment outer("outer");
        outer.add_annotation("number", number);
        for (int i = 0; i < 4; ++i) {
          co_await scope.carry(pool.hop());
          xray::Subsegment inner("inner");
          inner.add_annotation("i", i);
          co_await scope.carry(pool.hop());
          outer.add_annotation("i", i);
        }
      }
      if (--left == 0) done.set_value();
    }
  };
  for (int round = 0; round < 2; ++round) {
    Capture capture;
    // Where the segment ends before them, each leaves alone: no more than the queue holds.
    const int coroutines = round == 0 ? 1000 : 300;
    const std::uint64_t dropped = xray::statistics().dropped_queue_full;
    std::atomic<int> left{coroutines};
    std::promise<void> done;
    Pool pool(8);
    {
      const xray::Segment segment("s");
      for (int i = 0; i < coroutines; ++i) {
        Run::one(pool, xray::current_context(), i, left, done);
      }
      // In the second round the segment ends while they run.
      if (round == 0) done.get_future().wait();
    }
    if (round == 1) done.get_future().wait();
    pool.finish();
    EXPECT_EQ(pool.leaks.load(), 0);
    int outer = 0;
    int inner = 0;
    const std::function<void(const support::JsonValue&)> count =
        [&](const support::JsonValue& node) {
          const std::string name = text_of(at(node, "name"));
          if (name == "outer") ++outer;
          if (name == "inner") ++inner;
          const auto children = node.FindMember("subsegments");
          if (children == node.MemberEnd()) return;
          for (const auto& next : children->value.GetArray()) {
            EXPECT_EQ(text_of(at(next, "name")), name == "s" ? "outer" : "inner");
            count(next);
          }
        };
    for (const auto& document : capture.documents()) count(document);
    EXPECT_EQ(xray::statistics().dropped_queue_full, dropped);
    EXPECT_EQ(outer, coroutines);
    EXPECT_EQ(inner, 4 * coroutines);
  }
}

TEST(Coroutine, segments_that_end_on_another_thread_lose_nothing_of_what_runs_beside_them) {
  struct Run {
    static Detached beside(Pool& pool, xray::Context parent, std::atomic<int>& left) {
      {
        xray::CoroutineScope scope(parent);
        const xray::Subsegment first("beside");
        co_await scope.carry(pool.hop());
        const xray::Subsegment second("beside");
        co_await scope.carry(pool.hop());
      }
      --left;
    }
    static Detached request(Pool& pool, std::atomic<int>& left) {
      {
        xray::CoroutineScope scope;
        const xray::Segment segment("s");
        for (int i = 0; i < 4; ++i) {
          beside(pool, xray::current_context(), left);
          const xray::Subsegment own("own");
          co_await scope.carry(pool.hop());
        }
      }
      --left;
    }
  };
  for (int round = 0; round < 10; ++round) {
    Capture capture;
    constexpr int requests = 100;
    std::atomic<int> left{5 * requests};
    {
      Pool pool(4);
      for (int i = 0; i < requests; ++i) {
        pool.post([&] { Run::request(pool, left); });
      }
      pool.finish();
      EXPECT_EQ(pool.leaks.load(), 0);
    }
    EXPECT_EQ(left.load(), 0);
    int own = 0;
    int beside = 0;
    const std::function<void(const support::JsonValue&)> count =
        [&](const support::JsonValue& node) {
          const std::string name = text_of(at(node, "name"));
          if (name == "own") ++own;
          if (name == "beside") ++beside;
          const auto children = node.FindMember("subsegments");
          if (children == node.MemberEnd()) return;
          for (const auto& next : children->value.GetArray()) count(next);
        };
    for (const auto& document : capture.documents()) count(document);
    ASSERT_EQ(own, 4 * requests) << "round " << round;
    ASSERT_EQ(beside, 8 * requests) << "round " << round;
  }
}

TEST(Coroutine, carrying_allocates_nothing_in_the_steady_state) {
  const Capture capture;
  Gate gate;
  const auto coroutine = [&]() -> Detached {
    xray::CoroutineScope scope;
    const xray::Segment segment("s");
    for (;;) co_await scope.carry(gate);
  };
  coroutine();
  for (int i = 0; i < 10; ++i) gate.go();
  const std::uint64_t before = support::allocations();
  for (int i = 0; i < 1000; ++i) gate.go();
  EXPECT_EQ(support::allocations(), before);
  gate.waiting.destroy();
}
