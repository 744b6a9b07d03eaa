#include <xray/xray.hpp>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/documents.hpp"
#include "support/process.hpp"

using support::Capture;

namespace {

template <typename Body>
int run_in_child(const Body& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace

TEST(Life, a_forked_child_traces_with_ids_of_its_own) {
  Capture capture;
  { const xray::Segment segment("before"); }
  const auto parent_next = xray::SegmentId::generate();
  const std::uint64_t parent_value = parent_next.value();
  EXPECT_EQ(capture.documents().size(), 1U);
  EXPECT_EQ(run_in_child([parent_value] {
              Capture own;
              { const xray::Segment segment("in the child"); }
              if (own.texts().size() != 1) return 1;
              return xray::SegmentId::generate().value() == parent_value ? 2 : 0;
            }),
            0);
  { const xray::Segment segment("after"); }
  EXPECT_EQ(capture.documents().size(), 2U);
}

TEST(Life, a_segment_open_at_fork_is_sent_by_the_parent_alone) {
  Capture capture;
  {
    xray::Segment segment("open");
    xray::Subsegment subsegment("also open");
    EXPECT_EQ(run_in_child([&segment] {
                Capture own;
                segment.end();
                { const xray::Subsegment more("more"); }
                { const xray::Segment fresh("fresh"); }
                return own.texts().size() == 1 ? 0 : 1;
              }),
              0);
  }
  EXPECT_NE(support::find_subsegment(capture.document(), "also open"), nullptr);
}

TEST(Life, what_is_open_at_fork_may_end_in_the_child_in_any_order) {
  const Capture capture;
  xray::Segment segment("open");
  xray::Subsegment subsegment("child");
  EXPECT_EQ(run_in_child([&segment, &subsegment] {
              segment.end();
              for (int i = 0; i < 100; ++i) const xray::Segment other("reuses memory");
              subsegment.add_annotation("k", "v");
              subsegment.end();
              return 0;
            }),
            0);
}

TEST(Life, ids_differ_after_a_fork_that_came_before_the_first_segment) {
  IN_A_FRESH_PROCESS({
    (void)xray::SegmentId::generate();
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    if (::fork() == 0) {
      const std::uint64_t mine = xray::SegmentId::generate().value();
      ::_exit(::write(ends[1], &mine, sizeof mine) == sizeof mine ? 0 : 1);
    }
    std::uint64_t theirs = 0;
    ASSERT_EQ(::read(ends[0], &theirs, sizeof theirs), static_cast<ssize_t>(sizeof theirs));
    EXPECT_NE(theirs, xray::SegmentId::generate().value());
    EXPECT_GT(::wait(nullptr), 0);
  });
}

TEST(Life, threads_come_and_go_with_open_entities) {
  Capture capture;
  std::unique_ptr<xray::Segment> left;
  std::unique_ptr<xray::Subsegment> child;
  std::thread([&] {
    left = std::make_unique<xray::Segment>("left open");
    child = std::make_unique<xray::Subsegment>("left open too");
  }).join();
  child->add_annotation("k", 1);
  child.reset();
  left.reset();
  EXPECT_NE(support::find_subsegment(capture.document(), "left open too"), nullptr);
}

namespace {
struct TracesAtThreadExit {
  ~TracesAtThreadExit() {
    const xray::Segment segment("thread exit");
    const xray::Subsegment subsegment("t");
  }
};
}  // namespace

TEST(Life, thread_local_destructors_may_trace) {
  Capture capture;
  for (int i = 0; i < 10; ++i) {
    std::thread([] {
      { const xray::Segment segment("usual"); }
      static thread_local TracesAtThreadExit late;
      (void)late;
    }).join();
  }
  EXPECT_EQ(capture.documents().size(), 20U);
}

namespace {
struct TracesAtExit {
  ~TracesAtExit() {
    const xray::Segment segment("static destructor");
    const xray::Subsegment subsegment("t");
  }
};
}  // namespace

TEST(Life, static_destructors_may_trace) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        static TracesAtExit late;  // made before the SDK is, so destroyed after its exit handler
        (void)late;
        { const xray::Segment segment("usual"); }
        std::exit(0);
      },
      testing::ExitedWithCode(0), "");
}

