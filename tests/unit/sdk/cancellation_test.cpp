// Threads that are cancelled while the SDK works for them.
#include <xray/xray.hpp>

#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>

#include "support/documents.hpp"
#include "support/process.hpp"

// The address sanitizer of GCC 12 takes the stack of a thread that unwinds for a fault.
#if !defined(__SANITIZE_ADDRESS__)

namespace {

/// Runs `work` on a thread that is to be cancelled at the first place where that may happen. True
/// if all of `work` was done and the thread was cancelled after it.
bool ends_after(void (*work)()) {
  struct Thread {
    void (*work)();
    bool is_done = false;
  } mine{work};
  const auto run = [](void* argument) -> void* {
    auto& thread = *static_cast<Thread*>(argument);
    pthread_cancel(pthread_self());
    thread.work();
    thread.is_done = true;
    pthread_testcancel();
    return nullptr;
  };
  pthread_t thread{};
  if (pthread_create(&thread, nullptr, run, &mine) != 0) return false;
  void* result = nullptr;
  pthread_join(thread, &result);
  return mine.is_done && result == PTHREAD_CANCELED;
}

/// Writes where it is told, as programs' own emitters do.
class Writing : public xray::Emitter {
 public:
  explicit Writing(int descriptor) noexcept : descriptor_(descriptor) {}
  void emit(std::string_view document) noexcept override {
    if (write(descriptor_, document.data(), document.size()) > 0) ++count;
  }
  int count = 0;

 private:
  int descriptor_;
};

void record() {
  const xray::Segment segment("cancelled", xray::TraceHeader::parse("Sampled=1"));
  const xray::Subsegment subsegment("inner");
}

}  // namespace

TEST(Cancellation, of_a_thread_that_records_waits_until_its_segment_is_whole) {
  IN_A_FRESH_PROCESS({
    support::Capture capture;
    EXPECT_TRUE(ends_after(&record));
    const auto document = capture.document();
    EXPECT_TRUE(document.HasMember("end_time"));
    EXPECT_TRUE(support::only_subsegment(document).HasMember("end_time"));
  });
}

TEST(Cancellation, of_a_thread_that_sends_waits_until_all_is_sent) {
  IN_A_FRESH_PROCESS({
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const auto emitter = std::make_shared<Writing>(ends[1]);
    xray::Configuration configuration;
    configuration.emitter = emitter;
    configuration.synchronous = true;
    ASSERT_FALSE(xray::configure(configuration));
    EXPECT_TRUE(ends_after(&record));
    EXPECT_EQ(emitter->count, 1);
    record();  // nothing is left locked
    EXPECT_EQ(emitter->count, 2);
  });
}

TEST(Cancellation, of_a_thread_that_is_told_something_waits_until_it_is_said) {
  IN_A_FRESH_PROCESS({
    const support::Capture capture;
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    EXPECT_TRUE(ends_after([] { const xray::Subsegment orphan("orphan"); }));
    char line[512] = {};
    EXPECT_GT(read(ends[0], line, sizeof line - 1), 0);
    EXPECT_NE(std::string_view(line).find("segment"), std::string_view::npos) << line;
  });
}

TEST(Cancellation, that_a_thread_does_not_allow_stays_so) {
  support::Capture capture;
  int before = -1;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
  record();
  int after = -1;
  pthread_setcancelstate(before, &after);
  EXPECT_EQ(after, PTHREAD_CANCEL_DISABLE);
}

#endif
