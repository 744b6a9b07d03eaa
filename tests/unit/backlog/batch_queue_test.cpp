#include "backlog/batch_queue.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "backlog_test_tools.hpp"

namespace xrayd::backlog {
namespace {

const BatchQueue::Clock::time_point start{1h};

void add(BatchQueue& queue, const std::vector<std::string>& documents,
         BatchQueue::Clock::time_point now) {
  const std::vector<std::string_view> bodies(documents.begin(), documents.end());
  queue.add(bodies, now);
}

BatchQueue make_queue() {
  return {std::uint64_t{64} << 20U, std::size_t{512} << 10U, 1s};
}

TEST(BatchQueue, a_batch_is_due_a_batch_s_time_after_its_first_document) {
  BatchQueue queue = make_queue();
  EXPECT_FALSE(queue.next_due());
  add(queue, {"one"}, start);
  add(queue, {"two"}, start + 900ms);
  EXPECT_EQ(queue.next_due(), start + 1s);
  queue.seal_due(start + 999ms, false);
  EXPECT_TRUE(queue.empty());
  queue.seal_due(start + 1s, false);
  ASSERT_FALSE(queue.empty());
  EXPECT_FALSE(queue.next_due());
  EXPECT_EQ(documents_of(queue.pop()), (std::vector<std::string>{"one", "two"}));
}

TEST(BatchQueue, what_is_not_due_can_be_had_when_no_more_comes) {
  BatchQueue queue = make_queue();
  add(queue, {"one"}, start);
  queue.seal_due(start, true);
  EXPECT_FALSE(queue.empty());
}

/// Times that a batch has documents of a trace, where so many come a second.
std::size_t pieces(std::size_t rate) {
  BatchQueue queue = make_queue();
  const std::vector<std::string> before(rate, "T1S");
  add(queue, {}, start);
  add(queue, before, start + 1s);
  queue.seal_due(start + 1s, true);
  while (!queue.empty()) queue.settle(queue.pop());

  constexpr std::size_t traces = 16;
  for (std::size_t i = 0; i < 50; ++i) {
    for (std::size_t trace = 0; trace < traces; ++trace) {
      const std::string id = std::to_string(1'000'003 * (trace + 11));
      add(queue, {R"({"trace_id":"1-5f84c7a1-0123456789ab)" + id + R"(","n":1})"}, start + 1100ms);
    }
  }
  queue.seal_due(start + 2s, true);
  std::size_t count = 0;
  while (!queue.empty()) {
    const Batch batch = queue.pop();
    const auto documents = documents_of(batch);
    count += std::set<std::string>(documents.begin(), documents.end()).size();
  }
  return count;
}

TEST(BatchQueue, documents_of_a_trace_leave_together_when_many_come) {
  EXPECT_EQ(pieces(100), 16U * 16U) << "few: each of 16 batches has all 16 traces";
  EXPECT_LE(pieces(10'000), 80U);
}

TEST(BatchQueue, memory_is_counted_to_the_last_byte) {
  BatchQueue queue = make_queue();
  std::vector<Batch> taken;
  std::uint64_t held = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    add(queue, numbered(50, i * 50), start);
    taken.push_back(queue.pop());
    held += taken.back().charge.bytes;
    EXPECT_GE(taken.back().charge.bytes, taken.back().body.capacity() + 50 * sizeof(Batch::Part));
  }
  EXPECT_EQ(queue.bytes(), held);
  EXPECT_EQ(queue.documents(), 2000U);
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (i % 2 == 0) {
      queue.settle(std::move(taken[i]));
    } else {
      queue.put_back(std::move(taken[i]));
    }
  }
  EXPECT_EQ(queue.documents(), 1000U);
  std::size_t first = 50;
  for (; !queue.empty(); first += 100) {
    Batch batch = queue.pop();
    EXPECT_EQ(documents_of(batch), numbered(50, first)) << "in the order in which they were filled";
    queue.drop(std::move(batch), Loss::stop);
  }
  EXPECT_EQ(queue.bytes(), 0U);
  EXPECT_EQ(queue.documents(), 0U);
  EXPECT_EQ(queue.lost(Loss::stop), 1000U);
}

TEST(BatchQueue, what_was_popped_for_nothing_is_the_next_again) {
  BatchQueue queue = make_queue();
  add(queue, numbered(100), start);
  queue.unpop(queue.pop());
  EXPECT_EQ(documents_of(queue.pop()), numbered(50));
}

}  // namespace
}  // namespace xrayd::backlog
