#include "backlog/backlog.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "backlog_test_tools.hpp"

namespace xrayd::backlog {
namespace {

TEST(Backlog, fifty_documents_are_a_batch_byte_for_byte_and_in_order) {
  Backlog backlog(roomy());
  const auto documents = numbered(120);
  offer(backlog, documents);
  for (const std::size_t first : {0U, 50U}) {
    auto batch = backlog.take(at_once());
    ASSERT_TRUE(batch);
    const auto begin = documents.begin() + static_cast<std::ptrdiff_t>(first);
    EXPECT_EQ(documents_of(*batch), std::vector<std::string>(begin, begin + 50));
    backlog.done(std::move(*batch));
  }
  EXPECT_FALSE(backlog.take(at_once())) << "twenty are neither enough nor due";
  EXPECT_EQ(backlog.waiting(), 20U);
  EXPECT_EQ(counter(backlog, "xrayd_batches_formed_total"), 2);
}

TEST(Backlog, what_is_due_leaves_though_it_is_not_full) {
  BacklogSettings settings = roomy();
  settings.batch_time = 30ms;
  Backlog backlog(settings);
  const auto before = Backlog::Clock::now();
  offer(backlog, {"one"});
  auto batch = backlog.take(soon());
  ASSERT_TRUE(batch);
  EXPECT_GE(Backlog::Clock::now(), before + 30ms);
  EXPECT_EQ(batch->body, R"({"TraceSegmentDocuments":["one"]})");
  EXPECT_GE(batch->begun, before);
  EXPECT_EQ(batch->attempts, 0);
  backlog.done(std::move(*batch));
}

TEST(Backlog, what_comes_while_somebody_waits_is_due_in_its_time) {
  BacklogSettings settings = roomy();
  settings.batch_time = 20ms;
  Backlog backlog(settings);
  std::thread taker([&] {
    if (auto batch = backlog.take(soon())) backlog.done(std::move(*batch));
  });
  offer(backlog, {"one"});
  taker.join();
  EXPECT_EQ(backlog.waiting(), 0U);
}

TEST(Backlog, a_full_batch_wakes_who_waits) {
  Backlog backlog(roomy());
  std::thread taker([&] {
    if (auto batch = backlog.take(soon())) backlog.done(std::move(*batch));
  });
  offer(backlog, numbered(50));
  taker.join();
  EXPECT_EQ(backlog.waiting(), 0U);
}

TEST(Backlog, nothing_comes_before_its_time) {
  Backlog backlog(roomy());
  const auto until = Backlog::Clock::now() + 20ms;
  EXPECT_FALSE(backlog.take(until));
  EXPECT_GE(Backlog::Clock::now(), until);
}

TEST(Backlog, a_batch_is_bounded_in_bytes_as_it_leaves) {
  BacklogSettings settings = roomy();
  settings.batch_bytes = 1000;
  Backlog backlog(settings);
  std::mt19937 random(1);
  std::vector<std::string> documents;
  documents.reserve(500);
  for (int i = 0; i < 500; ++i) {
    // Quotes double, control characters are six times as long.
    documents.emplace_back(random() % 300, "\"\x01x"[random() % 3]);
  }
  offer(backlog, documents);
  backlog.close();
  std::vector<std::string> taken;
  while (auto batch = backlog.take(at_once())) {
    if (batch->documents.size() > 1) {
      EXPECT_LE(batch->body.size(), 1000U);
    }
    for (auto& document : documents_of(*batch)) taken.push_back(std::move(document));
    backlog.done(std::move(*batch));
  }
  EXPECT_EQ(taken, documents);
}

TEST(Backlog, a_document_longer_than_a_batch_leaves_alone_and_one_beyond_the_limit_is_counted) {
  BacklogSettings settings = roomy();
  settings.memory_bytes = 100'000;
  settings.batch_bytes = 1000;
  Backlog backlog(settings);
  EXPECT_EQ(backlog.longest_document(), 50'000U);
  const std::string longest(50'000, 'x');
  offer(backlog, {"short", longest, "short, too", longest + "x"});
  EXPECT_EQ(dropped(backlog, "too_large"), 1);
  auto batch = backlog.take(at_once());
  ASSERT_TRUE(batch);
  EXPECT_EQ(documents_of(*batch), std::vector<std::string>{"short"});
  backlog.done(std::move(*batch));
  batch = backlog.take(at_once());
  ASSERT_TRUE(batch);
  EXPECT_EQ(documents_of(*batch), std::vector<std::string>{longest});
  backlog.done(std::move(*batch));
  backlog.close();
  EXPECT_EQ(drain(backlog), std::vector<std::string>{"short, too"});
  EXPECT_EQ(Backlog(BacklogSettings{}).longest_document(), std::size_t{1} << 20U);
}

TEST(Backlog, without_room_the_oldest_go_and_are_counted) {
  BacklogSettings settings = roomy();
  settings.memory_bytes = 400'000;
  Backlog backlog(settings);
  const std::size_t count = 2000;
  const std::string filler(900, 'f');
  std::vector<std::string> documents;
  for (std::size_t i = 0; i < count; ++i) documents.push_back(std::to_string(i) + filler);
  EXPECT_TRUE(backlog.has_room());
  for (const std::string& document : documents) {
    offer(backlog, {document});
    EXPECT_LE(counter(backlog, "xrayd_queue_bytes"), 400'000);
  }
  EXPECT_FALSE(backlog.has_room());
  backlog.close();
  const auto left = drain(backlog);
  EXPECT_GT(left.size(), 250U) << "memory is used";
  EXPECT_EQ(left, std::vector<std::string>(
                      documents.end() - static_cast<std::ptrdiff_t>(left.size()), documents.end()));
  EXPECT_EQ(left.size() + backlog.dropped(), count);
  EXPECT_EQ(static_cast<std::uint64_t>(dropped(backlog, "memory")), backlog.dropped());
  EXPECT_TRUE(backlog.has_room());
}

TEST(Backlog, what_is_under_way_fills_memory_too) {
  BacklogSettings settings = roomy();
  settings.memory_bytes = 100'000;
  Backlog backlog(settings);
  offer(backlog, std::vector<std::string>(90, std::string(1000, 'a')));
  std::vector<Batch> under_way;
  while (auto batch = backlog.take(at_once())) under_way.push_back(std::move(*batch));
  const std::uint64_t before = backlog.dropped();
  offer(backlog, std::vector<std::string>(50, std::string(1000, 'b')));
  EXPECT_GT(backlog.dropped(), before) << "the new ones have no room";
  for (Batch& batch : under_way) backlog.done(std::move(batch));
  backlog.close();
  drain(backlog);
  EXPECT_EQ(counter(backlog, "xrayd_queue_bytes"), 0);
  EXPECT_EQ(backlog.waiting(), 0U);
}

TEST(Backlog, what_is_put_back_is_the_next_to_be_taken) {
  Backlog backlog(roomy());
  offer(backlog, numbered(150));
  auto first = backlog.take(at_once());
  auto second = backlog.take(at_once());
  ASSERT_TRUE(first && second);
  first->attempts = 2;
  backlog.put_back(std::move(*second));
  backlog.put_back(std::move(*first));
  EXPECT_EQ(backlog.waiting(), 150U);
  auto again = backlog.take(at_once());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->attempts, 2);
  backlog.put_back(std::move(*again));
  EXPECT_EQ(drain(backlog), numbered(150));
}

TEST(Backlog, what_is_put_back_wakes_who_waits) {
  Backlog backlog(roomy());
  offer(backlog, numbered(50));
  auto batch = backlog.take(at_once());
  ASSERT_TRUE(batch);
  std::thread taker([&] {
    if (auto again = backlog.take(soon())) backlog.done(std::move(*again));
  });
  backlog.put_back(std::move(*batch));
  taker.join();
  EXPECT_EQ(backlog.waiting(), 0U);
}

TEST(Backlog, a_body_that_was_moved_away_is_settled_all_the_same) {
  Backlog backlog(roomy());
  offer(backlog, numbered(50));
  auto batch = backlog.take(at_once());
  ASSERT_TRUE(batch);
  const std::string request = std::move(batch->body);
  batch->documents.clear();
  backlog.done(std::move(*batch));
  EXPECT_EQ(backlog.waiting(), 0U);
  EXPECT_EQ(counter(backlog, "xrayd_queue_bytes"), 0);
}

TEST(Backlog, closed_it_gives_all_it_has_and_lets_go_of_who_waits) {
  Backlog backlog(roomy());
  offer(backlog, numbered(70));
  std::atomic<std::size_t> taken{0};
  std::vector<std::thread> takers;
  takers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    takers.emplace_back([&] {
      while (auto batch = backlog.take(soon() + 1h)) {
        taken += batch->documents.size();
        backlog.done(std::move(*batch));
      }
    });
  }
  backlog.close();
  for (std::thread& taker : takers) taker.join();
  EXPECT_EQ(taken, 70U);
  offer(backlog, numbered(3));
  EXPECT_EQ(dropped(backlog, "stop"), 3) << "too late";
}

TEST(Backlog, without_a_spool_what_is_left_at_the_end_is_counted) {
  Backlog backlog(roomy());
  offer(backlog, numbered(120));
  auto under_way = backlog.take(at_once());
  ASSERT_TRUE(under_way);
  backlog.close();
  backlog.save(soon());
  EXPECT_EQ(dropped(backlog, "stop"), 70);
  EXPECT_FALSE(backlog.take(soon() + 1h));
  backlog.put_back(std::move(*under_way));
  EXPECT_EQ(dropped(backlog, "stop"), 120);
  EXPECT_EQ(backlog.waiting(), 0U);
}

TEST(Backlog, nothing_is_lost_or_doubled_between_threads) {
  BacklogSettings settings = roomy();
  settings.memory_bytes = 300'000;
  settings.batch_bytes = 4000;
  settings.batch_time = 1ms;
  Backlog backlog(settings);
  constexpr std::size_t offerers = 3;
  constexpr std::size_t each = 4000;
  std::vector<std::atomic<int>> seen(offerers * each);
  std::atomic<std::uint64_t> delivered{0};
  std::vector<std::thread> takers;
  takers.reserve(3);
  for (unsigned i = 0; i < 3; ++i) {
    takers.emplace_back([&, i] {
      std::mt19937 random(i);
      while (auto batch = backlog.take(soon())) {
        if (random() % 4 == 0) {
          backlog.put_back(std::move(*batch));
          continue;
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
  backlog.close();
  for (std::thread& taker : takers) taker.join();
  EXPECT_EQ(delivered + backlog.dropped(), offerers * each);
  EXPECT_EQ(backlog.waiting(), 0U);
  EXPECT_EQ(counter(backlog, "xrayd_queue_bytes"), 0);
  for (const auto& times : seen) EXPECT_LE(times, 1);
}

}  // namespace
}  // namespace xrayd::backlog
