// Killed at any moment, the store opens again and has all that was committed.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "local/store.hpp"
#include "temporary_directory.hpp"
#include "test_documents.hpp"

namespace xrayd::local {
namespace {

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

StoreSettings settings(const TemporaryDirectory& directory) {
  return {directory.path() / "data", min_retention_bytes, std::chrono::hours(1), now_ms};
}

// So many in one transaction that most kills come in the middle of one.
constexpr std::uint64_t traces_at_once = 50;

// Writes traces from `first` on, and into the pipe how far it came, after each commit.
[[noreturn]] void write_until_killed(const TemporaryDirectory& directory, std::uint64_t first,
                                     int pipe) {
  Store store(settings(directory));
  const std::string user = R"(,"user":")" + std::string(2000, 'x') + '"';
  for (std::uint64_t next = first;;) {
    std::vector<TraceBatch> batches;
    for (std::uint64_t i = 0; i < traces_at_once; ++i, ++next) {
      batches.push_back(batch_of({segment_text(test_trace_id(next), 1, user),
                                  subsegment_text(test_trace_id(next), 2, 1)}));
    }
    WriteCounts counts;
    store.write(batches, counts);
    if (::write(pipe, &next, sizeof next) != sizeof next) ::_exit(1);
  }
}

TEST(Crash, a_killed_writer_loses_nothing_that_was_committed) {
  const TemporaryDirectory directory;
  std::uint64_t next = 0;
  for (int round = 0; round < 12; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      write_until_killed(directory, next, ends[1]);
    }
    ::close(ends[1]);
    std::uint64_t committed = next;
    ASSERT_EQ(::read(ends[0], &committed, sizeof committed),
              static_cast<ssize_t>(sizeof committed));
    // Other moments in every round.
    std::this_thread::sleep_for(std::chrono::microseconds(7919 * round));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    while (::read(ends[0], &committed, sizeof committed) ==
           static_cast<ssize_t>(sizeof committed)) {
    }
    ::close(ends[0]);

    const Store store(settings(directory));
    EXPECT_EQ(store.status().damaged, 0);
    const auto complete = [&store](std::uint64_t n) {
      const auto trace = store.trace(test_trace_id(n));
      return trace && trace->documents.size() == 2;
    };
    // The store may have let go of the oldest by now, never of the newest.
    const auto newest = committed - traces_at_once;
    for (std::uint64_t n = std::max(next, newest); n < committed; ++n)
      ASSERT_TRUE(complete(n)) << n;
    // What was being written when the kill came is there as a whole or not at all.
    const bool unsure = complete(committed);
    for (std::uint64_t n = committed; n < committed + traces_at_once; ++n) {
      ASSERT_EQ(complete(n), unsure) << n;
    }
    EXPECT_EQ(store.status().damaged, 0);
    next = committed + traces_at_once;
  }
}

}  // namespace
}  // namespace xrayd::local
