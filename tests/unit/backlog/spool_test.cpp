#include "backlog/spool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "spool_test_tools.hpp"
#include "startup_error.hpp"

namespace xrayd::backlog {
namespace {

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777U;
}

TEST(Spool, what_is_left_at_the_end_is_there_at_the_next_start_in_order) {
  const SpoolFolder folder;
  const auto documents = numbered(333);
  leave(folder.settings(), documents);
  Backlog backlog(folder.settings());
  EXPECT_EQ(backlog.waiting(), 333U);
  EXPECT_EQ(counter(backlog, "xrayd_spool_found_total"), 333);
  offer(backlog, numbered(50, 333));
  EXPECT_EQ(drain(backlog), numbered(383)) << "the spool's first";
  EXPECT_EQ(backlog.waiting(), 0U);
  EXPECT_EQ(backlog.dropped(), 0U);
  EXPECT_EQ(counter(backlog, "xrayd_spool_bytes"), 0);
  EXPECT_TRUE(folder.files().empty()) << "delivered files go";
}

TEST(Spool, files_are_for_their_owner_s_eyes_only) {
  const SpoolFolder folder;
  leave(folder.settings(), {"{}"});
  ASSERT_EQ(folder.files().size(), 1U);
  EXPECT_EQ(mode_of(folder.path()), 0700U);
  EXPECT_EQ(mode_of(folder.files()[0]), 0600U);
}

TEST(Spool, a_directory_that_another_daemon_has_is_named_and_refused) {
  const SpoolFolder folder;
  const Backlog first(folder.settings());
  try {
    const Backlog second(folder.settings());
    FAIL() << "two have it";
  } catch (const StartupError& error) {
    EXPECT_EQ(std::string(error.what()),
              folder.path().string() + ": another xrayd is using this spool directory");
  }
}

TEST(Spool, a_directory_that_can_t_be_made_is_named) {
  const SpoolFolder folder;
  std::filesystem::create_directories(folder.path().parent_path());
  write_file(folder.path(), "a file");
  try {
    const Backlog backlog(folder.settings());
    FAIL() << "made in a file";
  } catch (const StartupError& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with(folder.path().string() + ": "))
        << error.what();
  }
}

TEST(Spool, while_the_service_fails_each_batch_is_on_disk_before_it_is_tried) {
  const SpoolFolder folder;
  BacklogSettings settings = folder.settings();
  settings.batch_time = 2ms;
  Backlog backlog(settings);
  backlog.upstream_fails(true);
  offer(backlog, {"one"});
  auto batch = backlog.take(soon());
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->place);
  EXPECT_EQ(batch->body, R"({"TraceSegmentDocuments":["one"]})");
  EXPECT_EQ(counter(backlog, "xrayd_spool_documents"), 1);
  EXPECT_EQ(backlog.waiting(), 1U);
  batch->attempts = 7;
  backlog.put_back(std::move(*batch));
  EXPECT_EQ(counter(backlog, "xrayd_queue_bytes"), 0) << "what is on disk is not in memory, too";
  batch = backlog.take(soon());
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->attempts, 7);
  backlog.done(std::move(*batch));
  EXPECT_EQ(backlog.waiting(), 0U);
  EXPECT_EQ(counter(backlog, "xrayd_spool_written_total"), 1);
}

TEST(Spool, what_was_under_way_when_the_service_failed_goes_to_the_spool_too) {
  const SpoolFolder folder;
  Backlog backlog(folder.settings());
  offer(backlog, numbered(100));
  auto first = backlog.take(at_once());
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->place);
  backlog.upstream_fails(true);
  backlog.put_back(std::move(*first));
  EXPECT_TRUE(all_is_spooled(backlog));
  EXPECT_EQ(counter(backlog, "xrayd_spool_documents"), 100);
  backlog.upstream_fails(false);
  // The second may have been spooled before the first came back.
  EXPECT_THAT(drain(backlog), testing::UnorderedElementsAreArray(numbered(100)));
}

TEST(Spool, memory_over_half_full_goes_to_the_spool_from_the_oldest_on) {
  const SpoolFolder folder;
  BacklogSettings settings = folder.settings();
  settings.memory_bytes = 200'000;
  Backlog backlog(settings);
  std::vector<std::string> documents;
  for (std::size_t i = 0; i < 1000; ++i) {
    documents.push_back(std::to_string(i) + std::string(1000, 'd'));
    offer(backlog, {documents.back()});
    // The sender waits as a stream's does, so that nothing need be dropped.
    ASSERT_TRUE(eventually([&] { return backlog.has_room(); }));
  }
  EXPECT_GT(counter(backlog, "xrayd_spool_documents"), 700);
  backlog.close();
  EXPECT_EQ(drain(backlog), documents);
  EXPECT_EQ(backlog.dropped(), 0U);
}

