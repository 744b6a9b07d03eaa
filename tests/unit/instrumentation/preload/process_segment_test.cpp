#include "preload/process_segment.hpp"

#include <xray/xray.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "clients/call.hpp"
#include "preload/trace_variable.hpp"
#include "support/documents.hpp"
#include "support/process.hpp"

using support::at;
using support::Capture;
using support::text_of;
using xray::Namespace;
using xray::clients::Tracing;
using xray::preload::Leaving;
using xray::preload::ProcessSegment;
using xray::preload::TraceVariable;

namespace {

constexpr const char* sampled_trace =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
constexpr const char* unsampled_trace =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";

/// What the library does when it is loaded.
void load(const char* header) {
  setenv("_X_AMZN_TRACE_ID", header, 1);
  TraceVariable::enter();
  ProcessSegment::allow();
  static constexpr xray::clients::OuterTrace process{&ProcessSegment::tracing,
                                                     &ProcessSegment::context};
  xray::clients::set_outer_trace(&process);
}

void call() {
  const auto subsegment = xray::clients::begin_call("call", Namespace::remote);
}

/// Runs something in a forked child, which must end well.
template <typename Work>
void in_child(Work&& work) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace

TEST(ProcessSegment, before_the_library_is_loaded_there_is_none) {
  IN_A_FRESH_PROCESS({
    EXPECT_FALSE(ProcessSegment::context());
    ProcessSegment::end(Leaving::process);
  });
}

TEST(ProcessSegment, begins_with_the_first_call_and_is_current_nowhere) {
  IN_A_FRESH_PROCESS({
    Capture capture;
    load(sampled_trace);
    ProcessSegment::end(Leaving::program);
    ProcessSegment::stay();
    EXPECT_TRUE(capture.documents().empty());
    call();
    EXPECT_FALSE(xray::current_context());
    ProcessSegment::end(Leaving::process);
    const auto document = capture.document();
    EXPECT_EQ(text_of(at(document, "name")), program_invocation_short_name);
    EXPECT_EQ(text_of(at(document, "trace_id")), "1-5759e988-bd862e3fe1be46a994272793");
    EXPECT_EQ(text_of(at(document, "parent_id")), "53995c3f42cd8ad8");
    EXPECT_EQ(text_of(at(support::only_subsegment(document), "name")), "call");
  });
}

TEST(ProcessSegment, is_in_the_environment_from_then_on) {
  IN_A_FRESH_PROCESS({
    Capture capture;
    load(sampled_trace);
    call();
    const auto header = xray::TraceHeader::parse(std::getenv("_X_AMZN_TRACE_ID"));
    ProcessSegment::end(Leaving::process);
    EXPECT_EQ(text_of(at(capture.document(), "id")), header.parent_id().to_string().view());
    EXPECT_EQ(header.sampling(), xray::Sampling::sampled);
  });
}

TEST(ProcessSegment, that_is_not_sampled_says_so_in_the_environment) {
  IN_A_FRESH_PROCESS({
    Capture capture;
    load(unsampled_trace);
    EXPECT_EQ(xray::clients::tracing(), xray::clients::Tracing::unsampled);
    const auto header = xray::TraceHeader::parse(std::getenv("_X_AMZN_TRACE_ID"));
    EXPECT_EQ(header.sampling(), xray::Sampling::not_sampled);
    ProcessSegment::end(Leaving::process);
    EXPECT_TRUE(capture.documents().empty());
  });
}

TEST(ProcessSegment, ends_once_and_none_begins_after_it) {
  IN_A_FRESH_PROCESS({
    Capture capture;
    load(sampled_trace);
    call();
    ProcessSegment::end(Leaving::process);
    ProcessSegment::end(Leaving::process);
    ProcessSegment::stay();
    call();
    EXPECT_FALSE(ProcessSegment::context());
    EXPECT_EQ(capture.documents().size(), 1U);
  });
}

TEST(ProcessSegment, where_another_program_does_not_come_another_one_begins) {
  IN_A_FRESH_PROCESS({
    Capture capture;
    load(sampled_trace);
    call();
    ProcessSegment::end(Leaving::program);
    call();  // another thread's, meanwhile
    ProcessSegment::stay();
    call();
    ProcessSegment::end(Leaving::process);
    EXPECT_EQ(capture.documents().size(), 2U);
  });
}

TEST(ProcessSegment, what_is_open_ends_with_it) {
  IN_A_FRESH_PROCESS({
    Capture capture;
    load(sampled_trace);
    auto open = xray::clients::begin_call("open", Namespace::remote);
    ProcessSegment::end(Leaving::process);
    const auto document = capture.document();
    EXPECT_EQ(text_of(at(support::only_subsegment(document), "name")), "open");
    EXPECT_TRUE(support::only_subsegment(document).HasMember("end_time"));
    capture.clear();
    open.reset();  // no harm: it is said again, and apart
    EXPECT_EQ(text_of(at(capture.document(), "type")), "subsegment");
  });
}

TEST(ProcessSegment, can_be_announced_while_it_runs) {
  IN_A_FRESH_PROCESS({
    Capture capture;
    load(sampled_trace);
    ProcessSegment::announce();
    EXPECT_TRUE(capture.documents().empty());
    call();
    ProcessSegment::announce();
    EXPECT_TRUE(at(capture.document(), "in_progress").GetBool());
    ProcessSegment::end(Leaving::process);
    ProcessSegment::announce();
    EXPECT_EQ(capture.documents().size(), 2U);
  });
}

TEST(ProcessSegment, of_a_thread_with_a_segment_of_its_own_it_takes_nothing) {
  IN_A_FRESH_PROCESS({
    Capture capture;
    load(sampled_trace);
    {
      const xray::Segment own("own", xray::TraceHeader::parse("Sampled=1"));
      call();
    }
    ProcessSegment::end(Leaving::process);
    EXPECT_EQ(text_of(at(capture.document(), "name")), "own");
  });
}

TEST(ProcessSegment, a_forked_child_has_its_own_below_it) {
  IN_A_FRESH_PROCESS({
    Capture capture;
    load(sampled_trace);
    call();
    const auto parent = xray::TraceHeader::parse(TraceVariable::text()).parent_id().to_string();
    in_child([&capture, &parent] {
      capture.clear();
      ProcessSegment::end(Leaving::program);  // the parent's is not its to end
      ProcessSegment::stay();
      EXPECT_TRUE(capture.documents().empty());
      call();
      ProcessSegment::end(Leaving::process);
      EXPECT_EQ(text_of(at(capture.document(), "parent_id")), parent.view());
    });
    ProcessSegment::end(Leaving::process);
    EXPECT_EQ(capture.documents().size(), 1U);
  });
}

TEST(ProcessSegment, a_child_of_vfork_ends_nothing) {
  IN_A_FRESH_PROCESS({
    Capture capture;
    load(sampled_trace);
    call();
    const pid_t child = vfork();
    if (child == 0) {
      ProcessSegment::end(Leaving::process);
      _exit(0);
    }
    waitpid(child, nullptr, 0);
    EXPECT_TRUE(capture.documents().empty());
    call();
    ProcessSegment::end(Leaving::process);
    EXPECT_EQ(at(capture.document(), "subsegments").Size(), 2U);
  });
}

TEST(ProcessSegment, begins_once_however_many_threads_call_first) {
  IN_A_FRESH_PROCESS({
    Capture capture;
    load(sampled_trace);
    std::atomic<int> ready{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&ready] {
        ready.fetch_add(1);
        while (ready.load() < 8) std::this_thread::yield();
        call();
      });
    }
    for (std::thread& thread : threads) thread.join();
    ProcessSegment::end(Leaving::process);
    EXPECT_EQ(at(capture.document(), "subsegments").Size(), 8U);
  });
}

