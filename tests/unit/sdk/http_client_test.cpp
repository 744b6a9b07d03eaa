#include <xray/impl/http_client.hpp>

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>

#include <atomic>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/http_stand_in.hpp"
#include "support/resolver.hpp"

using State = xray::detail::HttpReplyReader::State;
using Outcome = xray::detail::HttpOutcome;

namespace {

struct Read {
  State state;
  int status;
  std::string body;
};

/// Fed whole and byte by byte, a reply must read the same.
Read read(std::string_view text, bool closed = false, std::size_t largest = 100) {
  xray::detail::HttpReplyReader whole(largest);
  State state = whole.feed(text);
  if (closed) state = whole.finish();
  xray::detail::HttpReplyReader pieces(largest);
  State last = State::more;
  for (const char& c : text) last = pieces.feed({&c, 1});
  if (closed) last = pieces.finish();
  EXPECT_EQ(state, last) << text;
  if (state == State::done) {
    EXPECT_EQ(whole.reply().body, pieces.reply().body) << text;
  }
  return {state, whole.reply().status, whole.reply().body};
}

xray::detail::HttpRequest request_to(const support::HttpStandIn& server) {
  xray::detail::HttpRequest request;
  request.host = "127.0.0.1";
  request.port = server.port();
  return request;
}

xray::detail::HttpLimits within(std::int64_t milliseconds) {
  xray::detail::HttpLimits limits;
  limits.connect = limits.whole = milliseconds * 1'000'000;
  return limits;
}

constexpr std::int64_t plenty = 20'000;

/// This process's end of a connection to a port of its own; -1 if there is none.
int descriptor_connected_to(const std::string& port) {
  for (int number = 0; number < 1024; ++number) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(number, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
        peer.sin_family == AF_INET && std::to_string(ntohs(peer.sin_port)) == port) {
      return number;
    }
  }
  return -1;
}

/// An address that answers no connection attempt, neither with yes nor with no: its queue is full.
class SilentAddress {
 public:
  SilentAddress(const char* host, const std::string& port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
    ::inet_pton(AF_INET, host, &address.sin_addr);
    const auto* const name = reinterpret_cast<const sockaddr*>(&address);
    sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(sockets_[0], name, sizeof address), 0);
    EXPECT_EQ(::listen(sockets_[0], 0), 0);
    for (int i = 0; i < 4; ++i) {
      sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      EXPECT_TRUE(::connect(sockets_.back(), name, sizeof address) == 0 || errno == EINPROGRESS);
    }
  }
  SilentAddress(const SilentAddress&) = delete;
  SilentAddress& operator=(const SilentAddress&) = delete;
  ~SilentAddress() {
    for (const int socket : sockets_) ::close(socket);
  }

 private:
  std::vector<int> sockets_;
};

}  // namespace

TEST(HttpReplyReader, reads_a_body_of_given_length_and_ignores_what_follows) {
  const Read reply = read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 500 No\r\n");
  EXPECT_EQ(reply.state, State::done);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "hello");
}

TEST(HttpReplyReader, reads_chunks_with_extensions_and_trailers) {
  const Read reply = read(
      "HTTP/1.1 200 OK\r\ntransfer-ENCODING: Chunked\r\n\r\n"
      "5;a=b\r\nhello\r\n0A\r\n, world...\r\n0\r\nTrailer: x\r\n\r\n");
  EXPECT_EQ(reply.state, State::done);
  EXPECT_EQ(reply.body, "hello, world...");
}

TEST(HttpReplyReader, reads_until_close_where_no_length_is_given) {
  EXPECT_EQ(read("HTTP/1.0 200 OK\n\nbody").state, State::more);
  const Read reply = read("HTTP/1.0 200 OK\n\nbody", true);
  EXPECT_EQ(reply.state, State::done);
  EXPECT_EQ(reply.body, "body");
}

TEST(HttpReplyReader, skips_interim_replies) {
  const Read reply = read(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(reply.state, State::done);
  EXPECT_EQ(reply.status, 204);
}

TEST(HttpReplyReader, a_reply_cut_short_is_broken) {
  const std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(read(whole.substr(0, size), true).state, State::broken) << size;
  }
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true).state,
            State::broken);
}