TEST(Spool, a_process_that_is_killed_loses_nothing_that_was_spooled) {
  const SpoolFolder folder;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Backlog backlog(folder.settings());
    backlog.upstream_fails(true);
    offer(backlog, numbered(500));
    if (!all_is_spooled(backlog)) ::_exit(1);
    for (int i = 0; i < 3; ++i) {
      if (auto batch = backlog.take(soon())) backlog.done(std::move(*batch));
    }
    const auto under_way = backlog.take(soon());
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  Backlog backlog(folder.settings());
  EXPECT_EQ(drain(backlog), numbered(350, 150));
  EXPECT_EQ(counter(backlog, "xrayd_spool_damaged_total"), 0);
}

TEST(Spool, killed_at_any_moment_its_files_are_good_to_the_last_whole_record) {
  std::mt19937 random(5);
  for (int round = 0; round < 4; ++round) {
    const SpoolFolder folder;
    BacklogSettings settings = folder.settings();
    settings.spool_bytes = std::uint64_t{16} << 20U;
    const std::uintmax_t enough = 1000 + random() % 500'000;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Backlog backlog(settings);
      backlog.upstream_fails(true);
      for (std::size_t first = 0; first < 300'000; first += 50) {
        while (!backlog.has_room()) std::this_thread::yield();
        offer(backlog, numbered(50, first));
      }
      ::_exit(1);
    }
    EXPECT_TRUE(eventually([&] {
      const auto files = folder.files();
      std::uintmax_t bytes = 0;
      for (const auto& file : files) bytes += std::filesystem::file_size(file);
      return bytes >= enough;
    }));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "killed amid its work";
    Backlog backlog(settings);
    const auto rest = drain(backlog);
    EXPECT_GT(rest.size(), 0U);
    EXPECT_EQ(rest.size() % 50, 0U);
    EXPECT_EQ(rest, numbered(rest.size()));
    EXPECT_EQ(counter(backlog, "xrayd_spool_damaged_total"), 0);
    EXPECT_EQ(backlog.dropped(), 0U);
  }
}

