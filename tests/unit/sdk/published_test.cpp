#include <xray/impl/sampling/published.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace {

/// Counts those alive, and says so of itself.
struct Counted {
  explicit Counted(std::atomic<int>& count) : alive(count) { ++alive; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() {
    is_alive = false;
    --alive;
  }
  std::atomic<int>& alive;
  bool is_alive = true;
};

using Published = xray::detail::Published<Counted>;

void replace(Published& published, std::unique_ptr<Counted>& owned, std::unique_ptr<Counted> by) {
  published.prepare_to_retire();
  published.publish(by.get());
  owned.swap(by);
  published.retire(std::move(by));
}

}  // namespace

TEST(Published, there_is_nothing_at_first) {
  Published published;
  EXPECT_EQ(Published::Reading(published).get(), nullptr);
  EXPECT_EQ(published.reclaim(), 0U);
}

TEST(Published, what_is_being_read_stays_and_is_freed_afterwards) {
  std::atomic<int> alive{0};
  Published published;
  std::unique_ptr<Counted> owned;
  replace(published, owned, std::make_unique<Counted>(alive));
  {
    const Published::Reading reading(published);
    replace(published, owned, std::make_unique<Counted>(alive));
    EXPECT_EQ(published.reclaim(), 1U);
    EXPECT_TRUE(reading.get()->is_alive);
    EXPECT_EQ(alive.load(), 2);
    const Published::Reading later(published);
    EXPECT_EQ(later.get(), owned.get());
  }
  EXPECT_EQ(published.reclaim(), 0U);
  EXPECT_EQ(alive.load(), 1);
}

TEST(Published, what_nobody_reads_is_freed_although_readers_come_and_go) {
  std::atomic<int> alive{0};
  Published published;
  std::unique_ptr<Counted> owned;
  replace(published, owned, std::make_unique<Counted>(alive));
  const auto first = std::make_unique<Published::Reading>(published);
  replace(published, owned, std::make_unique<Counted>(alive));
  std::unique_ptr<Published::Reading> second;
  // Another thread's counter is another one, or the same: it must not matter.
  std::thread([&] { second = std::make_unique<Published::Reading>(published); }).join();
  EXPECT_EQ(published.reclaim(), 1U);
  second.reset();
  EXPECT_EQ(published.reclaim(), 1U);
  EXPECT_TRUE(first->get()->is_alive);
}

TEST(Published, readers_of_many_threads_never_see_what_was_freed) {
  std::atomic<int> alive{0};
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0};
  Published published;
  std::unique_ptr<Counted> owned;
  replace(published, owned, std::make_unique<Counted>(alive));
  std::vector<std::thread> readers;
  readers.reserve(8);
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&] {
      while (!over.load()) {
        const Published::Reading reading(published);
        if (!reading.get()->is_alive) ++wrong;
      }
    });
  }
  for (int i = 0; i < 2000; ++i) {
    replace(published, owned, std::make_unique<Counted>(alive));
    published.reclaim();
  }
  over.store(true);
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_EQ(published.reclaim(), 0U);
  EXPECT_EQ(alive.load(), 1);
}
