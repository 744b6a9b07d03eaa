#include <xray/impl/udp_emitter.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <xray/xray.hpp>
#include "support/process.hpp"
#include "support/resolver.hpp"
#include "support/seccomp.hpp"
#include "support/sockets.hpp"

namespace {

using support::UdpDaemon;
using xray::detail::HostPort;
using xray::detail::SendMethod;
using xray::detail::UdpEmitter;

HostPort address_of(const UdpDaemon& daemon) {
  return {daemon.host(), std::to_string(daemon.port())};
}

/// Documents of that size; each tells its number.
std::string document(std::size_t number, std::size_t size) {
  std::string text = "{\"n\":" + std::to_string(number) + ",\"x\":\"";
  text.append(size > text.size() + 2 ? size - text.size() - 2 : 0, 'x');
  return text + "\"}";
}

/// Sizes as they come: mostly alike, some far off.
std::vector<std::string> some_documents() {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < 300; ++i) {
    std::size_t size = 900 + (i * 37) % 300;
    if (i % 11 == 0) size = 64;
    if (i % 23 == 0) size = 5000 + i;
    if (i % 97 == 0) size = 60'000;
    result.push_back(document(i, size));
  }
  return result;
}

struct Datagram {
  std::string document;
  std::size_t blanks = 0;
};

/// The parts of a datagram; fails the test if it is not header line, blanks, newline, document.
Datagram parts_of(const std::string& text) {
  const std::string header(xray::detail::header_line);
  EXPECT_EQ(text.substr(0, header.size()), header);
  const std::size_t newline = text.find('\n');
  EXPECT_NE(newline, std::string::npos);
  if (newline == std::string::npos || newline < header.size()) return {};
  const std::string between = text.substr(header.size(), newline - header.size());
  EXPECT_EQ(between, std::string(between.size(), ' '));
  return {text.substr(newline + 1), between.size()};
}

/// Emits bursts and receives each before the next; every document must arrive once.
void expect_all_arrive(UdpEmitter& emitter, const UdpDaemon& daemon,
                       const std::vector<std::string>& documents, std::size_t& padded) {
  constexpr std::size_t burst = 32;
  for (std::size_t begin = 0; begin < documents.size(); begin += burst) {
    const std::size_t end = std::min(begin + burst, documents.size());
    for (std::size_t i = begin; i < end; ++i) emitter.emit(documents[i]);
    emitter.flush();
    std::vector<std::string> arrived;
    for (std::size_t i = begin; i < end; ++i) {
      const std::string text = daemon.receive();
      ASSERT_FALSE(text.empty()) << "after " << i << " documents";
      const Datagram datagram = parts_of(text);
      arrived.push_back(datagram.document);
      padded += datagram.blanks > 0 ? 1U : 0U;
    }
    std::vector<std::string> expected(documents.begin() + static_cast<std::ptrdiff_t>(begin),
                                      documents.begin() + static_cast<std::ptrdiff_t>(end));
    std::sort(expected.begin(), expected.end());
    std::sort(arrived.begin(), arrived.end());
    EXPECT_TRUE(arrived == expected) << begin;
  }
  EXPECT_TRUE(daemon.is_empty());
}

void ignore(std::string_view /*message*/) {
}

/// What a far network says, with a delay, and what this machine's own never does.
struct FarNetwork {
  unsigned refusals = 0;  ///< that have come in
  int error = 0;          ///< that the next send reports in place of sending
};
FarNetwork far;

/// Whether this send fails; then the refusal is there as well.
bool reports_earlier_error() {
  if (far.error == 0) return false;
  ++far.refusals;
  errno = std::exchange(far.error, 0);
  return true;
}

