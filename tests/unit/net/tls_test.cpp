// HTTPS with real certificates: who is trusted, and what happens where TLS goes wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "net/client.hpp"
#include "startup_error.hpp"
#include "support/test_server.hpp"

namespace xrayd::net {
namespace {

using namespace std::chrono_literals;
using aws::RequestEnd;
using testing::EndsWith;
using testing::HasSubstr;

constexpr auto long_enough = 20s;
constexpr auto soon = 150ms;

aws::Endpoint secure(std::uint16_t port, const std::string& host = "127.0.0.1") {
  return {.tls = true, .host = host, .port = port, .base_path = "", .signing_region = ""};
}

class Tls : public testing::Test {
 protected:
  [[nodiscard]] NetworkSettings trusting() const { return {.ca_bundle = authority_.bundle()}; }

  [[nodiscard]] HttpResult ask(const NetworkSettings& settings, const aws::Endpoint& endpoint,
                               std::chrono::milliseconds timeout = long_enough) const {
    // Every name is this machine.
    const auto shared = std::make_shared<const Shared>(settings, [](const std::string&) {
      return LookUpResult{{*parse_ip("127.0.0.1")}, {}};
    });
    return make_client(shared, {})->send(endpoint, {.body = "hello"}, timeout);
  }

  Authority authority_;
};

TEST_F(Tls, reaches_a_server_whose_certificate_is_for_its_address_or_its_name) {
  TestServer server(&echo, authority_.issue());
  for (const char* host : {"127.0.0.1", "localhost", "xray.test"}) {
    const auto result = ask(trusting(), secure(server.port(), host));
    EXPECT_EQ(result.response.body, "hello") << host << ": " << result.problem;
  }
}

TEST_F(Tls, says_why_a_certificate_is_not_trusted) {
  TestServer server(&echo, authority_.issue());
  const Authority other;
  const auto stranger = ask({.ca_bundle = other.bundle()}, secure(server.port()));
  EXPECT_EQ(stranger.end, RequestEnd::not_trusted);
  EXPECT_EQ(stranger.problem, "127.0.0.1:" + std::to_string(server.port()) +
                                  ": the certificate is not trusted: unable to get local issuer "
                                  "certificate");
  const auto unknown = ask({}, secure(server.port()));
  EXPECT_EQ(unknown.end, RequestEnd::not_trusted) << unknown.problem;

  const auto name = ask(trusting(), secure(server.port(), "other.test"));
  EXPECT_EQ(name.end, RequestEnd::not_trusted);
  EXPECT_THAT(name.problem, EndsWith("hostname mismatch"));

  TestServer old(&echo, authority_.issue({.not_after = -3600}));
  const auto expired = ask(trusting(), secure(old.port()));
  EXPECT_EQ(expired.end, RequestEnd::not_trusted);
  EXPECT_THAT(expired.problem, EndsWith("certificate has expired"));

  TestServer elsewhere(&echo, authority_.issue({.names = "IP:192.0.2.1"}));
  const auto address = ask(trusting(), secure(elsewhere.port()));
  EXPECT_EQ(address.end, RequestEnd::not_trusted);
  EXPECT_THAT(address.problem, EndsWith("IP address mismatch"));
}

TEST_F(Tls, does_not_take_a_certificates_subject_for_its_name) {
  TestServer server(&echo, authority_.issue({.subject = "localhost", .names = ""}));
  const auto result = ask(trusting(), secure(server.port(), "localhost"));
  EXPECT_EQ(result.end, RequestEnd::not_trusted);
  EXPECT_THAT(result.problem, EndsWith("hostname mismatch"));
}

TEST_F(Tls, takes_any_certificate_where_it_is_told_not_to_verify) {
  TestServer server(&echo, authority_.issue({.names = "DNS:other.test", .not_after = -3600}));
  EXPECT_EQ(ask({.verify = false}, secure(server.port())).response.body, "hello");
}

TEST_F(Tls, refuses_to_start_with_a_bundle_that_has_no_certificates) {
  const auto attempt = [](const std::string& path) -> std::string {
    try {
      const Network network({.ca_bundle = path});
    } catch (const StartupError& problem) {
      return problem.what();
    }
    return "";
  };
  EXPECT_THAT(attempt("/nowhere/bundle.pem"), HasSubstr("/nowhere/bundle.pem"));
  EXPECT_THAT(attempt("/dev/null"), HasSubstr("/dev/null"));
}

TEST_F(Tls, sends_nothing_where_the_bundle_has_gone_since_the_start) {
  TestServer server(&echo, authority_.issue());
  const Network network(trusting());
  std::filesystem::remove(authority_.bundle());
  const auto result = network.client()->send(secure(server.port()), {}, long_enough);
  EXPECT_EQ(result.end, RequestEnd::refused);
  EXPECT_THAT(result.problem, HasSubstr(authority_.bundle()));
  EXPECT_EQ(network.client()->send(secure(server.port()), {}, long_enough).end,
            RequestEnd::refused);
}

TEST_F(Tls, sends_a_thousand_requests_over_one_connection) {
  TestServer server(&echo, authority_.issue());
  const Network network(trusting());
  const auto client = network.client();
  for (int i = 0; i < 1000; ++i) {
    const std::string body = std::to_string(i);
    const auto result = client->send(secure(server.port()), {.body = body}, long_enough);
    ASSERT_EQ(result.response.body, body) << result.problem;
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(Tls, carries_bodies_of_megabytes_both_ways) {
  TestServer server(&echo, authority_.issue());
  const Network network(trusting());
  const std::string body(3U << 20U, 'x');
  const auto result = network.client()->send(secure(server.port()), {.body = body}, long_enough);
  EXPECT_TRUE(result.response.body == body) << result.problem;
}

TEST_F(Tls, goes_on_with_an_earlier_session_on_a_new_connection) {
  TestServer server(
      [](ServedConnection& connection) {
        while (!connection.read_request().empty()) {
          connection.answer(connection.resumed() ? "resumed" : "new", "200 OK",
                            "Connection: close\r\n");
        }
      },
      authority_.issue());
  const Network network(trusting());
  const auto first = network.client();
  EXPECT_EQ(first->send(secure(server.port()), {}, long_enough).response.body, "new");
  EXPECT_EQ(first->send(secure(server.port()), {}, long_enough).response.body, "resumed");
  // Of this name nobody has vouched for yet.
  EXPECT_EQ(
      network.client()->send(secure(server.port(), "localhost"), {}, long_enough).response.body,
      "new");
}

TEST_F(Tls, keeps_a_connection_on_which_nothing_but_a_session_was_offered_meanwhile) {
  TestServer server(
      [](ServedConnection& connection) {
        while (!connection.read_request().empty()) {
          connection.answer(std::to_string(connection.number()));
          for (int i = 0; i < 3; ++i) connection.offer_session();
        }
      },
      authority_.issue());
  const Network network(trusting());
  const auto client = network.client();
  for (int i = 0; i < 100; ++i) {
    const auto result = client->send(secure(server.port()), {}, long_enough);
    ASSERT_EQ(result.response.body, "0") << result.problem;
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(Tls, takes_a_new_connection_where_the_server_closed_the_old_one) {
  TestServer server(
      [](ServedConnection& connection) {
        (void)connection.read_request();
        connection.answer(std::to_string(connection.number()));
      },
      authority_.issue());
  const Network network(trusting());
  const auto client = network.client();
  EXPECT_EQ(client->send(secure(server.port()), {}, long_enough).response.body, "0");
  std::string body;
  for (int i = 0; i < 1000 && body.empty(); ++i) {
    body = client->send(secure(server.port()), {}, long_enough).response.body;
  }
  EXPECT_THAT(body, testing::Not(testing::AnyOf("", "0")));
}

TEST_F(Tls, calls_an_answer_without_its_proper_end_cut) {
  TestServer server(
      [](ServedConnection& connection) {
        (void)connection.read_request();
        connection.write("HTTP/1.1 200 OK\r\n\r\nhalf of it");
        connection.reset();
      },
      authority_.issue());
  EXPECT_EQ(ask(trusting(), secure(server.port())).end, RequestEnd::cut);
}

TEST_F(Tls, says_that_a_server_does_not_speak_TLS) {
  TestServer server([](ServedConnection& connection) {
    (void)connection.read_some();
    connection.answer("", "400 Bad Request");
    connection.hang();
  });
  const auto result = ask(trusting(), secure(server.port()));
  EXPECT_EQ(result.end, RequestEnd::malformed_answer);
  EXPECT_THAT(result.problem, HasSubstr("TLS: wrong version number"));
}

TEST_F(Tls, calls_a_connection_that_ends_within_the_handshake_cut) {
  TestServer server([](ServedConnection& connection) { (void)connection.read_some(); });
  EXPECT_EQ(ask(trusting(), secure(server.port())).end, RequestEnd::cut);
}

TEST_F(Tls, ends_with_the_deadline_where_the_handshake_hangs) {
  TestServer server([](ServedConnection& connection) { connection.hang(); });
  const auto result = ask(trusting(), secure(server.port()), soon);
  EXPECT_EQ(result.end, RequestEnd::timed_out);
  EXPECT_THAT(result.problem, EndsWith(": no answer in time"));
}

TEST_F(Tls, ends_with_the_deadline_where_an_answer_drips) {
  std::atomic<bool> over{false};
  TestServer server(
      [&](ServedConnection& connection) {
        (void)connection.read_request();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        while (!over) {
          connection.write("x");
          std::this_thread::sleep_for(5ms);
        }
      },
      authority_.issue());
  const auto result = ask(trusting(), secure(server.port()), soon);
  over = true;
  EXPECT_EQ(result.end, RequestEnd::timed_out);
}

}  // namespace
}  // namespace xrayd::net
