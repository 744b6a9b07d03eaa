#include <xray/patch.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "clients/postgresql/underway.hpp"
#include "support/connection.hpp"
#include "support/documents.hpp"
#include "support/stand_in_server.hpp"

using xray_test::Connection;
using xray_test::StandInServer;

namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int cycles = 50;
#else
constexpr int cycles = 300;
#endif

/// How many of the calls went otherwise than they should.
int wrong_results_of_a_round(const Connection& connection) {
  int wrong = 0;
  const auto expect = [&wrong](bool holds) { wrong += holds ? 0 : 1; };
  expect(connection.exec("SELECT 1") == PGRES_COMMAND_OK);
  expect(connection.exec("fail") == PGRES_FATAL_ERROR);
  expect(PQsendQuery(connection, "SELECT 1; SELECT 2") == 1);
  expect(connection.next() == PGRES_COMMAND_OK);
  expect(connection.next() == PGRES_COMMAND_OK);
  expect(connection.next() == Connection::none);
  PQclear(PQprepare(connection, "a", "SELECT 1", 0, nullptr));
  expect(PQenterPipelineMode(connection) == 1);
  for (int i = 0; i < 2; ++i) {
    expect(PQsendQueryPrepared(connection, "a", 0, nullptr, nullptr, nullptr, 0) == 1);
  }
  expect(PQpipelineSync(connection) == 1);
  for (int i = 0; i < 2; ++i) {
    expect(connection.next() == PGRES_COMMAND_OK);
    expect(connection.next() == Connection::none);
  }
  expect(connection.next() == PGRES_PIPELINE_SYNC);
  expect(PQexitPipelineMode(connection) == 1);
  return wrong;
}

}  // namespace

TEST(PostgreSqlToggling, eight_threads_see_no_wrong_result_while_hooks_come_and_go) {
  const support::Capture capture;
  const StandInServer server;
  std::atomic<bool> is_over{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&, number] {
      while (!is_over) {
        const Connection connection(server);
        for (int round = 0; round < 20 && !is_over; ++round) {
          const xray::Segment segment(
              "s", xray::TraceHeader::parse(number % 4 == 3 ? "Sampled=0" : "Sampled=1"));
          wrong += wrong_results_of_a_round(connection);
        }
      }
    });
  }
  for (int cycle = 0; cycle < cycles; ++cycle) {
    if (!xray::patch({"postgresql"}).hooked("postgresql")) ++wrong;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (xray::unpatch_all().hooked("postgresql")) ++wrong;
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}