TEST(Spool, beyond_its_bytes_the_oldest_file_goes_and_is_counted) {
  const SpoolFolder folder;
  BacklogSettings settings = folder.settings();
  settings.spool_bytes = 80'000;
  Backlog backlog(settings);
  backlog.upstream_fails(true);
  std::vector<std::string> documents;
  for (std::size_t i = 0; i < 3000; ++i) {
    documents.push_back(std::to_string(i) + std::string(50, 'd'));
  }
  offer(backlog, documents);
  ASSERT_TRUE(all_is_spooled(backlog));
  EXPECT_LE(counter(backlog, "xrayd_spool_bytes"), 80'000);
  std::uintmax_t bytes = 0;
  for (const auto& file : folder.files()) {
    EXPECT_LE(std::filesystem::file_size(file), 10'000U);
    bytes += std::filesystem::file_size(file);
  }
  EXPECT_EQ(bytes, static_cast<std::uintmax_t>(counter(backlog, "xrayd_spool_bytes")));
  EXPECT_GT(bytes, 60'000U) << "the room is used";
  const auto lost = static_cast<std::ptrdiff_t>(backlog.dropped());
  EXPECT_EQ(dropped(backlog, "spool"), lost);
  EXPECT_EQ(drain(backlog), std::vector<std::string>(documents.begin() + lost, documents.end()));
}

TEST(Spool, a_batch_that_is_under_way_outlives_its_file) {
  for (const bool delivered : {true, false}) {
    const SpoolFolder folder;
    BacklogSettings settings = folder.settings();
    settings.spool_bytes = 80'000;
    Backlog backlog(settings);
    backlog.upstream_fails(true);
    offer(backlog, numbered(50));
    auto batch = backlog.take(soon());
    ASSERT_TRUE(batch && batch->place);
    offer(backlog, numbered(5000, 50));
    ASSERT_TRUE(all_is_spooled(backlog));
    ASSERT_GT(dropped(backlog, "spool"), 1000) << "the first file is gone";
    EXPECT_EQ(backlog.waiting() + backlog.dropped(), 5050U);
    if (delivered) {
      backlog.done(std::move(*batch));
    } else {
      backlog.put_back(std::move(*batch));
      backlog.upstream_fails(false);
    }
    const auto rest = drain(backlog);
    EXPECT_EQ(rest.size() + backlog.dropped(), delivered ? 5000U : 5050U);
    const bool is_there = std::find(rest.begin(), rest.end(), numbered(1)[0]) != rest.end();
    EXPECT_EQ(is_there, !delivered);
    EXPECT_EQ(backlog.waiting(), 0U);
  }
}

TEST(Spool, a_batch_longer_than_all_of_it_is_dropped_and_counted) {
  const SpoolFolder folder;
  BacklogSettings settings = folder.settings();
  settings.spool_bytes = 1000;
  Backlog backlog(settings);
  offer(backlog, std::vector<std::string>(50, std::string(100, 'x')));
  offer(backlog, {"short"});
  backlog.close();
  backlog.save(soon());
  EXPECT_EQ(dropped(backlog, "spool"), 50);
  EXPECT_EQ(counter(backlog, "xrayd_spool_documents"), 1);
}

TEST(Spool, what_comes_back_after_the_end_is_saved_too) {
  const SpoolFolder folder;
  {
    Backlog backlog(folder.settings());
    offer(backlog, numbered(120));
    auto under_way = backlog.take(at_once());
    ASSERT_TRUE(under_way);
    backlog.close();
    backlog.save(soon());
    EXPECT_FALSE(backlog.take(soon() + 1h));
    backlog.put_back(std::move(*under_way));
  }
  Backlog backlog(folder.settings());
  EXPECT_EQ(backlog.waiting(), 120U);
}

TEST(Spool, beyond_the_deadline_the_rest_is_counted) {
  const SpoolFolder folder;
  std::uint64_t saved = 0;
  std::uint64_t lost = 0;
  {
    Backlog backlog(folder.settings());
    offer(backlog, numbered(1000));
    backlog.close();
    backlog.save(Backlog::Clock::now());
    lost = backlog.dropped();
    EXPECT_GT(lost, 0U);
    ASSERT_TRUE(all_is_spooled(backlog)) << "but for one that was being written";
    saved = backlog.waiting();
  }
  EXPECT_EQ(saved + lost, 1000U);
  EXPECT_EQ(Backlog(folder.settings()).waiting(), saved);
}

TEST(Spool, nothing_is_lost_or_doubled_between_threads) {
  const SpoolFolder folder;
  BacklogSettings settings = folder.settings();
  settings.memory_bytes = 100'000;
  settings.spool_bytes = 400'000;
  settings.batch_bytes = 4000;
  settings.batch_time = 1ms;
  Backlog backlog(settings);
  constexpr std::size_t offerers = 2;
  constexpr std::size_t each = 8000;
  std::vector<std::atomic<int>> seen(offerers * each);
  std::atomic<std::uint64_t> delivered{0};
  std::vector<std::thread> takers;
  takers.reserve(3);
  for (unsigned i = 0; i < 3; ++i) {
    takers.emplace_back([&, i] {
      std::mt19937 random(i);
      while (auto batch = backlog.take(soon())) {
        const auto chance = random() % 8;
        if (chance < 2) backlog.upstream_fails(chance == 0);
        if (chance < 4) {
          backlog.put_back(std::move(*batch));
          continue;
        }
        if (chance == 4 && batch->documents.size() > 1) {
          // One of them is throttled.
          backlog.put_back(select(*batch, {0}));
          delivered -= 1;
          --seen.at(std::stoul(std::string(batch->document(0))));
        }
        for (const std::string& document : documents_of(*batch)) {
          ++seen.at(std::stoul(document));
          ++delivered;
        }
        backlog.done(std::move(*batch));
      }
    });
  }
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < offerers; ++i) {
    threads.emplace_back([&, i] {
      for (std::size_t n = 0; n < each; n += 8) {
        std::vector<std::string> documents;
        for (std::size_t k = 0; k < 8; ++k) {
          documents.push_back(std::to_string(i * each + n + k) + std::string(n % 200, ' '));
        }
        offer(backlog, documents);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  backlog.upstream_fails(false);
  backlog.close();
  for (std::thread& taker : takers) taker.join();
  for (const std::string& document : drain(backlog)) {
    ++seen.at(std::stoul(document));
    ++delivered;
  }
  EXPECT_EQ(delivered + backlog.dropped(), offerers * each);
  EXPECT_EQ(backlog.waiting(), 0U);
  EXPECT_EQ(counter(backlog, "xrayd_queue_bytes"), 0);
  EXPECT_EQ(counter(backlog, "xrayd_spool_bytes"), 0);
  EXPECT_EQ(dropped(backlog, "unreadable"), 0);
  for (const auto& times : seen) EXPECT_LE(times, 1);
}

}  // namespace
}  // namespace xrayd::backlog
