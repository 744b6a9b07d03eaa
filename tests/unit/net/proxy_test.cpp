// Through a proxy: what it is asked for, what it may refuse, and who goes past it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/client.hpp"
#include "support/test_server.hpp"

namespace xrayd::net {
namespace {

using namespace std::chrono_literals;
using aws::RequestEnd;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto long_enough = 20s;
constexpr auto soon = 150ms;

aws::Endpoint endpoint(bool tls, std::uint16_t port, const std::string& host = "xray.test") {
  return {.tls = tls, .host = host, .port = port, .base_path = "", .signing_region = ""};
}

std::string url_of(const TestServer& proxy, const std::string& userinfo = "") {
  return "http://" + userinfo + "127.0.0.1:" + std::to_string(proxy.port());
}

/// Whoever is asked for by CONNECT is on this machine, whatever it is called.
class Tunnel {
 public:
  Tunnel()
      : server_([this](ServedConnection& connection) {
          std::string request = connection.read_request();
          const std::string target = request.substr(0, request.find("\r\n"));
          {
            const std::lock_guard guard(mutex_);
            requests_.push_back(std::move(request));
          }
          const std::size_t colon = target.find(':');
          connection.write("HTTP/1.0 200 Connection established\r\nVia: a test\r\n\r\n");
          connection.relay_to(static_cast<std::uint16_t>(std::stoi(target.substr(colon + 1))));
        }) {}