TEST(Life, after_shutdown_segments_are_sent_where_they_end) {
  IN_A_FRESH_PROCESS({
    Capture capture;
    { const xray::Segment segment("before"); }
    EXPECT_TRUE(xray::shutdown(std::chrono::seconds(5)));
    EXPECT_EQ(capture.texts().size(), 1U);
    { const xray::Segment segment("after"); }
    EXPECT_EQ(capture.texts().size(), 2U);
    EXPECT_TRUE(xray::shutdown(std::chrono::seconds(5)));
  });
}

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void ignore(std::string_view /*message*/) {
}

/// An emitter that gets stuck, as one does whose peer does not read.
class StuckEmitter : public xray::Emitter {
 public:
  void emit(std::string_view /*document*/) noexcept override {
    entered = true;
    while (!released) std::this_thread::sleep_for(milliseconds(1));
    ++emitted;
  }
  void wait_until_stuck() const {
    while (!entered) std::this_thread::sleep_for(milliseconds(1));
  }
  std::atomic<bool> entered{false};
  std::atomic<bool> released{false};
  std::atomic<int> emitted{0};
};

std::shared_ptr<StuckEmitter> configure_stuck(bool synchronous = false) {
  auto emitter = std::make_shared<StuckEmitter>();
  xray::Configuration configuration;
  configuration.emitter = emitter;
  configuration.synchronous = synchronous;
  configuration.log = ignore;
  EXPECT_FALSE(xray::configure(configuration));
  return emitter;
}

/// Far above any deadline here, far below for ever.
constexpr auto hanging = seconds(20);

}  // namespace

TEST(Life, fork_does_not_wait_for_a_stuck_emitter_and_the_child_counts_what_it_cannot_send) {
  IN_A_FRESH_PROCESS({
    ::alarm(60);
    const auto emitter = configure_stuck();
    { const xray::Segment segment("stuck"); }
    emitter->wait_until_stuck();
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(run_in_child([] {
                { const xray::Segment segment("in the child"); }
                if (!xray::flush(seconds(10))) return 1;
                if (xray::statistics().dropped_send_failed != 1) return 2;
                if (xray::statistics().documents_sent != 0) return 3;
                Capture own;
                { const xray::Segment segment("captured"); }
                return own.texts().size() == 1 ? 0 : 4;
              }),
              0);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, hanging);
    emitter->released = true;
    EXPECT_TRUE(xray::flush(seconds(10)));
    EXPECT_EQ(emitter->emitted, 1);
  });
}

TEST(Life, fork_while_another_thread_sends_leaves_the_child_a_working_emitter) {
  IN_A_FRESH_PROCESS({
    class Busy : public xray::Emitter {
     public:
      void emit(std::string_view /*document*/) noexcept override {
        std::this_thread::sleep_for(milliseconds(1));
      }
    };
    xray::Configuration configuration;
    configuration.emitter = std::make_shared<Busy>();
    configuration.log = ignore;
    ASSERT_FALSE(xray::configure(configuration));
    std::atomic<bool> over{false};
    std::thread tracing([&over] {
      while (!over) {
        { const xray::Segment segment("of the parent"); }
        std::this_thread::sleep_for(milliseconds(2));
      }
    });
    // Where the sending thread gets no processor for longer than fork() waits, the child counts
    // what it can't send.
    constexpr int sent = 0;
    constexpr int counted = 3;
    int working = 0;
    for (int i = 0; i < 20; ++i) {
      const int result = run_in_child([] {
        { const xray::Segment segment("in the child"); }
        if (!xray::flush(seconds(10))) return 1;
        const auto figures = xray::statistics();
        if (figures.documents_sent == 1) return sent;
        return figures.dropped_send_failed == 1 ? counted : 2;
      });
      EXPECT_TRUE(result == sent || result == counted) << result;
      if (result == sent) ++working;
    }
    EXPECT_GT(working, 0);
    over = true;
    tracing.join();
  });
}