/// Calls advance() and emits one document, until it arrives at the daemon or ten seconds are over.
bool arrives_in_time(UdpEmitter& emitter, const UdpDaemon& daemon) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline) {
    if (!emitter.advance()) {
      emitter.emit("{}");
      emitter.flush();
      if (!daemon.is_empty()) return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

void wait_until_taken(UdpEmitter& emitter) {
  for (int i = 0; i < 10'000 && emitter.advance(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

extern "C" ssize_t recvmsg(int socket, msghdr* message, int flags) {
  if ((static_cast<unsigned>(flags) & MSG_ERRQUEUE) != 0 && far.refusals > 0) {
    --far.refusals;
    return 0;
  }
  return ::syscall(SYS_recvmsg, socket, message, flags);
}

extern "C" ssize_t sendmsg(int socket, const msghdr* message, int flags) {
  return reports_earlier_error() ? -1 : ::syscall(SYS_sendmsg, socket, message, flags);
}

extern "C" int sendmmsg(int socket, mmsghdr* messages, unsigned count, int flags) {
  if (reports_earlier_error()) return -1;
  return static_cast<int>(::syscall(SYS_sendmmsg, socket, messages, count, flags));
}

TEST(UdpEmitter, every_document_arrives_once_and_well_formed_by_each_way_of_sending) {
  for (const char* host : {"127.0.0.1", "::1"}) {
    for (const SendMethod method : {SendMethod::segmented, SendMethod::many, SendMethod::single}) {
      const UdpDaemon daemon(host);
      UdpEmitter emitter(address_of(daemon), method);
      const std::vector<std::string> documents = some_documents();
      const auto before = xray::statistics();
      std::size_t padded = 0;
      expect_all_arrive(emitter, daemon, documents, padded);
      EXPECT_EQ(xray::statistics().documents_sent - before.documents_sent, documents.size());
      std::size_t bytes = 0;
      for (const std::string& one : documents) bytes += one.size();
      EXPECT_EQ(xray::statistics().bytes_sent - before.bytes_sent, bytes);
      EXPECT_EQ(emitter.method(), method);
      EXPECT_EQ(padded > 100, method == SendMethod::segmented) << padded;
    }
  }
}

TEST(UdpEmitter, padding_is_bounded) {
  const UdpDaemon daemon;
  UdpEmitter emitter(address_of(daemon));
  for (std::size_t i = 0; i < 32; ++i) emitter.emit(document(i, 100 * i));
  emitter.flush();
  for (std::size_t i = 0; i < 32; ++i) {
    const std::string text = daemon.receive();
    EXPECT_LE(parts_of(text).blanks, std::max(text.size() / 4, std::size_t{256}));
  }
}

TEST(UdpEmitter, where_segments_fail_it_sends_otherwise_and_loses_nothing) {
  for (const int error : {EINVAL, EIO, EMSGSIZE}) {
    IN_A_FRESH_PROCESS({
      const UdpDaemon daemon;
      UdpEmitter emitter(address_of(daemon));
      support::forbid(SYS_sendmsg, error);
      std::size_t padded = 0;
      expect_all_arrive(emitter, daemon, some_documents(), padded);
      EXPECT_EQ(emitter.method(), SendMethod::many);
      EXPECT_EQ(xray::statistics().documents_sent, some_documents().size());
      EXPECT_EQ(xray::statistics().dropped_send_failed, 0U);
    });
  }
}

TEST(UdpEmitter, where_sendmmsg_is_missing_or_forbidden_it_sends_one_by_one_and_loses_nothing) {
  for (const int error : {ENOSYS, EPERM}) {
    IN_A_FRESH_PROCESS({
      const UdpDaemon daemon;
      UdpEmitter emitter(address_of(daemon));
      support::forbid(SYS_sendmsg, EINVAL);
      support::forbid(SYS_sendmmsg, error);
      std::size_t padded = 0;
      expect_all_arrive(emitter, daemon, some_documents(), padded);
      EXPECT_EQ(emitter.method(), SendMethod::single);
      EXPECT_EQ(xray::statistics().documents_sent, some_documents().size());
    });
  }
}

TEST(UdpEmitter, an_old_kernel_that_ignores_segments_is_recognised_before_the_first_send) {
  IN_A_FRESH_PROCESS({
    const UdpDaemon daemon;
    UdpEmitter emitter(address_of(daemon));
    support::forbid(SYS_getsockopt, ENOPROTOOPT);
    emitter.emit(document(1, 500));
    emitter.emit(document(2, 500));
    emitter.flush();
    EXPECT_EQ(emitter.method(), SendMethod::many);
    EXPECT_EQ(parts_of(daemon.receive()).document, document(1, 500));
    EXPECT_EQ(parts_of(daemon.receive()).document, document(2, 500));
  });
}

TEST(UdpEmitter, what_a_dead_daemon_refuses_is_counted_exactly_by_each_way_of_sending) {
  for (const SendMethod method : {SendMethod::segmented, SendMethod::many, SendMethod::single}) {
    IN_A_FRESH_PROCESS({
      xray::detail::log_callback = ignore;
      HostPort address;
      { address = address_of(UdpDaemon()); }
      UdpEmitter emitter(address, method);
      const std::vector<std::string> documents = some_documents();
      for (const std::string& one : documents) emitter.emit(one);
      emitter.flush();
      EXPECT_EQ(xray::statistics().dropped_send_failed, documents.size());
      EXPECT_EQ(xray::statistics().documents_sent, 0U);
    });
  }
}

TEST(UdpEmitter, refusals_of_one_send_that_come_apart_never_count_more_than_was_sent) {
  IN_A_FRESH_PROCESS({
    xray::detail::log_callback = ignore;
    const UdpDaemon daemon;
    UdpEmitter emitter(address_of(daemon));
    const auto send = [&](std::size_t documents) {
      for (std::size_t i = 0; i < documents; ++i) emitter.emit(document(i, 500));
      emitter.flush();
    };
    send(10);
    far.refusals = 1;  // and with it the whole send
    send(1);
    far.refusals = 5;
    send(1);
    const xray::Statistics result = xray::statistics();
    EXPECT_LE(result.documents_sent, 12U);
    EXPECT_EQ(result.documents_sent + result.dropped_send_failed, 12U);
  });
}

TEST(UdpEmitter, an_error_of_an_earlier_datagram_costs_the_burst_neither_documents_nor_its_way) {
  for (const SendMethod method : {SendMethod::segmented, SendMethod::many}) {
    for (const int error : {EHOSTUNREACH, EMSGSIZE, EPROTO}) {
      IN_A_FRESH_PROCESS({
        xray::detail::log_callback = ignore;
        const UdpDaemon daemon;
        UdpEmitter emitter(address_of(daemon), method);
        emitter.emit(document(0, 500));
        emitter.flush();
        for (std::size_t i = 1; i < 20; ++i) emitter.emit(document(i, 500));
        far.error = error;
        emitter.flush();
        for (std::size_t i = 0; i < 20; ++i) ASSERT_FALSE(daemon.receive().empty()) << i;
        EXPECT_EQ(emitter.method(), method);
        EXPECT_EQ(xray::statistics().documents_sent, 19U);
        EXPECT_EQ(xray::statistics().dropped_send_failed, 1U);
      });
    }
  }
}

TEST(UdpEmitter, a_daemon_that_dies_and_returns_is_picked_up) {
  IN_A_FRESH_PROCESS({
    xray::detail::log_callback = ignore;
    int port = 0;
    { port = UdpDaemon().port(); }
    UdpEmitter emitter(HostPort{"127.0.0.1", std::to_string(port)});
    for (int round = 0; round < 3; ++round) {
      for (std::size_t i = 0; i < 10; ++i) emitter.emit(document(i, 500));
      emitter.flush();
      const UdpDaemon daemon("127.0.0.1", port);
      for (std::size_t i = 0; i < 10; ++i) emitter.emit(document(i, 500));
      emitter.flush();
      for (std::size_t i = 0; i < 10; ++i) EXPECT_FALSE(daemon.receive().empty());
    }
    EXPECT_EQ(xray::statistics().documents_sent, 30U);
    EXPECT_EQ(xray::statistics().dropped_send_failed, 30U);
  });
}

TEST(UdpEmitter, of_several_addresses_the_one_that_answers_is_found_and_nothing_is_lost) {
  for (const char* host : {"127.0.0.1", "::1", "127.0.0.3"}) {
    const UdpDaemon daemon(host);
    support::name_host("several.test", {"::1", "127.0.0.2", "127.0.0.1", "127.0.0.3"});
    UdpEmitter emitter(HostPort{"several.test", std::to_string(daemon.port())});
    wait_until_taken(emitter);
    const auto before = xray::statistics();
    std::size_t padded = 0;
    expect_all_arrive(emitter, daemon, some_documents(), padded);
    EXPECT_EQ(xray::statistics().documents_sent - before.documents_sent, some_documents().size());
    EXPECT_EQ(xray::statistics().dropped_send_failed, before.dropped_send_failed);
  }
}

TEST(UdpEmitter, ipv4_comes_first) {
  support::name_host("first.test", {"::1", "127.0.0.1"});
  const UdpDaemon v4("127.0.0.1");
  const UdpDaemon v6("::1", v4.port());
  UdpEmitter emitter(HostPort{"first.test", std::to_string(v4.port())});
  wait_until_taken(emitter);
  emitter.emit("{}");
  emitter.flush();
  EXPECT_FALSE(v4.receive().empty());
  EXPECT_TRUE(v6.is_empty());
}

TEST(UdpEmitter, a_host_that_moved_is_followed) {
  const UdpDaemon before("127.0.0.1");
  const UdpDaemon after("127.0.0.2", before.port());
  support::name_host("moving.test", {"127.0.0.1"});
  UdpEmitter emitter(HostPort{"moving.test", std::to_string(before.port())}, SendMethod::segmented,
                     1'000'000);
  EXPECT_TRUE(arrives_in_time(emitter, before));
  support::name_host("moving.test", {"127.0.0.2"});
  EXPECT_TRUE(arrives_in_time(emitter, after));
}

TEST(UdpEmitter, a_host_that_moved_is_looked_up_again_when_the_old_address_refuses) {
  IN_A_FRESH_PROCESS({
    xray::detail::log_callback = ignore;
    const UdpDaemon after("127.0.0.2");
    support::name_host("refusing.test", {"127.0.0.1"});
    UdpEmitter emitter(HostPort{"refusing.test", std::to_string(after.port())});
    wait_until_taken(emitter);
    support::name_host("refusing.test", {"127.0.0.2"});
    EXPECT_TRUE(arrives_in_time(emitter, after));  // long before the minute is over
  });
}

TEST(UdpEmitter, a_look_up_that_fails_or_hangs_leaves_the_old_address_in_use) {
  IN_A_FRESH_PROCESS({
    xray::detail::log_callback = ignore;
    const UdpDaemon daemon;
    support::name_host("known.test", {"127.0.0.1"});
    UdpEmitter emitter(HostPort{"known.test", std::to_string(daemon.port())}, SendMethod::segmented,
                       1);
    ASSERT_TRUE(arrives_in_time(emitter, daemon));
    support::name_host("known.test", {});
    const unsigned before = support::lookups();
    std::size_t padded = 0;
    for (int i = 0; i < 1000 && support::lookups() < before + 3; ++i) {
      expect_all_arrive(emitter, daemon, {document(0, 100)}, padded);
    }
    support::hold_lookups(true);
    expect_all_arrive(emitter, daemon, some_documents(), padded);
    support::hold_lookups(false);
    EXPECT_EQ(xray::statistics().dropped_send_failed, 0U);
  });
}

TEST(UdpEmitter, documents_wait_for_the_first_look_up_which_holds_up_neither_fork_nor_the_program) {
  IN_A_FRESH_PROCESS({
    const UdpDaemon daemon;
    support::name_host("slow.test", {"127.0.0.1"});
    support::hold_lookups(true);
    xray::Configuration configuration;
    configuration.daemon_address = "slow.test:" + std::to_string(daemon.port());
    ASSERT_FALSE(xray::configure(configuration));
    for (int i = 0; i < 20; ++i) const xray::Segment segment("s");
    while (support::lookups() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const pid_t child = ::fork();  // would not return if the look-up were waited for
    if (child == 0) ::_exit(7);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 7);
    EXPECT_FALSE(xray::flush(std::chrono::milliseconds(20)));
    support::hold_lookups(false);
    EXPECT_TRUE(xray::flush(std::chrono::seconds(10)));
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(daemon.receive().empty());
    EXPECT_EQ(xray::statistics().documents_sent, 20U);
  });
}

TEST(UdpEmitter, a_shutdown_keeps_its_deadline_while_a_look_up_hangs) {
  IN_A_FRESH_PROCESS({
    support::name_host("hanging.test", {"127.0.0.1"});
    support::hold_lookups(true);
    xray::Configuration configuration;
    configuration.daemon_address = "hanging.test:2000";
    ASSERT_FALSE(xray::configure(configuration));
    { const xray::Segment segment("s"); }
    EXPECT_FALSE(xray::shutdown(std::chrono::milliseconds(50)));  // returns
  });
}

TEST(UdpEmitter, a_child_sends_by_itself_while_the_parents_look_up_is_under_way) {
  IN_A_FRESH_PROCESS({
    const UdpDaemon daemon;
    support::name_host("forked.test", {"127.0.0.1"});
    support::hold_lookups(true);
    xray::Configuration configuration;
    configuration.daemon_address = "forked.test:" + std::to_string(daemon.port());
    ASSERT_FALSE(xray::configure(configuration));
    { const xray::Segment segment("parent"); }
    while (support::lookups() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const pid_t child = ::fork();
    if (child == 0) {
      support::hold_lookups(false);
      { const xray::Segment segment("child"); }
      ::_exit(xray::flush(std::chrono::seconds(10)) ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_NE(daemon.receive().find("child"), std::string::npos);
    support::hold_lookups(false);
    EXPECT_NE(daemon.receive().find("parent"), std::string::npos);
  });
}

TEST(UdpEmitter, writes_to_nothing_that_has_taken_the_number_of_its_socket) {
  IN_A_FRESH_PROCESS({
    const UdpDaemon daemon;
    const support::Descriptors others;
    UdpEmitter emitter(address_of(daemon));
    emitter.emit("{\"n\":1}");
    emitter.flush();
    const int number = others.newcomer();
    ASSERT_GE(number, 0);
    int programs[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, programs), 0);
    ASSERT_EQ(dup2(programs[0], number), number);  // as after closing everything
    emitter.emit("{\"n\":2}");
    emitter.flush();
    char text[64];
    EXPECT_EQ(recv(programs[1], text, sizeof text, 0), -1);
    EXPECT_EQ(fcntl(number, F_GETFD), 0);  // and it is not closed either
    EXPECT_EQ(parts_of(daemon.receive()).document, "{\"n\":1}");
    EXPECT_EQ(parts_of(daemon.receive()).document, "{\"n\":2}");
  });
}

TEST(UdpEmitter, in_a_child_that_closed_everything_it_closes_nothing) {
  IN_A_FRESH_PROCESS({
    const UdpDaemon daemon;
    const support::Descriptors others;
    UdpEmitter emitter(address_of(daemon));
    xray::detail::watch_forks();
    emitter.emit("{\"n\":1}");
    emitter.flush();
    const int number = others.newcomer();
    ASSERT_GE(number, 0);
    const pid_t child = fork();
    if (child == 0) {
      dup2(STDERR_FILENO, number);
      emitter.emit("{\"n\":2}");
      emitter.flush();
      _exit(fcntl(number, F_GETFD) == 0 ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(parts_of(daemon.receive()).document, "{\"n\":1}");
    EXPECT_EQ(parts_of(daemon.receive()).document, "{\"n\":2}");
  });
}

TEST(UdpEmitter, leaves_the_lowest_numbers_to_the_program) {
  const int before = dup(STDERR_FILENO);
  close(before);
  const UdpDaemon daemon;
  UdpEmitter emitter(address_of(daemon));
  const int free = dup(STDERR_FILENO);
  close(free);
  emitter.emit("{\"n\":1}");
  emitter.flush();
  const int still_free = dup(STDERR_FILENO);
  close(still_free);
  EXPECT_EQ(still_free, free);
  EXPECT_FALSE(daemon.receive().empty());
}
