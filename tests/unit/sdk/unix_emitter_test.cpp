#include <xray/impl/unix_emitter.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdarg>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <xray/xray.hpp>
#include "support/process.hpp"
#include "support/seccomp.hpp"
#include "support/sockets.hpp"

namespace {

using support::Connection;
using support::SocketPath;
using support::UnixDaemon;
using xray::detail::UnixEmitter;

const std::string header = std::string(xray::detail::header_line) + "\n";

void ignore(std::string_view /*message*/) {
}

/// What happens just before the next question for what is unread.
std::function<void()>& before_question() {
  static std::function<void()> action;
  return action;
}

std::string document(std::size_t number, std::size_t size = 500) {
  return "{\"n\":" + std::to_string(number) + ",\"x\":\"" + std::string(size, 'x') + "\"}";
}

/// Lets the emitter go on until it needs nothing more, ten seconds at most.
bool finish(UnixEmitter& emitter) {
  for (int i = 0; i < 10'000 && emitter.pending(); ++i) {
    if (emitter.advance()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return !emitter.pending();
}

xray::Configuration configuration_for(const SocketPath& socket) {
  xray::Configuration configuration;
  configuration.daemon_address = "unix:" + socket.path();
  configuration.log = ignore;
  return configuration;
}

}  // namespace

extern "C" int ioctl(int file, unsigned long request, ...) noexcept {
  va_list list;
  va_start(list, request);
  void* const argument = va_arg(list, void*);
  va_end(list);
  if (const auto action = std::exchange(before_question(), nullptr)) action();
  return static_cast<int>(::syscall(SYS_ioctl, file, request, argument));
}

TEST(UnixEmitter, a_frame_is_four_bytes_of_length_and_what_a_datagram_holds) {
  const SocketPath socket;
  const UnixDaemon daemon(socket.path());
  const auto before = xray::statistics();
  UnixEmitter emitter(socket.path());
  emitter.emit("{\"a\":1}");
  emitter.emit(std::string(70'000, 'x'));
  emitter.flush();
  Connection connection = daemon.accept();
  EXPECT_EQ(connection.read(4), (std::string{'\0', '\0', '\0', '\x25'}));
  EXPECT_EQ(connection.read(37), header + "{\"a\":1}");
  EXPECT_EQ(connection.frame(), header + std::string(70'000, 'x'));
  EXPECT_EQ(xray::statistics().documents_sent - before.documents_sent, 2U);
  EXPECT_EQ(xray::statistics().bytes_sent - before.bytes_sent, 70'007U);
}

TEST(UnixEmitter, documents_wait_for_a_daemon_that_is_not_there_yet) {
  IN_A_FRESH_PROCESS({
    xray::detail::log_callback = ignore;
    const SocketPath socket;
    UnixEmitter emitter(socket.path());
    for (std::size_t i = 0; i < 32; ++i) emitter.emit(document(i));
    emitter.flush();
    EXPECT_TRUE(emitter.advance());
    EXPECT_TRUE(emitter.pending());
    const UnixDaemon daemon(socket.path());
    EXPECT_TRUE(finish(emitter));
    Connection connection = daemon.accept();
    for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(connection.frame(), header + document(i));
    EXPECT_EQ(xray::statistics().documents_sent, 32U);
    EXPECT_EQ(xray::statistics().dropped_send_failed, 0U);
  });
}

TEST(UnixEmitter, a_daemon_that_does_not_read_is_waited_for_and_gets_everything_in_order) {
  const SocketPath socket;
  const UnixDaemon daemon(socket.path());
  UnixEmitter emitter(socket.path());
  constexpr std::size_t documents = 3000;
  for (std::size_t i = 0; i < documents; ++i) emitter.emit(document(i, 1000));
  emitter.flush();
  EXPECT_TRUE(emitter.pending());
  EXPECT_GE(emitter.advance().socket, 0);
  std::thread reader([&] {
    Connection connection = daemon.accept();
    for (std::size_t i = 0; i < documents; ++i) {
      ASSERT_EQ(connection.frame(), header + document(i, 1000));
    }
  });
  EXPECT_TRUE(finish(emitter));
  reader.join();
}

TEST(UnixEmitter, a_frame_cut_off_by_the_daemons_end_is_sent_anew_as_a_whole) {
  const SocketPath socket;
  std::optional<UnixDaemon> daemon(socket.path());
  UnixEmitter emitter(socket.path());
  const auto before = xray::statistics();
  emitter.emit(document(0));
  emitter.emit(document(1, 10'000'000));
  emitter.flush();
  {
    Connection connection = daemon->accept();
    EXPECT_EQ(connection.frame(), header + document(0));
    EXPECT_EQ(connection.read(100'000).size(), 100'000U);
  }
  daemon.reset();
  daemon.emplace(socket.path());
  std::thread writer([&] { EXPECT_TRUE(finish(emitter)); });
  Connection connection = daemon->accept();
  std::string frame = connection.frame();
  if (frame == header + document(0)) frame = connection.frame();  // it may come twice
  EXPECT_TRUE(frame == header + document(1, 10'000'000));
  writer.join();
  EXPECT_EQ(xray::statistics().documents_sent - before.documents_sent, 2U);
}

TEST(UnixEmitter, frames_that_a_daemon_left_unread_go_to_the_next_one) {
  const SocketPath socket;
  std::optional<UnixDaemon> daemon(socket.path());
  UnixEmitter emitter(socket.path());
  const auto before = xray::statistics();
  for (std::size_t i = 0; i < 20; ++i) emitter.emit(document(i));
  emitter.flush();
  EXPECT_FALSE(emitter.pending());
  EXPECT_FALSE(emitter.settled());
  {
    Connection connection = daemon->accept();
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(connection.frame(), header + document(i));
  }
  daemon.reset();
  daemon.emplace(socket.path());
  for (int i = 0; i < 10'000 && !emitter.pending(); ++i) emitter.advance();
  EXPECT_TRUE(finish(emitter));
  Connection connection = daemon->accept();
  std::set<std::string> arrived;
  while (arrived.count(header + document(19)) == 0) {
    const std::string frame = connection.frame();
    ASSERT_FALSE(frame.empty());
    arrived.insert(frame);
  }
  for (std::size_t i = 5; i < 20; ++i) EXPECT_EQ(arrived.count(header + document(i)), 1U) << i;
  EXPECT_EQ(xray::statistics().documents_sent - before.documents_sent, 20U);
}

TEST(UnixEmitter, frames_that_a_daemon_has_not_read_yet_as_it_stops_reading_are_kept) {
  const SocketPath socket;
  std::optional<UnixDaemon> daemon(socket.path());
  UnixEmitter emitter(socket.path());
  for (std::size_t i = 0; i < 20; ++i) emitter.emit(document(i));
  emitter.flush();
  Connection stopping = daemon->accept();
  stopping.stop_reading();
  daemon.reset();
  emitter.emit(document(20));
  emitter.flush();  // is told that nobody will read it; what was written before is still unread
  daemon.emplace(socket.path());
  EXPECT_TRUE(finish(emitter));
  Connection connection = daemon->accept();
  for (std::size_t i = 0; i <= 20; ++i) EXPECT_EQ(connection.frame(), header + document(i));
}

TEST(UnixEmitter, a_daemon_that_goes_between_two_questions_leaves_its_unread_frames_to_the_next) {
  const SocketPath socket;
  std::optional<UnixDaemon> daemon(socket.path());
  UnixEmitter emitter(socket.path());
  emitter.emit(document(0));
  emitter.flush();
  {
    std::optional<Connection> going(daemon->accept());
    before_question() = [&going] { going.reset(); };
    emitter.advance();
    EXPECT_FALSE(going);
  }
  daemon.reset();
  daemon.emplace(socket.path());
  for (int i = 0; i < 1000 && !emitter.pending(); ++i) emitter.advance();
  EXPECT_TRUE(finish(emitter));
  EXPECT_EQ(daemon->accept().frame(), header + document(0));
}

TEST(UnixEmitter, where_a_send_is_told_of_unread_frames_they_are_kept) {
  const SocketPath socket;
  const UnixDaemon daemon(socket.path());
  UnixEmitter emitter(socket.path());
  emitter.emit(document(0));
  emitter.flush();
  Connection first = daemon.accept();
  EXPECT_EQ(first.frame(), header + document(0));
  emitter.emit(document(1));
  // On a thread of its own, for there is no way back.
  std::thread([&] {
    support::forbid(SYS_sendto, ECONNRESET);
    emitter.flush();
  }).join();
  EXPECT_TRUE(finish(emitter));
  Connection second = daemon.accept();
  EXPECT_EQ(second.frame(), header + document(0));
  EXPECT_EQ(second.frame(), header + document(1));
}

TEST(UnixEmitter, frames_that_the_daemon_read_are_forgotten) {
  const SocketPath socket;
  const UnixDaemon daemon(socket.path());
  UnixEmitter emitter(socket.path());
  emitter.emit(document(1));
  emitter.flush();
  EXPECT_FALSE(emitter.settled());
  Connection connection = daemon.accept();
  EXPECT_EQ(connection.frame(), header + document(1));
  emitter.advance();
  EXPECT_TRUE(emitter.settled());
}

TEST(UnixEmitter, a_child_gets_a_connection_of_its_own_and_leaves_the_parents_frames_to_it) {
  IN_A_FRESH_PROCESS({
    xray::detail::watch_forks();
    const SocketPath socket;
    const UnixDaemon daemon(socket.path());
    UnixEmitter emitter(socket.path());
    emitter.emit(document(0));
    emitter.flush();
    Connection parents = daemon.accept();
    emitter.emit(document(1, 3'000'000));  // more than the socket holds
    emitter.flush();
    EXPECT_TRUE(emitter.pending());
    const pid_t child = ::fork();
    if (child == 0) {
      emitter.emit(document(2));
      emitter.flush();
      ::_exit(finish(emitter) ? 0 : 1);
    }
    Connection childs = daemon.accept();
    EXPECT_EQ(childs.frame(), header + document(2));
    EXPECT_EQ(childs.frame(), "");
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    std::thread writer([&] { EXPECT_TRUE(finish(emitter)); });
    EXPECT_EQ(parents.frame(), header + document(0));
    EXPECT_TRUE(parents.frame() == header + document(1, 3'000'000));
    writer.join();
  });
}

TEST(UnixEmitter, segments_arrive_through_a_slow_daemon_without_loss) {
  IN_A_FRESH_PROCESS({
    const SocketPath socket;
    const UnixDaemon daemon(socket.path());
    xray::Configuration configuration = configuration_for(socket);
    configuration.queue_capacity = 8192;
    ASSERT_FALSE(xray::configure(configuration));
    constexpr std::size_t segments = 5000;
    const std::string text(1000, 'x');
    for (std::size_t i = 0; i < segments; ++i) {
      xray::Segment segment("s");
      segment.add_annotation("text", text);
    }
    EXPECT_FALSE(xray::flush(std::chrono::milliseconds(50)));  // nobody reads
    std::thread reader([&] {
      Connection connection = daemon.accept();
      for (std::size_t i = 0; i < segments; ++i) {
        ASSERT_EQ(connection.frame().substr(0, header.size()), header) << i;
      }
    });
    EXPECT_TRUE(xray::flush(std::chrono::seconds(30)));
    reader.join();
    EXPECT_EQ(xray::statistics().documents_sent, segments);
    EXPECT_EQ(xray::statistics().dropped_queue_full, 0U);
  });
}

TEST(UnixEmitter, while_the_daemon_is_away_what_the_queue_can_not_hold_is_counted) {
  IN_A_FRESH_PROCESS({
    const SocketPath socket;
    xray::Configuration configuration = configuration_for(socket);
    configuration.queue_capacity = 64;
    ASSERT_FALSE(xray::configure(configuration));
    for (int i = 0; i < 1000; ++i) const xray::Segment segment("s");
    EXPECT_FALSE(xray::flush(std::chrono::milliseconds(50)));
    const std::uint64_t dropped = xray::statistics().dropped_queue_full;
    EXPECT_GE(dropped, 1000U - 64U - 64U);
    const UnixDaemon daemon(socket.path());
    EXPECT_TRUE(xray::flush(std::chrono::seconds(10)));
    EXPECT_EQ(xray::statistics().documents_sent, 1000U - dropped);
    Connection connection = daemon.accept();
    for (std::uint64_t i = 0; i < 1000U - dropped; ++i) EXPECT_FALSE(connection.frame().empty());
  });
}

TEST(UnixEmitter, a_daemon_that_does_not_read_holds_up_neither_fork_nor_shutdown) {
  IN_A_FRESH_PROCESS({
    const SocketPath socket;
    const UnixDaemon daemon(socket.path());
    ASSERT_FALSE(xray::configure(configuration_for(socket)));
    const std::string text(1000, 'x');
    for (int i = 0; i < 1500; ++i) {
      xray::Segment segment("s");
      segment.add_annotation("text", text);
    }
    EXPECT_FALSE(xray::flush(std::chrono::milliseconds(100)));
    const pid_t child = ::fork();
    if (child == 0) {
      { const xray::Segment segment("child"); }
      ::_exit(xray::flush(std::chrono::seconds(10)) ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_FALSE(xray::shutdown(std::chrono::milliseconds(50)));  // returns
  });
}

TEST(UnixEmitter, a_daemon_that_goes_raises_no_signal_and_one_that_comes_back_is_found) {
  IN_A_FRESH_PROCESS({
    const SocketPath socket;
    ASSERT_FALSE(xray::configure(configuration_for(socket)));
    for (int round = 0; round < 3; ++round) {
      const UnixDaemon daemon(socket.path());
      { const xray::Segment segment("s"); }
      EXPECT_TRUE(xray::flush(std::chrono::seconds(10)));
      Connection connection = daemon.accept();
      EXPECT_FALSE(connection.frame().empty());
    }
    EXPECT_EQ(xray::statistics().documents_sent, 3U);
  });
}

TEST(UnixEmitter, synchronous_segments_have_left_when_their_end_returns) {
  IN_A_FRESH_PROCESS({
    const SocketPath socket;
    const UnixDaemon daemon(socket.path());
    xray::Configuration configuration = configuration_for(socket);
    configuration.synchronous = true;
    ASSERT_FALSE(xray::configure(configuration));
    { const xray::Segment segment("s"); }
    EXPECT_EQ(xray::statistics().documents_sent, 1U);
    EXPECT_FALSE(daemon.accept().frame().empty());
  });
}

TEST(UnixEmitter, a_daemon_that_does_not_read_holds_up_synchronous_segments_once) {
  IN_A_FRESH_PROCESS({
    ::alarm(60);  // waiting at each would take ten minutes
    const SocketPath socket;
    const UnixDaemon daemon(socket.path());
    xray::Configuration configuration = configuration_for(socket);
    configuration.synchronous = true;
    ASSERT_FALSE(xray::configure(configuration));
    const std::string text(1000, 'x');
    for (int i = 0; i < 600; ++i) {
      xray::Segment segment("s");
      segment.add_annotation("text", text);
    }
    EXPECT_LT(xray::statistics().documents_sent, 600U);  // it was not read
    EXPECT_FALSE(xray::flush(std::chrono::milliseconds(20)));
    std::thread reader([&] {
      Connection connection = daemon.accept();
      for (int i = 0; i < 600; ++i) EXPECT_FALSE(connection.frame().empty());
    });
    EXPECT_TRUE(xray::flush(std::chrono::seconds(10)));
    reader.join();
  });
}

TEST(UnixEmitter, flush_tells_of_frames_that_a_daemon_left_unread) {
  IN_A_FRESH_PROCESS({
    const SocketPath socket;
    std::optional<UnixDaemon> daemon(socket.path());
    ASSERT_FALSE(xray::configure(configuration_for(socket)));
    { const xray::Segment segment("s"); }
    EXPECT_TRUE(xray::flush(std::chrono::seconds(10)));
    { const Connection unread = daemon->accept(); }
    daemon.reset();
    bool told = false;
    for (int i = 0; i < 1000 && !told; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      told = !xray::flush(std::chrono::milliseconds(0));
    }
    EXPECT_TRUE(told);
    daemon.emplace(socket.path());
    EXPECT_TRUE(xray::flush(std::chrono::seconds(10)));
    EXPECT_FALSE(daemon->accept().frame().empty());
  });
}

TEST(UnixEmitter, what_waits_for_an_absent_daemon_in_synchronous_mode_is_told_by_flush) {
  IN_A_FRESH_PROCESS({
    const SocketPath socket;
    xray::Configuration configuration = configuration_for(socket);
    configuration.synchronous = true;
    ASSERT_FALSE(xray::configure(configuration));
    { const xray::Segment segment("s"); }
    EXPECT_FALSE(xray::flush(std::chrono::milliseconds(20)));
    const UnixDaemon daemon(socket.path());
    EXPECT_TRUE(xray::flush(std::chrono::seconds(10)));
    EXPECT_FALSE(daemon.accept().frame().empty());
  });
}

TEST(UnixEmitter, writes_to_nothing_that_has_taken_the_number_of_its_socket) {
  IN_A_FRESH_PROCESS({
    const SocketPath socket;
    const UnixDaemon daemon(socket.path());
    const support::Descriptors others;
    UnixEmitter emitter(socket.path());
    emitter.emit(document(1));
    emitter.flush();
    const int number = others.newcomer();
    ASSERT_GE(number, 0);
    Connection before = daemon.accept();
    EXPECT_EQ(before.frame(), header + document(1));
    EXPECT_TRUE(finish(emitter));
    int programs[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, programs), 0);
    ASSERT_EQ(dup2(programs[0], number), number);  // as after closing everything
    emitter.emit(document(2));
    EXPECT_TRUE(finish(emitter));
    char text[64];
    EXPECT_EQ(recv(programs[1], text, sizeof text, 0), -1);
    EXPECT_EQ(fcntl(number, F_GETFD), 0);  // and it is not closed either
    Connection after = daemon.accept();
    while (true) {
      const std::string frame = after.frame();
      if (frame == header + document(2)) break;
      ASSERT_EQ(frame, header + document(1));  // it may come twice
    }
  });
}
