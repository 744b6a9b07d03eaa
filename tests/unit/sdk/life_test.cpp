#include <xray/xray.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

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
