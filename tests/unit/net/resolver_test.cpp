#include "net/resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <vector>

namespace xrayd::net {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using Clock = Resolver::Clock;

constexpr auto long_enough = 20s;
constexpr auto soon = 50ms;

TEST(Resolver, gives_an_address_for_itself_and_asks_nobody) {
  const Resolver resolver([](const std::string&) -> LookUpResult {
    ADD_FAILURE();
    return {};
  });
  const auto answer = resolver.resolve("2001:db8::1", Clock::now() + long_enough, {});
  EXPECT_EQ(answer.end, Resolver::End::found);
  EXPECT_THAT(answer.result.addresses, ElementsAre(*parse_ip("2001:db8::1")));
}

TEST(Resolver, finds_this_machine_by_its_name) {
  const Resolver resolver;
  const auto answer = resolver.resolve("localhost", Clock::now() + long_enough, {});
  ASSERT_EQ(answer.end, Resolver::End::found);
  for (const IpAddress& address : answer.result.addresses) {
    EXPECT_TRUE(address.is_loopback()) << address.to_string();
  }
}

TEST(Resolver, says_why_a_name_has_no_address) {
  // No name has a label this long, so nobody on the network needs to be asked.
  const LookUpResult result = system_look_up(std::string(70, 'x') + ".invalid");
  EXPECT_TRUE(result.addresses.empty());
  EXPECT_NE(result.problem, "");
}

TEST(Resolver, asks_once_for_a_name_that_several_wait_for) {
  std::atomic<int> asked{0};
  std::promise<void> over;
  const Resolver resolver([&, wait = over.get_future().share()](const std::string&) {
    ++asked;
    wait.wait();
    return LookUpResult{{*parse_ip("192.0.2.1")}, {}};
  });
  EXPECT_EQ(resolver.resolve("a.test", Clock::now() + soon, {}).end, Resolver::End::timed_out);
  EXPECT_EQ(resolver.resolve("a.test", Clock::now() + soon, {}).end, Resolver::End::timed_out);
  over.set_value();
  EXPECT_EQ(resolver.resolve("a.test", Clock::now() + long_enough, {}).end, Resolver::End::found);
  // The third has waited for the one look-up, or began the second after it had ended.
  EXPECT_LE(asked, 2);
}

TEST(Resolver, keeps_the_number_of_look_ups_that_hang_within_bounds) {
  std::atomic<std::size_t> asked{0};
  std::promise<void> over;
  {
    const Resolver resolver([&, wait = over.get_future().share()](const std::string&) {
      ++asked;
      wait.wait();
      return LookUpResult{};
    });
    for (std::size_t i = 0; i < Resolver::most_look_ups + 5; ++i) {
      EXPECT_EQ(resolver.resolve(std::to_string(i) + ".test", Clock::now(), {}).end,
                Resolver::End::timed_out);
    }
    while (asked < Resolver::most_look_ups) std::this_thread::yield();
  }
  EXPECT_EQ(asked, Resolver::most_look_ups);
  over.set_value();
}

TEST(Resolver, stops_waiting_when_it_is_told_so) {
  std::stop_source stop;
  std::promise<void> over;
  const Resolver resolver([&, wait = over.get_future().share()](const std::string&) {
    stop.request_stop();
    wait.wait();
    return LookUpResult{};
  });
  EXPECT_EQ(resolver.resolve("a.test", Clock::now() + long_enough, stop.get_token()).end,
            Resolver::End::stopped);
  over.set_value();
}

TEST(IpAddress, is_read_in_its_spellings_and_nothing_else) {
  EXPECT_EQ(parse_ip("192.0.2.1")->to_string(), "192.0.2.1");
  EXPECT_EQ(parse_ip("2001:DB8::0001")->to_string(), "2001:db8::1");
  EXPECT_EQ(parse_ip("::ffff:192.0.2.1")->to_string(), "192.0.2.1");
  EXPECT_EQ(parse_ip("fe80::1%7")->to_string(), "fe80::1%7");
  for (const char* text : {"", "192.0.2", "192.0.2.256", "1.2.3.4%1", "[::1]", "a.test",
                           ":::", "fe80::1%no-such-interface", "fe80::1%"}) {
    EXPECT_FALSE(parse_ip(text)) << text;
  }
}

}  // namespace
}  // namespace xrayd::net