TEST(HttpReplyReader, what_two_readers_could_read_differently_is_broken) {
  for (const char* const text : {
           "<html>not HTTP</html>\r\n",
           "HTTP/2 200 OK\r\n",
           "HTTP/1.1 20 OK\r\n",
           "HTTP/1.1 2000 OK\r\n",
           "HTTP/1.1 999 OK\r\n",
           "HTTP/1.1 099 OK\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999999\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n",
           "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
           "HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
           "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
           "HTTP/1.1 101 Switching\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n000000001\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
       }) {
    EXPECT_EQ(read(text).state, State::broken) << text;
  }
}

TEST(HttpReplyReader, no_reply_takes_more_memory_than_it_may) {
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n").state, State::too_large);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n").state,
            State::too_large);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n").state,
            State::too_large);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\n\r\n" + std::string(101, 'x')).state, State::too_large);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\n\r\n" + std::string(100, 'x'), true).state, State::done);
  EXPECT_EQ(read("HTTP/1.1 200 " + std::string(100'000, 'x')).state, State::too_large);
  std::string headers = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 10'000; ++i) headers += "A: b\r\n";
  EXPECT_EQ(read(headers).state, State::too_large);
  std::string interim;
  for (int i = 0; i < 10'000; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(read(interim).state, State::too_large);
}

TEST(HttpClient, asks_with_method_path_headers_and_body_and_hands_over_the_reply) {
  const support::HttpStandIn server(
      [](const std::string&) { return support::HttpStandIn::reply(201, "made"); });
  auto request = request_to(server);
  request.method = "POST";
  request.path = "/GetSamplingRules?a=b";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = "{}";
  xray::detail::HttpReply reply;
  EXPECT_EQ(xray::detail::http_exchange(request, reply, within(plenty)), Outcome::ok);
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.body, "made");
  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(server.requests()[0],
            "POST /GetSamplingRules?a=b HTTP/1.1\r\nHost: " + server.address() +
                "\r\nConnection: close\r\nContent-Type: application/json\r\n"
                "Content-Length: 2\r\n\r\n{}");
}

TEST(HttpClient, an_address_of_version_6_stands_in_brackets) {
  xray::detail::HttpRequest request;
  request.host = "fd00:ec2::254";
  EXPECT_NE(xray::detail::http_request_text(request).find("Host: [fd00:ec2::254]\r\n"),
            std::string::npos);
}

TEST(HttpClient, nothing_breaks_out_of_its_place_in_a_request) {
  using Change = void (*)(xray::detail::HttpRequest&);
  for (const Change change : {
           Change([](xray::detail::HttpRequest& request) { request.path = "no slash"; }),
           Change([](xray::detail::HttpRequest& request) { request.path = "/ HTTP/1.1"; }),
           Change([](xray::detail::HttpRequest& request) { request.path = "/\r\nX: y"; }),
           Change([](xray::detail::HttpRequest& request) { request.method = "GET /"; }),
           Change([](xray::detail::HttpRequest& request) { request.host = "a\r\nX: y"; }),
           Change([](xray::detail::HttpRequest& request) {
             request.headers = {{"A", "b\r\nX: y"}};
           }),
           Change([](xray::detail::HttpRequest& request) {
             request.headers = {{"A b", "c"}};
           }),
           Change([](xray::detail::HttpRequest& request) {
             request.headers = {{"", "c"}};
           }),
       }) {
    xray::detail::HttpRequest request;
    request.host = "127.0.0.1";
    EXPECT_NE(xray::detail::http_request_text(request), "");
    change(request);
    xray::detail::HttpReply reply;
    EXPECT_EQ(xray::detail::http_exchange(request, reply), Outcome::bad_request);
  }
}

TEST(HttpClient, a_port_where_nobody_listens_is_told_at_once) {
  std::string free_port;
  {
    const support::HttpStandIn gone([](const std::string&) { return std::string("x"); });
    free_port = gone.port();
  }
  xray::detail::HttpRequest request;
  request.host = "127.0.0.1";
  request.port = free_port;
  xray::detail::HttpReply reply;
  EXPECT_EQ(xray::detail::http_exchange(request, reply, within(plenty)), Outcome::not_connected);
}

TEST(HttpClient, an_address_that_keeps_silent_leaves_time_for_the_next) {
  const support::HttpStandIn server(
      [](const std::string&) { return support::HttpStandIn::reply(200, "here"); });
  const SilentAddress silent("127.0.0.2", server.port());
  support::name_host("half-silent.test", {"127.0.0.2", "127.0.0.1"});
  xray::detail::HttpRequest request = request_to(server);
  request.host = "half-silent.test";
  xray::detail::HttpLimits limits = within(plenty);
  limits.connect = 1'000'000'000;
  xray::detail::HttpReply reply;
  EXPECT_EQ(xray::detail::http_exchange(request, reply, limits), Outcome::ok);
  EXPECT_EQ(reply.body, "here");
}

TEST(HttpClient, a_server_that_keeps_silent_is_not_waited_for_beyond_the_limit) {
  const support::HttpStandIn server([](const std::string&) { return std::string(); });
  xray::detail::HttpReply reply;
  EXPECT_EQ(xray::detail::http_exchange(request_to(server), reply, within(200)),
            Outcome::timed_out);
}

TEST(HttpClient, a_server_that_goes_on_for_ever_byte_by_byte_is_not_waited_for_either) {
  // Half a reply, and then a drip that never ends: the limit is for the whole exchange.
  std::atomic<bool> stop{false};
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::thread drip([&] {
    const int peer = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    ::send(peer, "HTTP/1.1 200 OK\r\n", 17, MSG_NOSIGNAL);
    while (!stop.load() && ::send(peer, "a", 1, MSG_NOSIGNAL) == 1) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ::close(peer);
  });
  xray::detail::HttpRequest request;
  request.host = "127.0.0.1";
  request.port = std::to_string(ntohs(address.sin_port));
  xray::detail::HttpReply reply;
  EXPECT_EQ(xray::detail::http_exchange(request, reply, within(200)), Outcome::timed_out);
  stop.store(true);
  drip.join();
  ::close(listener);
}

TEST(HttpClient, an_exchange_that_nobody_wants_any_more_ends) {
  const support::HttpStandIn server([](const std::string&) { return std::string(); });
  std::atomic<bool> cancelled{false};
  std::thread other([&] {
    while (server.requests().empty()) std::this_thread::yield();
    cancelled.store(true);
  });
  xray::detail::HttpReply reply;
  EXPECT_EQ(xray::detail::http_exchange(request_to(server), reply, within(plenty), &cancelled),
            Outcome::cancelled);
  other.join();
}

TEST(HttpClient, answers_that_are_broken_or_too_large_give_no_reply) {
  const auto outcome_of = [](const std::string& answer) {
    const support::HttpStandIn server([&answer](const std::string&) { return answer; });
    xray::detail::HttpReply reply;
    reply.status = -1;
    const Outcome outcome = xray::detail::http_exchange(request_to(server), reply, within(plenty));
    EXPECT_EQ(reply.status, -1);
    return outcome;
  };
  EXPECT_EQ(outcome_of("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nclosed early"),
            Outcome::broken);
  EXPECT_EQ(outcome_of(std::string("\x16\x03\x01\x00\x7f binary", 12)), Outcome::broken);
  EXPECT_EQ(outcome_of("HTTP/1.1 200 OK\r\n\r\n" + std::string(1'000'000, 'x')),
            Outcome::too_large);
}

TEST(HttpClient, leaves_alone_what_has_taken_the_number_of_its_socket) {
  int programs[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, programs), 0);
  ASSERT_EQ(::write(programs[1], "x", 1), 1);
  int number = -1;
  {
    std::promise<std::string> port;
    const support::HttpStandIn server([&](const std::string&) {
      number = descriptor_connected_to(port.get_future().get());
      ::dup2(programs[0], number);  // as after closing everything
      return support::HttpStandIn::reply(200, "");
    });
    port.set_value(server.port());
    xray::detail::HttpReply reply;
    EXPECT_EQ(xray::detail::http_exchange(request_to(server), reply, within(plenty)),
              Outcome::broken);
  }
  ASSERT_GE(number, 0);
  char byte = 0;
  EXPECT_EQ(::recv(number, &byte, 1, MSG_DONTWAIT), 1);  // neither closed nor read
  ::close(number);
  ::close(programs[0]);
  ::close(programs[1]);
}