TEST(Life, a_child_of_a_process_that_is_looking_up_its_daemon_gets_an_emitter_of_its_own) {
  IN_A_FRESH_PROCESS({
    // Nothing answers at that name server: the sender is in getaddrinfo() for seconds, or not at
    // all where the name is refused at once; both are well.
    xray::Configuration configuration;
    configuration.daemon_address = "no-such-host.invalid:2000";
    configuration.log = ignore;
    ASSERT_FALSE(xray::configure(configuration));
    { const xray::Segment segment("s"); }
    EXPECT_EQ(run_in_child([] {
                Capture own;
                { const xray::Segment segment("in the child"); }
                return own.texts().size() == 1 ? 0 : 1;
              }),
              0);
  });
}

TEST(Life, flush_and_shutdown_keep_their_deadlines_with_a_stuck_emitter) {
  IN_A_FRESH_PROCESS({
    ::alarm(60);
    const auto emitter = configure_stuck();
    { const xray::Segment segment("stuck"); }
    emitter->wait_until_stuck();
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(xray::flush(milliseconds(50)));
    // The second call does not queue up behind the first one's deadline.
    std::thread other([] { EXPECT_TRUE(xray::shutdown(std::chrono::hours(1))); });
    std::this_thread::sleep_for(milliseconds(20));
    EXPECT_FALSE(xray::shutdown(milliseconds(50)));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, hanging);
    // Nor does a segment that ends now.
    { const xray::Segment segment("late"); }
    EXPECT_EQ(run_in_child([] { return 0; }), 0);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, hanging);
    emitter->released = true;
    other.join();
    EXPECT_TRUE(xray::flush(seconds(10)));
    EXPECT_EQ(emitter->emitted, 2);
  });
}

TEST(Life, segments_that_end_after_a_shutdown_that_gave_up_are_sent_when_the_emitter_recovers) {
  IN_A_FRESH_PROCESS({
    ::alarm(60);
    const auto emitter = configure_stuck();
    { const xray::Segment segment("stuck"); }
    emitter->wait_until_stuck();
    EXPECT_FALSE(xray::shutdown(milliseconds(20)));
    for (int i = 0; i < 100; ++i) const xray::Segment segment("late");
    emitter->released = true;
    EXPECT_TRUE(xray::shutdown(seconds(10)));
    EXPECT_EQ(emitter->emitted, 101);
    { const xray::Segment segment("later still"); }
    EXPECT_TRUE(xray::flush(seconds(10)));
    EXPECT_EQ(emitter->emitted, 102);
  });
}

TEST(Life, a_process_with_a_stuck_emitter_exits) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        ::alarm(30);
        static TracesAtExit late;
        (void)late;
        const auto emitter = configure_stuck();
        { const xray::Segment segment("stuck"); }
        emitter->wait_until_stuck();
        std::exit(0);
      },
      testing::ExitedWithCode(0), "");
}

TEST(Life, threads_that_end_segments_while_the_sender_is_shut_down_lose_none) {
  IN_A_FRESH_PROCESS({
    ::alarm(60);
    const auto emitter = configure_stuck();
    emitter->released = true;
    constexpr int threads = 4;
    constexpr int segments = 500;
    std::atomic<int> begun{0};
    std::vector<std::thread> tracing;
    tracing.reserve(threads);
    for (int i = 0; i < threads; ++i) {
      tracing.emplace_back([&begun] {
        for (int j = 0; j < segments; ++j) {
          { const xray::Segment segment("s"); }
          ++begun;
        }
      });
    }
    while (begun < threads * segments / 4) std::this_thread::yield();
    (void)xray::shutdown(seconds(10));
    for (std::thread& thread : tracing) thread.join();
    EXPECT_TRUE(xray::flush(seconds(10)));
    EXPECT_EQ(static_cast<std::uint64_t>(emitter->emitted) + xray::statistics().dropped_queue_full,
              static_cast<std::uint64_t>(threads * segments));
  });
}

