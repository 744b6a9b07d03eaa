#include "service_manager/notifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "manager_stand_in.hpp"

namespace xrayd::service_manager {
namespace {

using std::chrono::microseconds;
using testing::Optional;
using testing::StartsWith;

/// Everything but the socket is left out.
ManagerVariables listening_at(const std::string& name) {
  ManagerVariables variables;
  variables.notify_socket = name;
  return variables;
}

class NotifierTest : public testing::Test {
 protected:
  NotifierTest() {
    std::string name = (std::filesystem::temp_directory_path() / "xrayd-manager-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    path_ = directory_ + "/notify";
  }
  ~NotifierTest() override { std::filesystem::remove_all(directory_); }
  NotifierTest(const NotifierTest&) = delete;
  NotifierTest& operator=(const NotifierTest&) = delete;

  std::string directory_;
  std::string path_;
};

TEST_F(NotifierTest, tells_a_manager_at_a_path_that_it_is_ready) {
  const ManagerStandIn manager(path_);
  Notifier notifier(listening_at(path_));
  EXPECT_TRUE(notifier.is_connected());
  notifier.ready();
  EXPECT_EQ(manager.read(), "READY=1\n");
  EXPECT_EQ(manager.read(), std::nullopt);
}

TEST_F(NotifierTest, tells_a_manager_with_an_abstract_name) {
  const std::string name = "@xrayd-test" + path_;
  const ManagerStandIn manager(name);
  Notifier notifier(listening_at(name));
  notifier.ready();
  EXPECT_EQ(manager.read(), "READY=1\n");
}

TEST_F(NotifierTest, tells_of_reloading_with_the_time_and_of_being_ready_again) {
  const ManagerStandIn manager(path_);
  Notifier notifier(listening_at(path_));
  notifier.reloading();
  const std::optional<std::string> message = manager.read();
  ASSERT_THAT(message, Optional(StartsWith("RELOADING=1\nMONOTONIC_USEC=")));
  EXPECT_GT(std::stoll(message->substr(message->rfind('=') + 1)), 0);
  notifier.ready();
  EXPECT_EQ(manager.read(), "READY=1\n");
}

TEST_F(NotifierTest, asks_for_the_time_that_stopping_takes) {
  const ManagerStandIn manager(path_);
  Notifier notifier(listening_at(path_));
  notifier.stopping(std::chrono::seconds{8});
  EXPECT_EQ(manager.read(), "STOPPING=1\nEXTEND_TIMEOUT_USEC=8000000\n");
  notifier.stopping({});
  EXPECT_EQ(manager.read(), "STOPPING=1\n");
}

TEST_F(NotifierTest, a_status_is_one_line_of_bounded_length) {
  const ManagerStandIn manager(path_);
  Notifier notifier(listening_at(path_));
  notifier.status("receiving\nWATCHDOG=1\tno");
  EXPECT_EQ(manager.read(), "STATUS=receiving WATCHDOG=1 no\n");
  notifier.status(std::string(100'000, 'x'));
  EXPECT_EQ(manager.read(), "STATUS=" + std::string(Notifier::longest_status, 'x') + "\n");
}

TEST_F(NotifierTest, what_a_busy_manager_cannot_take_comes_with_the_next_message) {
  const ManagerStandIn manager(path_);
  Notifier notifier(listening_at(path_));
  // Fills the manager's queue: would this block, the test would never end.
  std::size_t taken = 0;
  while (notifier.delayed() == 0) {
    notifier.alive();
    ++taken;
  }
  notifier.status("up");
  notifier.ready();
  EXPECT_EQ(notifier.delayed(), 3U);
  for (std::size_t i = 1; i < taken; ++i) ASSERT_EQ(manager.read(), "WATCHDOG=1\n");
  EXPECT_EQ(manager.read(), std::nullopt);
  notifier.alive();
  EXPECT_EQ(manager.read(), "READY=1\nSTATUS=up\nWATCHDOG=1\n");
  notifier.alive();
  EXPECT_EQ(manager.read(), "WATCHDOG=1\n");
}

TEST_F(NotifierTest, a_manager_that_comes_back_learns_the_latest_state) {
  Notifier notifier(listening_at(path_));
  notifier.ready();
  notifier.stopping({});
  EXPECT_EQ(notifier.delayed(), 2U);
  const ManagerStandIn manager(path_);
  notifier.status("");
  EXPECT_EQ(manager.read(), "STOPPING=1\nSTATUS=\n");
}

TEST_F(NotifierTest, does_nothing_where_nobody_listens_or_the_address_is_no_unix_sockets) {
  for (const std::string& name :
       {std::string{}, std::string{"relative"}, std::string{"vsock:2:1234"}, std::string{"@"},
        "/" + std::string(200, 'x')}) {
    Notifier notifier(listening_at(name));
    EXPECT_FALSE(notifier.is_connected()) << name;
    notifier.ready();
    notifier.alive();
    EXPECT_EQ(notifier.delayed(), 0U) << name;
  }
}

TEST_F(NotifierTest, an_address_may_be_as_long_as_the_kernel_takes) {
  const std::string name = "@" + std::string(sizeof(sockaddr_un{}.sun_path) - 1, 'x');
  const ManagerStandIn manager(name);
  Notifier notifier(listening_at(name));
  notifier.ready();
  EXPECT_EQ(manager.read(), "READY=1\n");
}

TEST(ManagerVariablesTest, are_taken_out_of_the_environment) {
  setenv("NOTIFY_SOCKET", "/run/notify", 1);
  setenv("WATCHDOG_USEC", "30000000", 1);
  setenv("WATCHDOG_PID", "17", 1);
  const ManagerVariables variables = take_manager_variables();
  EXPECT_EQ(variables.notify_socket, "/run/notify");
  EXPECT_EQ(variables.watchdog_usec, "30000000");
  EXPECT_EQ(variables.watchdog_pid, "17");
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
    EXPECT_EQ(std::getenv(name), nullptr) << name;
  }
  EXPECT_EQ(take_manager_variables().notify_socket, "");
}

TEST(WatchdogTimeout, is_ours_only_if_it_names_nobody_or_us) {
  ManagerVariables variables;
  variables.watchdog_usec = "30000000";
  EXPECT_EQ(watchdog_timeout(variables), microseconds{30'000'000});
  variables.watchdog_pid = std::to_string(getpid());
  EXPECT_EQ(watchdog_timeout(variables), microseconds{30'000'000});
  variables.watchdog_pid = std::to_string(getppid());
  EXPECT_EQ(watchdog_timeout(variables), std::nullopt);
  variables.watchdog_pid = "me";
  EXPECT_EQ(watchdog_timeout(variables), std::nullopt);
}

TEST(WatchdogTimeout, is_nothing_where_the_number_is_none) {
  for (const char* text : {"", "0", "-5", "30s", "99999999999999999999"}) {
    ManagerVariables variables;
    variables.watchdog_usec = text;
    EXPECT_EQ(watchdog_timeout(variables), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace xrayd::service_manager
