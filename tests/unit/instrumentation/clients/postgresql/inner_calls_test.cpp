// A libpq that calls its own functions through our wrappers, as one that is linked statically does.
#include <libpq-fe.h>

#include <dlfcn.h>

#include <gtest/gtest.h>

#include "clients/postgresql/async_calls.hpp"
#include "clients/postgresql/connection_calls.hpp"
#include "clients/postgresql/sync_calls.hpp"
#include "patching/hook_table.hpp"
#include "support/connection.hpp"
#include "support/documents.hpp"

namespace {

namespace pq = xray::clients::postgresql;

/// A library that patching knows nothing of.
constexpr std::size_t inner = 9;

PGresult* exec_by_sending(PGconn* connection, const char* query) {
  EXPECT_EQ(pq::SendQuery<inner>::call(connection, query), 1);
  PGresult* const result = pq::GetResult<inner>::call(connection);
  EXPECT_EQ(pq::GetResult<inner>::call(connection), nullptr);
  return result;
}

void lead_wrappers_to_libpq() {
  const auto library = xray::patching::make_library<
      inner, pq::Exec, pq::SendQuery, pq::GetResult, pq::Host, pq::Port, pq::DatabaseName, pq::User,
      pq::ParameterStatus, pq::ServerVersion, pq::LibraryVersion, pq::BackendPid, pq::Status,
      pq::StatusOfResult, pq::PipelineStatus, pq::ErrorField>("libpq.so.5");
  for (const auto& hook : library.hooks) hook.original->set(dlsym(RTLD_DEFAULT, hook.symbol));
  for (const auto& asked : library.companions) {
    asked.original->set(dlsym(RTLD_DEFAULT, asked.symbol));
  }
  pq::Exec<inner>::original.set(reinterpret_cast<void*>(&exec_by_sending));
}

}  // namespace

TEST(PostgreSqlInnerCalls, are_part_of_the_call_that_the_program_made) {
  lead_wrappers_to_libpq();
  const xray_test::StandInServer server;
  const xray_test::Connection connection(server);
  support::Capture capture;
  {
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=1"));
    PQclear(pq::Exec<inner>::call(connection, "SELECT 1"));
    PQclear(pq::Exec<inner>::call(connection, "fail"));
  }
  const auto document = capture.document();
  const auto& calls = support::at(document, "subsegments");
  ASSERT_EQ(calls.Size(), 2U);
  EXPECT_FALSE(calls[0].HasMember("fault"));
  EXPECT_FALSE(calls[0].HasMember("subsegments"));
  EXPECT_TRUE(calls[1].HasMember("fault"));
}

TEST(PostgreSqlInnerCalls, leave_alone_what_another_connection_has_underway) {
  lead_wrappers_to_libpq();
  const xray_test::StandInServer server;
  const xray_test::Connection waiting(server);
  const xray_test::Connection connection(server);
  support::Capture capture;
  {
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=1"));
    EXPECT_EQ(pq::SendQuery<inner>::call(waiting, "fail"), 1);
    PQclear(pq::Exec<inner>::call(connection, "SELECT 1"));
    PQclear(pq::GetResult<inner>::call(waiting));
  }
  const auto document = capture.document();
  const auto& calls = support::at(document, "subsegments");
  ASSERT_EQ(calls.Size(), 2U);
  EXPECT_TRUE(calls[0].HasMember("fault"));
  EXPECT_FALSE(calls[1].HasMember("fault"));
}
