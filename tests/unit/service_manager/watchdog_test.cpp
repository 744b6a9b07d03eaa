#include "service_manager/watchdog.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "manager_stand_in.hpp"

namespace xrayd::service_manager {
namespace {

using namespace std::chrono_literals;

class WatchdogTest : public testing::Test {
 protected:
  /// A name of this test's and this process' own.
  static std::string name() {
    return "@xrayd-watchdog-" + std::to_string(getpid()) + "-" +
           testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  static ManagerVariables variables() {
    ManagerVariables variables;
    variables.notify_socket = name();
    return variables;
  }

  bool heard() const { return manager_.read() == "WATCHDOG=1\n"; }

  ManagerStandIn manager_{name()};
  Notifier notifier_{variables()};
  Watchdog::Clock::time_point begin_ = Watchdog::Clock::now();
};

TEST_F(WatchdogTest, is_fed_at_once_and_then_every_half_of_the_timeout) {
  Watchdog watchdog(notifier_, 30s);
  EXPECT_EQ(watchdog.interval(), 15s);
  watchdog.tick(true, begin_);
  EXPECT_TRUE(heard());
  watchdog.tick(true, begin_ + 1s);
  EXPECT_FALSE(heard());
  watchdog.tick(true, begin_ + 15s);
  EXPECT_TRUE(heard());
}

TEST_F(WatchdogTest, a_timer_that_is_early_by_a_hair_still_feeds_it) {
  Watchdog watchdog(notifier_, 30s);
  watchdog.tick(true, begin_);
  EXPECT_TRUE(heard());
  watchdog.tick(true, begin_ + 14'999ms);
  EXPECT_TRUE(heard());
}

TEST_F(WatchdogTest, starves_while_something_is_wrong_and_eats_as_soon_as_it_is_not) {
  Watchdog watchdog(notifier_, 30s);
  watchdog.tick(true, begin_);
  EXPECT_TRUE(heard());
  watchdog.tick(false, begin_ + 15s);
  watchdog.tick(false, begin_ + 30s);
  EXPECT_FALSE(heard());
  watchdog.tick(true, begin_ + 31s);
  EXPECT_TRUE(heard());
}

TEST_F(WatchdogTest, without_a_timeout_nothing_is_sent) {
  Watchdog watchdog(notifier_, std::nullopt);
  EXPECT_EQ(watchdog.interval(), std::nullopt);
  watchdog.tick(true, begin_);
  EXPECT_FALSE(heard());
}

TEST_F(WatchdogTest, no_timeout_is_so_short_that_the_main_loop_would_spin) {
  const Watchdog watchdog(notifier_, 1us);
  EXPECT_EQ(watchdog.interval(), 1ms);
}

}  // namespace
}  // namespace xrayd::service_manager