TEST(ProcessSegment, may_end_while_threads_call) {
  IN_A_FRESH_PROCESS({
    Capture capture;
    load(sampled_trace);
    std::atomic<bool> stop{false};
    std::atomic<int> calls{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&stop, &calls] {
        while (!stop.load()) {
          call();
          calls.fetch_add(1);
        }
      });
    }
    while (calls.load() < 1000) std::this_thread::yield();
    for (int i = 0; i < 20; ++i) {
      ProcessSegment::end(Leaving::program);
      ProcessSegment::stay();
    }
    ProcessSegment::end(Leaving::process);
    stop.store(true);
    for (std::thread& thread : threads) thread.join();
    for (const std::string& text : capture.texts()) EXPECT_FALSE(text.empty());
    EXPECT_FALSE(ProcessSegment::context());
  });
}

TEST(ProcessSegment, says_whether_calls_are_recorded_from_the_first_one_to_the_end) {
  for (const char* header : {sampled_trace, unsampled_trace}) {
    IN_A_FRESH_PROCESS({
      const Capture capture;
      EXPECT_EQ(ProcessSegment::tracing(), Tracing::none);
      load(header);
      const Tracing expected = header == sampled_trace ? Tracing::sampled : Tracing::unsampled;
      EXPECT_EQ(xray::clients::tracing(), expected);
      std::thread([expected] { EXPECT_EQ(xray::clients::tracing(), expected); }).join();
      EXPECT_FALSE(xray::current_context());
      ProcessSegment::end(Leaving::process);
      EXPECT_EQ(xray::clients::tracing(), Tracing::none);
    });
  }
}
