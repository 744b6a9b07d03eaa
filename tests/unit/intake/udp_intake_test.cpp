#include "intake/udp_intake.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <condition_variable>
#include <latch>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "intake/socket_address.hpp"
#include "startup_error.hpp"

namespace xrayd::intake {
namespace {

using namespace std::chrono_literals;
const std::string header = "{\"format\": \"json\", \"version\": 1}\n";

class RememberingSink : public DocumentSink {
 public:
  void accept(std::span<const std::string_view> bodies) noexcept override {
    const std::lock_guard lock(mutex_);
    for (const std::string_view body : bodies) bodies_.emplace_back(body);
    changed_.notify_all();
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 10s, [&] { return bodies_.size() >= count; });
    return bodies_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> bodies_;
};

class Sender {
 public:
  explicit Sender(const config::Address& to)
      : to_(resolve(to)), socket_(socket(to_.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
  void send(const std::string& datagram) const {
    EXPECT_EQ(sendto(socket_.get(), datagram.data(), datagram.size(), 0,
                     reinterpret_cast<const sockaddr*>(&to_.storage), to_.size),
              static_cast<ssize_t>(datagram.size()));
  }

 private:
  SocketAddress to_;
  FileDescriptor socket_;
};

std::map<std::string, std::int64_t> counters(const UdpIntake& intake) {
  CounterRows rows;
  intake.report(rows);
  std::map<std::string, std::int64_t> values;
  for (const CounterRow& row : rows) values[row.name + "{" + row.labels + "}"] = row.value;
  return values;
}

class Intake : public testing::Test {
 protected:
  RememberingSink sink_;
  UdpIntake intake_{config::Address{"127.0.0.1", 0}, sink_};
  Sender sender_{intake_.socket().local_address()};
};

TEST_F(Intake, bodies_are_handed_on_in_order_of_arrival) {
  intake_.start();
  std::vector<std::string> expected;
  for (int i = 0; i < 500; ++i) {
    expected.push_back("document " + std::to_string(i));
    sender_.send(header + expected.back());
    if (i % 50 == 0) std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(sink_.wait_for(expected.size()), expected);
}

TEST_F(Intake, bad_datagrams_are_counted_by_reason_and_the_next_one_is_taken) {
  intake_.start();
  sender_.send("");
  sender_.send("no header line here");
  sender_.send("{\"format\":\"json\",\"version\":2}\n{}");
  sender_.send(header);
  sender_.send(header + "good");
  EXPECT_THAT(sink_.wait_for(1), testing::ElementsAre("good"));
  auto values = counters(intake_);
  EXPECT_EQ(values["xrayd_datagrams_received_total{}"], 5);
  EXPECT_EQ(values["xrayd_datagrams_refused_total{reason=\"empty\"}"], 1);
  EXPECT_EQ(values["xrayd_datagrams_refused_total{reason=\"missing_header\"}"], 1);
  EXPECT_EQ(values["xrayd_datagrams_refused_total{reason=\"bad_header\"}"], 1);
  EXPECT_EQ(values["xrayd_datagrams_refused_total{reason=\"empty_body\"}"], 1);
  EXPECT_EQ(intake_.totals().received, 4U) << "the empty one is no segment";
  EXPECT_EQ(intake_.totals().refused, 3U);
}

TEST_F(Intake, the_largest_datagram_that_udp_has_arrives_whole) {
  intake_.start();
  const std::string body(65'507 - header.size(), 'x');
  sender_.send(header + body);
  const auto bodies = sink_.wait_for(1);
  ASSERT_EQ(bodies.size(), 1U);
  EXPECT_EQ(bodies[0], body);
}

TEST_F(Intake, what_waited_in_the_socket_before_the_start_is_read) {
  for (int i = 0; i < 80; ++i) sender_.send(header + std::to_string(i));
  intake_.start();
  intake_.stop();
  EXPECT_EQ(sink_.wait_for(80).size(), 80U);
}

/// Holds intake's thread in its first call until it is released.
class HoldingSink : public RememberingSink {
 public:
  void accept(std::span<const std::string_view> bodies) noexcept override {
    if (!entered_.try_wait()) entered_.count_down();
    released_.wait();
    RememberingSink::accept(bodies);
  }
  void wait_until_held() { entered_.wait(); }
  void release() { released_.count_down(); }

 private:
  std::latch entered_{1};
  std::latch released_{1};
};

TEST(IntakeStop, what_arrived_before_the_stop_is_read_even_if_the_thread_was_busy_then) {
  HoldingSink sink;
  UdpIntake intake(config::Address{"127.0.0.1", 0}, sink);
  const Sender sender(intake.socket().local_address());
  intake.start();
  sender.send(header + "first");
  sink.wait_until_held();
  for (int i = 0; i < 80; ++i) sender.send(header + std::to_string(i));
  std::thread stopper([&] { intake.stop(); });
  std::this_thread::sleep_for(50ms);
  sink.release();
  stopper.join();
  EXPECT_EQ(sink.wait_for(81).size(), 81U);
}

TEST_F(Intake, stopping_twice_or_without_a_start_is_harmless) {
  intake_.stop();
  intake_.start();
  intake_.stop();
  intake_.stop();
}

TEST_F(Intake, what_the_kernel_drops_is_counted) {
  if (intake_.socket().granted_buffer() > (16U << 20U)) GTEST_SKIP() << "too large to fill";
  const std::string datagram = header + std::string(60'000, 'x');
  constexpr int sent = 400;
  for (int i = 0; i < sent; ++i) sender_.send(datagram);
  intake_.start();
  intake_.stop();
  auto values = counters(intake_);
  EXPECT_GT(values["xrayd_datagrams_dropped_by_kernel_total{}"], 0);
  EXPECT_EQ(values["xrayd_datagrams_dropped_by_kernel_total{}"] +
                values["xrayd_datagrams_received_total{}"],
            sent);
}

TEST_F(Intake, a_busy_port_is_a_startup_error_with_the_address) {
  const config::Address busy = intake_.socket().local_address();
  try {
    const UdpIntake second(busy, sink_);
    FAIL() << "it was bound twice";
  } catch (const StartupError& problem) {
    EXPECT_THAT(problem.what(), testing::HasSubstr(config::to_string(busy)));
    EXPECT_THAT(problem.what(), testing::HasSubstr("in use"));
  }
}

TEST(IntakeAddress, an_unknown_host_is_a_startup_error) {
  RememberingSink sink;
  EXPECT_THROW(UdpIntake(config::Address{"256.1.1.1", 0}, sink), StartupError);
}

TEST(IntakeAddress,
     of_a_names_addresses_the_wanted_family_comes_first_and_any_is_better_than_none) {
  addrinfo ipv4{};
  ipv4.ai_family = AF_INET;
  addrinfo ipv6{};
  ipv6.ai_family = AF_INET6;
  ipv6.ai_next = &ipv4;
  EXPECT_EQ(preferred(&ipv6, AF_INET), &ipv4);
  EXPECT_EQ(preferred(&ipv6, AF_INET6), &ipv6);
  EXPECT_EQ(preferred(&ipv4, AF_INET6), &ipv4);
}

TEST(IntakeAddress, localhost_is_the_ipv4_address_that_sdks_send_to) {
  RememberingSink sink;
  const UdpIntake intake(config::Address{"localhost", 0}, sink);
  EXPECT_EQ(intake.socket().local_address().host, "127.0.0.1");
}

TEST(IntakeAddress, every_interface_hears_ipv4_and_ipv6) {
  RememberingSink sink;
  UdpIntake intake(config::Address{"", 0}, sink);
  intake.start();
  const std::uint16_t port = intake.socket().local_address().port;
  Sender(config::Address{"127.0.0.1", port}).send(header + "four");
  ASSERT_THAT(sink.wait_for(1), testing::ElementsAre("four"));
  if (intake.socket().local_address().host != "::") GTEST_SKIP() << "no IPv6 here";
  Sender(config::Address{"::1", port}).send(header + "six");
  EXPECT_THAT(sink.wait_for(2), testing::ElementsAre("four", "six"));
}

}  // namespace
}  // namespace xrayd::intake