  [[nodiscard]] const TestServer& server() const { return server_; }
  [[nodiscard]] std::vector<std::string> requests() {
    const std::lock_guard guard(mutex_);
    return requests_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> requests_;
  TestServer server_;
};

TEST(Proxy, is_asked_for_a_tunnel_to_a_server_with_TLS) {
  const Authority authority;
  TestServer server(&echo, authority.issue());
  Tunnel tunnel;
  const Network network(
      {.proxy = url_of(tunnel.server(), "user:p%40ss@"), .ca_bundle = authority.bundle()});
  const auto client = network.client();
  for (int i = 0; i < 3; ++i) {
    const auto result = client->send(endpoint(true, server.port()), {.body = "hi"}, long_enough);
    EXPECT_EQ(result.response.body, "hi") << result.problem;
  }
  const std::string name = "xray.test:" + std::to_string(server.port());
  EXPECT_THAT(tunnel.requests(),
              ElementsAre("CONNECT " + name + " HTTP/1.1\r\nHost: " + name +
                          "\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n\r\n"));
}

TEST(Proxy, does_not_vouch_for_the_server_behind_it) {
  const Authority authority;
  TestServer server(&echo, authority.issue({.names = "DNS:other.test"}));
  Tunnel tunnel;
  const Network network({.proxy = url_of(tunnel.server()), .ca_bundle = authority.bundle()});
  const auto result = network.client()->send(endpoint(true, server.port()), {}, long_enough);
  EXPECT_EQ(result.end, RequestEnd::not_trusted);
  EXPECT_THAT(result.problem, StartsWith("xray.test:"));
}

TEST(Proxy, gets_the_whole_URL_of_a_server_without_TLS) {
  std::promise<std::string> seen;
  TestServer proxy([&](ServedConnection& connection) {
    seen.set_value(connection.read_request());
    connection.answer("from the proxy");
  });
  const Network network({.proxy = url_of(proxy, "user:pass@")});
  const auto result =
      network.client()->send(endpoint(false, 8080), {.target = "/a?b", .body = "x"}, long_enough);
  EXPECT_EQ(result.response.body, "from the proxy") << result.problem;
  EXPECT_EQ(seen.get_future().get(),
            "POST http://xray.test:8080/a?b HTTP/1.1\r\nHost: xray.test:8080\r\nContent-Length: 1"
            "\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\nx");
}

TEST(Proxy, that_refuses_is_named_with_its_reason_and_without_its_user) {
  for (const char* status : {"407 Proxy Authentication Required", "502 Bad Gateway", "403 No"}) {
    TestServer proxy([&](ServedConnection& connection) {
      (void)connection.read_request();
      connection.answer("an explanation", status);
    });
    const Network network({.proxy = url_of(proxy, "hunter:tiger@")});
    const auto result = network.client()->send(endpoint(true, 443), {}, long_enough);
    EXPECT_EQ(result.end, RequestEnd::refused);
    EXPECT_THAT(result.problem,
                StartsWith("the proxy 127.0.0.1:" + std::to_string(proxy.port()) +
                           ": it refused with status " + std::string(status).substr(0, 3)));
    EXPECT_THAT(result.problem, Not(HasSubstr("hunter")));
  }
}

TEST(Proxy, that_wants_a_password_for_a_server_without_TLS_is_no_answer_of_the_server) {
  TestServer proxy([&](ServedConnection& connection) {
    (void)connection.read_request();
    connection.answer("", "407 Proxy Authentication Required");
  });
  const Network network({.proxy = url_of(proxy)});
  const auto result = network.client()->send(endpoint(false, 80), {}, long_enough);
  EXPECT_EQ(result.end, RequestEnd::refused);
  EXPECT_THAT(result.problem, EndsWith("(user and password are missing or wrong)"));
}

TEST(Proxy, that_is_not_there_hangs_or_talks_nonsense_is_named) {
  const ClosedPort closed;
  const Network nobody({.proxy = "http://127.0.0.1:" + std::to_string(closed.port())});
  const auto refused = nobody.client()->send(endpoint(true, 443), {}, long_enough);
  EXPECT_EQ(refused.end, RequestEnd::refused);
  EXPECT_THAT(refused.problem, StartsWith("the proxy 127.0.0.1:"));

  TestServer hanging([](ServedConnection& connection) { connection.hang(); });
  const Network slow({.proxy = url_of(hanging)});
  const auto late =
      slow.client({.connect_timeout = soon})->send(endpoint(true, 443), {}, long_enough);
  EXPECT_EQ(late.end, RequestEnd::timed_out);
  EXPECT_THAT(late.problem, StartsWith("the proxy 127.0.0.1:"));

  TestServer babbling([](ServedConnection& connection) {
    (void)connection.read_request();
    connection.write("220 mail.test ESMTP\r\n\r\n");
  });
  const Network odd({.proxy = url_of(babbling)});
  EXPECT_EQ(odd.client()->send(endpoint(true, 443), {}, long_enough).end,
            RequestEnd::malformed_answer);

  TestServer eager([](ServedConnection& connection) {
    (void)connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\n\r\nbefore anybody asked");
    connection.hang();
  });
  const Network early({.proxy = url_of(eager)});
  EXPECT_EQ(early.client()->send(endpoint(true, 443), {}, long_enough).end,
            RequestEnd::malformed_answer);
}

TEST(Proxy, is_passed_by_for_what_NO_PROXY_names_for_this_machine_and_where_it_is_told_so) {
  TestServer server(&echo);
  const ClosedPort closed;
  const std::string proxy = "http://127.0.0.1:" + std::to_string(closed.port());
  const auto here = [](const std::string&) { return LookUpResult{{*parse_ip("127.0.0.1")}, {}}; };
  const auto direct =
      std::make_shared<const Shared>(NetworkSettings{.proxy = proxy, .no_proxy = "test"}, here);
  const auto all = std::make_shared<const Shared>(NetworkSettings{.proxy = proxy}, here);
  const HttpRequest request{.body = "hi"};
  const auto named = endpoint(false, server.port());
  EXPECT_EQ(make_client(direct, {})->send(named, request, long_enough).response.body, "hi");
  EXPECT_EQ(make_client(all, {})->send(named, request, long_enough).end, RequestEnd::refused);
  const auto local = endpoint(false, server.port(), "127.0.0.1");
  EXPECT_EQ(make_client(all, {})->send(local, request, long_enough).response.body, "hi");
  EXPECT_EQ(
      make_client(all, {.through_proxy = false})->send(named, request, long_enough).response.body,
      "hi");
}

}  // namespace
}  // namespace xrayd::net
