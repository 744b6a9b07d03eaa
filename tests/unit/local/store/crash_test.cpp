// Killed at any moment, the store opens again and has all that was safe.

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

#include "local/store/ingest.hpp"
#include "store_fixture.hpp"

namespace xrayd::local {
namespace {

std::int64_t real_now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

StoreSettings settings(const TemporaryDirectory& directory) {
  using namespace std::chrono_literals;
  StoreSettings settings;
  settings.data_dir = directory.path() / "data";
  settings.clock = real_now_ms;
  // So little and so soon that flushes and journals' ends come all the time.
  settings.live.bytes = 400'000;
  settings.live.quiet = 5ms;
  settings.live.patience = 5ms;
  return settings;
}

constexpr std::uint64_t traces_at_once = 50;

// Stores traces from `first` on, and writes into the pipe how far it came, whenever it was told
// that they are stored. Documents of a trace come apart, so that most meet on disk.
[[noreturn]] void store_until_killed(const TemporaryDirectory& directory, std::uint64_t first,
                                     int pipe) {
  IngestCounters counters;
  Store store(settings(directory));
  Ingest ingest(store, counters, 16U << 20U);
  const std::string more = ballast(1000);
  for (std::uint64_t next = first;;) {
    std::vector<SegmentDocument> documents;
    for (std::uint64_t i = 0; i < traces_at_once; ++i, ++next) {
      documents.push_back(document_of(segment_text(test_trace_id(next), 1, more)));
      if (next >= first + traces_at_once) {
        const auto earlier = test_trace_id(next - traces_at_once);
        documents.push_back(document_of(subsegment_text(earlier, 2, 1)));
      }
    }
    if (!ingest.store(std::move(documents)).empty()) ::_exit(1);
    if (::write(pipe, &next, sizeof next) != sizeof next) ::_exit(1);
  }
}

TEST(Crash, a_kill_takes_nothing_that_was_answered_as_stored) {
  const TemporaryDirectory directory;
  std::uint64_t next = 1;
  std::uint64_t safe = 0;
  for (int round = 0; round < 12; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      store_until_killed(directory, next, ends[1]);
    }
    ::close(ends[1]);
    std::uint64_t stored = next;
    ASSERT_EQ(::read(ends[0], &stored, sizeof stored), static_cast<ssize_t>(sizeof stored));
    // Other moments in every round.
    std::this_thread::sleep_for(std::chrono::microseconds(7919 * round));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    while (::read(ends[0], &stored, sizeof stored) == static_cast<ssize_t>(sizeof stored)) {
    }
    ::close(ends[0]);

    const Store store(settings(directory));
    EXPECT_EQ(store.status().damaged, 0);
    for (std::uint64_t n = next; n < stored; ++n) {
      const auto trace = store.trace(test_trace_id(n));
      ASSERT_TRUE(trace) << n;
      const std::size_t documents = n + traces_at_once < stored ? 2 : 1;
      ASSERT_GE(trace->documents.size(), documents) << n;
      ASSERT_LE(trace->documents.size(), 2U) << n;
    }
    RecordQuery query;
    query.end = 1e12;
    query.matches = 1'000'000;
    query.scanned = 1'000'000;
    const auto listed = store.records(query).records.size();
    safe += stored - next;
    EXPECT_GE(listed, safe);
    // The sums have what the lists have.
    const auto graph = store.graph(0, 1e12);
    std::int64_t calls = 0;
    for (const auto& [key, node] : graph.nodes()) {
      if (key.type != "client") calls += node.statistics.total();
    }
    EXPECT_EQ(calls, static_cast<std::int64_t>(listed));
    next = stored + 2 * traces_at_once;
  }
}

// Offers documents as datagrams come, and tells before each when that was.
[[noreturn]] void offer_until_killed(const TemporaryDirectory& directory, int pipe) {
  IngestCounters counters;
  Store store(settings(directory));
  Ingest ingest(store, counters, 16U << 20U);
  for (std::uint64_t n = 1;; ++n) {
    const auto text = segment_text(test_trace_id(n), 1);
    const std::string_view body = text;
    ingest.offer({&body, 1});
    const std::int64_t when = real_now_ms();
    if (::write(pipe, &when, sizeof when) != sizeof when) ::_exit(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST(Crash, a_kill_takes_only_the_documents_of_the_last_moment) {
  const TemporaryDirectory directory;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::close(ends[0]);
    offer_until_killed(directory, ends[1]);
  }
  ::close(ends[1]);
  std::vector<std::int64_t> offered;
  std::int64_t when = 0;
  // A machine under load may let nobody run for seconds: the promise is 50 ms, the test 10 s.
  constexpr std::int64_t generous_ms = 10'000;
  while (offered.size() < 500 &&
         ::read(ends[0], &when, sizeof when) == static_cast<ssize_t>(sizeof when)) {
    offered.push_back(when);
  }
  const auto killed = real_now_ms();
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  ::close(ends[0]);

  const Store store(settings(directory));
  std::uint64_t there = 0;
  for (std::uint64_t n = 1; n <= offered.size(); ++n) {
    const bool found = store.trace(test_trace_id(n)).has_value();
    there += found ? 1 : 0;
    ASSERT_TRUE(found || offered[n - 1] >= killed - generous_ms) << n;
  }
  EXPECT_GT(there, 0U);
}

}  // namespace
}  // namespace xrayd::local