namespace {

/// Ends, inside emit(), a segment that began outside.
class EndingEmitter : public xray::Emitter {
 public:
  void emit(std::string_view /*document*/) noexcept override {
    ++emitted;
    open.reset();
    (void)xray::flush(std::chrono::hours(1));
  }
  std::unique_ptr<xray::Segment> open;
  std::atomic<int> emitted{0};
};

}  // namespace

TEST(Life, an_emitter_may_end_a_segment_and_flush_without_waiting_for_itself) {
  for (const bool synchronous : {true, false}) {
    for (const bool shut_down : {true, false}) {
      IN_A_FRESH_PROCESS({
        ::alarm(30);
        auto emitter = std::make_shared<EndingEmitter>();
        xray::Configuration configuration;
        configuration.emitter = emitter;
        configuration.synchronous = synchronous;
        ASSERT_FALSE(xray::configure(configuration));
        EXPECT_TRUE(!shut_down || xray::shutdown(seconds(10)));
        emitter->open = std::make_unique<xray::Segment>("ended by the emitter");
        { const xray::Segment segment("s"); }
        EXPECT_TRUE(xray::flush(seconds(10)));
        EXPECT_EQ(emitter->emitted, 2);
      });
    }
  }
}

TEST(Life, shutdown_inside_an_emitter_ends_the_sender_without_waiting_for_it) {
  class Ending : public xray::Emitter {
   public:
    void emit(std::string_view /*document*/) noexcept override {
      EXPECT_FALSE(xray::shutdown(std::chrono::hours(1)));
      ++emitted;
    }
    std::atomic<int> emitted{0};
  };
  IN_A_FRESH_PROCESS({
    ::alarm(30);
    auto emitter = std::make_shared<Ending>();
    xray::Configuration configuration;
    configuration.emitter = emitter;
    ASSERT_FALSE(xray::configure(configuration));
    { const xray::Segment segment("s"); }
    EXPECT_TRUE(xray::flush(seconds(10)));
    EXPECT_EQ(emitter->emitted, 1);
  });
}

TEST(Life, a_segment_outlives_the_thread_that_began_it_and_ends_on_another) {
  Capture capture;
  for (int i = 0; i < 50; ++i) {
    std::unique_ptr<xray::Segment> segment;
    std::thread([&segment] {
      segment = std::make_unique<xray::Segment>("handed over");
      const xray::Subsegment subsegment("where it began");
    }).join();
    std::thread([&segment] { segment.reset(); }).join();
  }
  EXPECT_EQ(capture.documents().size(), 50U);
}

TEST(Life, pthread_key_destructors_may_trace_in_more_than_one_round) {
  Capture capture;
  static pthread_key_t key;
  static int rounds[2];
  ASSERT_EQ(::pthread_key_create(&key,
                                 [](void* value) {
                                   const xray::Segment segment("thread exit");
                                   const xray::Subsegment subsegment("t");
                                   if (value == &rounds[0]) ::pthread_setspecific(key, &rounds[1]);
                                 }),
            0);
  for (int i = 0; i < 10; ++i) {
    std::thread([] {
      const xray::Segment segment("usual");
      ::pthread_setspecific(key, &rounds[0]);
    }).join();
  }
  EXPECT_EQ(::pthread_key_delete(key), 0);
  EXPECT_EQ(capture.documents().size(), 30U);
}

TEST(Life, forks_on_several_threads_at_once_do_not_hang) {
  IN_A_FRESH_PROCESS({
    ::alarm(60);
    const auto emitter = configure_stuck();
    emitter->released = true;
    std::vector<std::thread> forking;
    forking.reserve(4);
    for (int i = 0; i < 4; ++i) {
      forking.emplace_back([] {
        for (int j = 0; j < 10; ++j) {
          { const xray::Segment segment("of the parent"); }
          EXPECT_EQ(run_in_child([] {
                      { const xray::Segment segment("in the child"); }
                      return xray::flush(seconds(10)) ? 0 : 1;
                    }),
                    0);
        }
      });
    }
    for (std::thread& thread : forking) thread.join();
    EXPECT_TRUE(xray::flush(seconds(10)));
    EXPECT_EQ(emitter->emitted, 40);
  });
}
