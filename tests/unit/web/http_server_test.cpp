#include "web/http_server.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "startup_error.hpp"

namespace xrayd::web {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

/// A plain TCP client that sends and reads whatever a test wants.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { close(socket_); }

  /// False if the server closed meanwhile.
  bool send(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// Reads until `end` was read, the server closes, or ten seconds are over.
  std::string read_until(std::string_view end) {
    std::string text;
    while (text.find(end) == std::string::npos && read_some(text)) {
    }
    return text;
  }
  std::string read_all() { return read_until("\r\n\r\nthis never comes"); }

 private:
  bool read_some(std::string& text) const {
    pollfd ready{socket_, POLLIN, 0};
    if (poll(&ready, 1, 10'000) <= 0) {
      ADD_FAILURE() << "the server says nothing; so far: " << text;
      return false;
    }
    std::array<char, 4096> buffer{};
    const ssize_t size = recv(socket_, buffer.data(), buffer.size(), 0);
    if (size <= 0) return false;
    text.append(buffer.data(), static_cast<std::size_t>(size));
    return true;
  }

  int socket_;
};

ServerSettings quick_settings() {
  ServerSettings settings;
  settings.address = {"127.0.0.1", 0};
  settings.header_timeout = 300ms;
  settings.body_timeout = 600ms;
  settings.idle_timeout = 600ms;
  settings.max_connections = 8;
  settings.workers = 2;
  settings.body_memory = 3000;
  settings.answer_memory = std::uint64_t{20} << 20U;
  settings.is_quick = [](std::string_view path) { return path == "/quick"; };
  settings.body_limit = [](std::string_view path) { return path == "/large" ? 2000U : 100U; };
  return settings;
}

class Server : public testing::Test {
 protected:
  void SetUp() override {
    server_.start([this](const Request& request) {
      ++handled_;
      if (request.path == "/slow") std::this_thread::sleep_for(1s);
      if (request.path == "/big") return text_response(200, std::string(16U << 20U, 'x'));
      Response response =
          text_response(request.path == "/none" ? 304 : 200,
                        request.method + " " + request.path + "?" + request.query + " " +
                            request.body + (request.path == "/host" ? request.host : ""));
      response.headers.emplace_back("X-Test", "yes");
      return response;
    });
  }
  std::string exchange(const std::string& text) {
    Client client(port());
    client.send(text);
    return client.read_all();
  }
  std::int64_t counter(const std::string& name) {
    CounterRows rows;
    server_.report(rows);
    for (const CounterRow& row : rows) {
      if (row.name + "{" + row.labels + "}" == name || row.name == name) return row.value;
    }
    return -1;
  }
  void wait_for(const std::string& name, std::int64_t value) {
    for (int i = 0; i < 200 && counter(name) != value; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_EQ(counter(name), value) << name;
  }
  [[nodiscard]] std::uint16_t port() const { return server_.local_address().port; }

  HttpServer server_{quick_settings()};
  std::atomic<int> handled_{0};
};

const std::string close_header = "Host: h\r\nConnection: close\r\n";

TEST_F(Server, a_request_reaches_the_handler_and_its_answer_the_client) {
  const std::string answer =
      exchange("POST /a/b?c=d HTTP/1.1\r\n" + close_header + "Content-Length: 5\r\n\r\nhello");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("X-Test: yes\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 20\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\nPOST /a/b?c=d hello\n"));
}

TEST_F(Server, a_chunked_body_arrives_whole) {
  EXPECT_THAT(exchange("POST / HTTP/1.1\r\n" + close_header +
                       "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
              HasSubstr("POST /? abcde\n"));
}

TEST_F(Server, head_gets_the_length_without_the_body) {
  const std::string answer = exchange("HEAD / HTTP/1.1\r\n" + close_header + "\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n"));
}

TEST_F(Server, an_unmodified_answer_has_no_body) {
  const std::string answer = exchange("GET /none HTTP/1.1\r\n" + close_header + "\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 304 "));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n"));
}

TEST_F(Server, pipelined_requests_are_answered_in_order_on_one_connection) {
  std::string text;
  for (int i = 0; i < 20; ++i) {
    text += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";
  }
  const std::string answers = exchange(text + "GET /last HTTP/1.1\r\n" + close_header + "\r\n");
  std::size_t at = 0;
  for (int i = 0; i < 20; ++i) {
    at = answers.find("POST /" + std::to_string(i) + "? x\n", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
  EXPECT_NE(answers.find("GET /last", at), std::string::npos);
}

TEST_F(Server, what_is_not_http_gets_400_and_the_next_client_is_served) {
  for (const std::string& text :
       {std::string("\x16\x03\x01\x02 TLS\r\n\r\n"), std::string("GET\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nbad header\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\n\r\n"), std::string("GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        std::string("GET / HTTP/1.0\r\nHost: \r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: h\r\nOrigin: http://h\r\nOrigin: http://x\r\n\r\n"),
        std::string("GET http:/// HTTP/1.1\r\nHost: x\r\n\r\n"),
        std::string("GET http://x@y/ HTTP/1.1\r\nHost: y\r\n\r\n"),
        std::string("GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        std::string("GET x HTTP/1.1\r\nHost: x\r\n\r\n"),
        std::string("GET http://x/ HTTP/1.1\r\n\r\n"),
        std::string("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked"
                    "\r\n\r\n0\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")}) {
    EXPECT_THAT(exchange(text), StartsWith("HTTP/1.1 400 ")) << text;
  }
  EXPECT_EQ(handled_, 0);
  EXPECT_THAT(exchange("GET / HTTP/1.1\r\n" + close_header + "\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(Server, a_host_in_the_target_counts_before_the_headers) {
  EXPECT_THAT(exchange("GET HTTP://x:1/host?a=b HTTP/1.1\r\n" + close_header + "\r\n"),
              HasSubstr("GET /host?a=b x:1\n"));
  EXPECT_THAT(exchange("GET /host HTTP/1.1\r\n" + close_header + "\r\n"),
              HasSubstr("GET /host? h\n"));
  EXPECT_THAT(exchange("GET http://x HTTP/1.1\r\n" + close_header + "\r\n"),
              HasSubstr("GET /? \n"));
  EXPECT_THAT(exchange("GET http://x?c HTTP/1.1\r\n" + close_header + "\r\n"),
              HasSubstr("GET /?c \n"));
}

TEST_F(Server, a_path_in_an_absolute_target_has_its_own_body_limit) {
  const std::string rest = " HTTP/1.1\r\n" + close_header + "Content-Length: 101\r\n\r\n";
  EXPECT_THAT(exchange("POST http://h/large" + rest + std::string(101, 'x')),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(exchange("POST http://h/small" + rest + std::string(101, 'x')),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(Server, a_header_above_its_limit_gets_431) {
  EXPECT_THAT(exchange("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(17'000, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(exchange("GET /" + std::string(100'000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
}

TEST_F(Server, a_body_above_its_paths_limit_gets_413_announced_or_not) {
  EXPECT_THAT(exchange("POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n" +
                       std::string(101, 'x')),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(exchange("POST /small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "c8\r\n" +
                       std::string(200, 'x') + "\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(exchange("POST /large HTTP/1.1\r\n" + close_header + "Content-Length: 101\r\n\r\n" +
                       std::string(101, 'x')),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(handled_, 1);
}

TEST_F(Server, bodies_that_together_need_too_much_memory_get_503_until_the_others_are_through) {
  Client first(port());
  first.send("POST /large HTTP/1.1\r\n" + close_header + "Content-Length: 2000\r\n\r\n" +
             std::string(1999, 'x'));
  std::this_thread::sleep_for(50ms);
  const std::string second = "POST /large HTTP/1.1\r\n" + close_header +
                             "Content-Length: 1500\r\n\r\n" + std::string(1500, 'x');
  const std::string refused = exchange(second);
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refused, HasSubstr("\r\nRetry-After: 1\r\n"));
  first.send("x");
  EXPECT_THAT(first.read_all(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(exchange(second), StartsWith("HTTP/1.1 200 "));
}

TEST_F(Server, bodies_that_were_announced_only_take_no_memory_from_others) {
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 4; ++i) {
    slow.push_back(std::make_unique<Client>(port()));
    slow.back()->send("POST /large HTTP/1.1\r\nHost: h\r\nContent-Length: 2000\r\n\r\nab");
  }
  std::this_thread::sleep_for(50ms);
  EXPECT_THAT(exchange("POST /large HTTP/1.1\r\n" + close_header + "Content-Length: 2000\r\n\r\n" +
                       std::string(2000, 'x')),
              StartsWith("HTTP/1.1 200 "));
}

TEST_F(Server, a_body_that_was_refused_gives_its_memory_back_at_once) {
  const std::string head =
      "POST /large HTTP/1.1\r\n" + close_header + "Content-Length: 2000\r\n\r\n";
  Client first(port());
  first.send(head + std::string(1900, 'x'));
  std::this_thread::sleep_for(50ms);
  Client refused(port());
  refused.send(head + std::string(1000, 'x'));
  std::this_thread::sleep_for(50ms);
  refused.send(std::string(500, 'x'));
  EXPECT_THAT(refused.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(exchange("POST /large HTTP/1.1\r\n" + close_header + "Content-Length: 1000\r\n\r\n" +
                       std::string(1000, 'x')),
              StartsWith("HTTP/1.1 200 "));
}

TEST_F(Server, answers_that_wait_for_slow_readers_are_bounded_and_small_ones_still_pass) {
  const std::string big = "GET /big HTTP/1.1\r\n" + close_header + "\r\n";
  // On a machine that is busy with others a slow reader may be cut off before the next has asked.
  std::vector<std::unique_ptr<Client>> slow;
  std::string refused;
  while (slow.size() < 10 && refused.rfind("HTTP/1.1 503 ", 0) != 0) {
    slow.push_back(std::make_unique<Client>(port()));
    slow.back()->send(big);
    slow.back()->read_until("\r\n\r\n");
    refused = exchange(big).substr(0, 1000);
  }
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refused, HasSubstr("\r\nRetry-After: 1\r\n"));
  EXPECT_THAT(exchange("GET / HTTP/1.1\r\n" + close_header + "\r\n"), StartsWith("HTTP/1.1 200 "));
  wait_for("xrayd_http_timeouts_total", static_cast<std::int64_t>(slow.size()));
  Client next(port());
  next.send(big);
  EXPECT_THAT(next.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(Server, quick_requests_do_not_wait_behind_slow_handlers) {
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 6; ++i) {
    slow.push_back(std::make_unique<Client>(port()));
    slow.back()->send("GET /slow HTTP/1.1\r\n" + close_header + "\r\n");
  }
  std::this_thread::sleep_for(50ms);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(exchange("GET /quick HTTP/1.1\r\n" + close_header + "\r\n"),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1500ms);
}

TEST_F(Server, a_client_that_expects_it_is_told_to_continue) {
  Client client(port());
  client.send("POST / HTTP/1.1\r\n" + close_header +
              "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 100 "));
  client.send("ok");
  EXPECT_THAT(client.read_all(), HasSubstr("POST /? ok\n"));
}

TEST_F(Server, slow_clients_are_cut_off_and_counted) {
  Client slow_header(port());
  slow_header.send("GET / HT");
  Client slow_body(port());
  slow_body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
  Client silent(port());
  EXPECT_EQ(slow_header.read_all(), "");
  EXPECT_EQ(slow_body.read_all(), "");
  EXPECT_EQ(silent.read_all(), "");
  wait_for("xrayd_http_timeouts_total", 2);
}

TEST_F(Server, responses_are_counted_by_class_of_status) {
  exchange("GET / HTTP/1.1\r\n" + close_header + "\r\n");
  exchange("GET / HTTP/1.1\r\n" + close_header + "\r\n");
  exchange("GET /none HTTP/1.1\r\n" + close_header + "\r\n");
  exchange("nonsense\r\n\r\n");
  EXPECT_EQ(counter("xrayd_http_responses_total{class=\"2xx\"}"), 2);
  EXPECT_EQ(counter("xrayd_http_responses_total{class=\"3xx\"}"), 1);
  EXPECT_EQ(counter("xrayd_http_responses_total{class=\"4xx\"}"), 1);
  EXPECT_EQ(counter("xrayd_http_responses_total{class=\"5xx\"}"), 0);
}

TEST_F(Server, a_kept_connection_outlives_the_header_time_and_ends_with_the_idle_time) {
  Client client(port());
  client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
  client.read_until("GET /1?");
  std::this_thread::sleep_for(400ms);
  client.send("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.read_all(), HasSubstr("GET /2?"));
}

TEST_F(Server, a_client_that_leaves_is_forgotten_at_once) {
  {
    Client client(port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    client.read_until("GET /?");
    EXPECT_EQ(counter("xrayd_http_connections"), 1);
  }
  const auto begin = std::chrono::steady_clock::now();
  wait_for("xrayd_http_connections", 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 550ms);
}

TEST_F(Server, too_many_connections_are_closed_at_once_and_counted) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<Client>(port()));
    clients.back()->send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    clients.back()->read_until("GET /?");
  }
  Client extra(port());
  EXPECT_EQ(extra.read_all(), "");
  EXPECT_EQ(counter("xrayd_http_connections_refused_total"), 1);
  clients.clear();
  wait_for("xrayd_http_connections", 0);
  EXPECT_THAT(exchange("GET / HTTP/1.1\r\n" + close_header + "\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(Server, slow_handlers_leave_the_connections_of_others_alone) {
  Client slow(port());
  slow.send("GET /slow HTTP/1.1\r\n" + close_header + "\r\n");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(exchange("GET / HTTP/1.1\r\n" + close_header + "\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 900ms);
  EXPECT_THAT(slow.read_all(), HasSubstr("GET /slow"));
}

TEST_F(Server, stopping_lets_a_request_in_progress_finish_and_closes_idle_connections) {
  Client idle(port());
  idle.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  idle.read_until("GET /?");
  Client busy(port());
  busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  std::this_thread::sleep_for(100ms);
  server_.stop(5s);
  EXPECT_THAT(busy.read_all(), HasSubstr("GET /slow"));
  EXPECT_EQ(idle.read_all(), "");
}

TEST_F(Server, stopping_does_not_wait_for_idle_connections) {
  Client idle(port());
  idle.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  idle.read_until("GET /?");
  const auto begin = std::chrono::steady_clock::now();
  server_.stop(5s);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 550ms);
}

TEST_F(Server, stopping_ends_within_its_deadline_whatever_clients_do) {
  Client stuck(port());
  stuck.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
  std::this_thread::sleep_for(50ms);
  const auto begin = std::chrono::steady_clock::now();
  server_.stop(100ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 580ms);
}

TEST_F(Server, a_busy_port_is_a_startup_error_with_the_address) {
  ServerSettings settings = quick_settings();
  settings.address = server_.local_address();
  try {
    const HttpServer second(settings);
    FAIL() << "it was bound twice";
  } catch (const StartupError& problem) {
    EXPECT_THAT(problem.what(), HasSubstr(config::to_string(settings.address)));
    EXPECT_THAT(problem.what(), HasSubstr("in use"));
  }
}

TEST(ServerAddress, loopback_is_told_from_every_interface) {
  ServerSettings settings = quick_settings();
  EXPECT_TRUE(HttpServer(settings).is_loopback());
  settings.address.host = "";
  EXPECT_FALSE(HttpServer(settings).is_loopback());
}

TEST(ServerAddress, an_unknown_host_is_a_startup_error) {
  ServerSettings settings = quick_settings();
  settings.address.host = "256.1.1.1";
  EXPECT_THROW(HttpServer{settings}, StartupError);
}

}  // namespace
}  // namespace xrayd::web
