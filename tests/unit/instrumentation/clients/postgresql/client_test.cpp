// The real libpq, patched, and a server that answers at once.
#include <xray/patch.hpp>
#include <xray/xray.hpp>

#include <pthread.h>

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "clients/postgresql/prepared_statements.hpp"
#include "clients/postgresql/underway.hpp"
#include "support/allocations.hpp"
#include "support/connection.hpp"
#include "support/documents.hpp"
#include "support/stand_in_server.hpp"

using support::at;
using support::Capture;
using support::only_subsegment;
using support::text_of;
using xray_test::Connection;
using xray_test::StandInServer;

namespace {

/// Patches libpq for the length of a test, and sees that nothing is kept after it.
class PostgreSql : public testing::Test {
 protected:
  void SetUp() override {
    was_empty_ = xray::clients::postgresql::underway().empty();
    ASSERT_TRUE(xray::patch({"postgresql"}).hooked("postgresql"));
  }
  void TearDown() override {
    xray::unpatch_all();
    // Where the test of toggling came before, connections have ended unseen.
    EXPECT_TRUE(xray::clients::postgresql::underway().empty() || !was_empty_);
  }

  xray::Segment& begin() { return segment_.emplace("s", xray::TraceHeader::parse("Sampled=1")); }

  /// Ends the segment; its document.
  support::Json document() {
    segment_.reset();
    return capture_.document();
  }

  static const support::JsonValue& subsegments(const support::Json& document) {
    return at(document, "subsegments");
  }

  static std::string statement_of(const support::JsonValue& call) {
    return text_of(at(at(call, "sql"), "sanitized_query"));
  }

  static std::string failure_of(const support::JsonValue& call) {
    const auto& exception = at(at(call, "cause"), "exceptions")[0];
    return text_of(at(exception, "type")) + ": " + text_of(at(exception, "message"));
  }

  Capture capture_;
  StandInServer server_;
  std::optional<xray::Segment> segment_;
  bool was_empty_ = true;
};

}  // namespace

TEST_F(PostgreSql, a_call_says_where_it_goes_without_the_password) {
  const Connection connection(server_);
  begin();
  EXPECT_EQ(connection.exec("SELECT * FROM users WHERE name = 'ann'"), PGRES_COMMAND_OK);
  const auto document = this->document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(call, "name")), "shop@127.0.0.1");
  const auto& sql = at(call, "sql");
  EXPECT_EQ(text_of(at(sql, "url")),
            "postgresql://127.0.0.1:" + std::to_string(server_.port()) + "/shop");
  EXPECT_EQ(text_of(at(sql, "user")), "ann");
  EXPECT_EQ(text_of(at(sql, "database_version")), "15.20");
  EXPECT_EQ(statement_of(call), "SELECT * FROM users WHERE name = ?");
  EXPECT_FALSE(call.HasMember("fault"));
}

TEST_F(PostgreSql, where_backslashes_may_end_a_text_or_not_nothing_is_shown_after_them) {
  const StandInServer other("off");
  const Connection connection(other);
  begin();
  EXPECT_EQ(connection.exec("SELECT 'it\\'s secret', 'x'"), PGRES_COMMAND_OK);
  const auto document = this->document();
  EXPECT_EQ(statement_of(only_subsegment(document)).find("secret"), std::string::npos);
}

TEST_F(PostgreSql, results_and_messages_are_the_servers) {
  const Connection connection(server_);
  begin();
  EXPECT_EQ(connection.exec("fail"), PGRES_FATAL_ERROR);
  EXPECT_STREQ(PQerrorMessage(connection), "ERROR:  syntax error at or near \"secret\"\n");
  const auto document = this->document();
  EXPECT_EQ(failure_of(only_subsegment(document)), "PostgreSQL 42601: syntax error at or near ?");
}

TEST_F(PostgreSql, a_call_of_no_connection_does_what_it_always_did) {
  begin();
  EXPECT_EQ(PQexec(nullptr, "SELECT 1"), nullptr);
  EXPECT_EQ(PQsendQuery(nullptr, "SELECT 1"), 0);
  EXPECT_EQ(PQgetResult(nullptr), nullptr);
  EXPECT_EQ(PQprepare(nullptr, "a", "SELECT 1", 0, nullptr), nullptr);
  EXPECT_EQ(PQsendPrepare(nullptr, "a", "SELECT 1", 0, nullptr), 0);
  EXPECT_EQ(PQenterPipelineMode(nullptr), 0);
  EXPECT_EQ(PQexitPipelineMode(nullptr), 0);
  PQfinish(nullptr);
  PQreset(nullptr);
  EXPECT_FALSE(document().HasMember("subsegments"));
}

TEST_F(PostgreSql, a_call_without_a_statement_is_recorded_as_the_failure_that_it_is) {
  const Connection connection(server_);
  begin();
  EXPECT_EQ(PQexec(connection, nullptr), nullptr);
  const auto document = this->document();
  EXPECT_EQ(failure_of(only_subsegment(document)), "PostgreSQL: command string is a null pointer");
}

TEST_F(PostgreSql, errno_is_left_as_the_library_leaves_it) {
  const Connection connection(server_);
  const auto errors = [&connection] {
    std::vector<int> seen;
    const auto see = [&seen](auto&& call) {
      errno = 77;
      call();
      seen.push_back(errno);
    };
    see([&] { EXPECT_EQ(connection.exec("fail"), PGRES_FATAL_ERROR); });
    see([&] { EXPECT_EQ(PQsendQuery(connection, "SELECT 1"), 1); });
    see([&] { EXPECT_EQ(connection.next(), PGRES_COMMAND_OK); });
    see([&] { EXPECT_EQ(connection.next(), Connection::none); });
    see([&] { EXPECT_EQ(PQenterPipelineMode(connection), 1); });
    see([&] { EXPECT_EQ(PQexitPipelineMode(connection), 1); });
    return seen;
  };
  begin();
  const std::vector<int> patched = errors();
  xray::unpatch_all();
  EXPECT_EQ(patched, errors());
}

TEST_F(PostgreSql, unsampled_calls_allocate_nothing) {
  // One that is not connected, as the server's thread allocates too.
  PGconn* const connection = PQconnectStart("nonsense");
  const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=0"));
  const auto before = support::allocations();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(PQexec(connection, "SELECT 1"), nullptr);
    EXPECT_EQ(PQsendQuery(connection, "SELECT 1"), 0);
    EXPECT_EQ(PQgetResult(connection), nullptr);
  }
  EXPECT_EQ(support::allocations(), before);
  PQfinish(connection);
}

TEST_F(PostgreSql, a_prepared_statement_is_known_though_nothing_was_traced_then) {
  const Connection connection(server_);
  PQclear(PQprepare(connection, "now", "SELECT 1 AS now", 0, nullptr));
  EXPECT_EQ(PQsendPrepare(connection, "later", "SELECT 2 AS later", 0, nullptr), 1);
  EXPECT_EQ(connection.next(), PGRES_COMMAND_OK);
  EXPECT_EQ(connection.next(), Connection::none);
  begin();
  PQclear(PQexecPrepared(connection, "now", 0, nullptr, nullptr, nullptr, 0));
  PQclear(PQexecPrepared(connection, "later", 0, nullptr, nullptr, nullptr, 0));
  PQclear(PQexecPrepared(connection, "unknown", 0, nullptr, nullptr, nullptr, 0));
  const auto document = this->document();
  const auto& calls = subsegments(document);
  ASSERT_EQ(calls.Size(), 3U);
  EXPECT_EQ(statement_of(calls[0]), "SELECT ? AS now");
  EXPECT_EQ(statement_of(calls[1]), "SELECT ? AS later");
  EXPECT_FALSE(at(calls[2], "sql").HasMember("sanitized_query"));
  EXPECT_EQ(text_of(at(at(calls[2], "sql"), "preparation")), "statement");
}

TEST_F(PostgreSql, nothing_is_kept_of_a_connection_that_is_closed) {
  Connection connection(server_);
  const PGconn* const address = connection;
  PQclear(PQprepare(connection, "now", "SELECT 1", 0, nullptr));
  EXPECT_NE(xray::clients::postgresql::find_statement(address, 0, "now"), nullptr);
  connection.finish();
  EXPECT_EQ(xray::clients::postgresql::find_statement(address, 0, "now"), nullptr);
}

TEST_F(PostgreSql, what_could_not_be_prepared_is_not_known) {
  const Connection connection(server_);
  PQclear(PQprepare(connection, "a", "fail", 0, nullptr));
  begin();
  PQclear(PQexecPrepared(connection, "a", 0, nullptr, nullptr, nullptr, 0));
  const auto document = this->document();
  EXPECT_FALSE(at(only_subsegment(document), "sql").HasMember("sanitized_query"));
}

TEST_F(PostgreSql, what_one_thread_sends_another_may_fetch) {
  const Connection connection(server_);
  begin();
  EXPECT_EQ(PQsendQuery(connection, "SELECT 1"), 1);
  std::thread([&connection] { EXPECT_EQ(connection.next(), PGRES_COMMAND_OK); }).join();
  EXPECT_TRUE(xray::clients::postgresql::underway().empty());
  const auto document = this->document();
  EXPECT_EQ(statement_of(only_subsegment(document)), "SELECT ?");
}

TEST_F(PostgreSql, what_is_never_fetched_ends_with_the_connection) {
  Connection connection(server_);
  begin();
  EXPECT_EQ(PQsendQuery(connection, "SELECT 1"), 1);
  connection.finish();
  EXPECT_TRUE(xray::clients::postgresql::underway().empty());
  const auto document = this->document();
  EXPECT_FALSE(only_subsegment(document).HasMember("in_progress"));
}

TEST_F(PostgreSql, what_is_never_fetched_ends_with_the_next_call) {
  const Connection connection(server_);
  begin();
  EXPECT_EQ(PQsendQuery(connection, "SELECT 1 AS first"), 1);
  EXPECT_EQ(connection.exec("SELECT 2 AS second"), PGRES_COMMAND_OK);
  EXPECT_TRUE(xray::clients::postgresql::underway().empty());
  const auto document = this->document();
  const auto& calls = subsegments(document);
  ASSERT_EQ(calls.Size(), 2U);
  EXPECT_LE(at(calls[0], "end_time").GetDouble(), at(calls[1], "start_time").GetDouble());
}

TEST_F(PostgreSql, a_reset_connection_has_nothing_underway_and_nothing_prepared) {
  const Connection connection(server_);
  PQclear(PQprepare(connection, "a", "SELECT 1", 0, nullptr));
  begin();
  EXPECT_EQ(PQsendQuery(connection, "SELECT 1"), 1);
  PQreset(connection);
  EXPECT_TRUE(xray::clients::postgresql::underway().empty());
  PQclear(PQexecPrepared(connection, "a", 0, nullptr, nullptr, nullptr, 0));
  const auto document = this->document();
  const auto& calls = subsegments(document);
  ASSERT_EQ(calls.Size(), 2U);
  EXPECT_FALSE(at(calls[1], "sql").HasMember("sanitized_query"));
}

TEST_F(PostgreSql, a_pipeline_may_be_partly_traced) {
  const Connection connection(server_);
  const auto send = [&connection](const char* statement) {
    EXPECT_EQ(PQsendQueryParams(connection, statement, 0, nullptr, nullptr, nullptr, nullptr, 0),
              1);
  };
  EXPECT_EQ(PQenterPipelineMode(connection), 1);
  send("SELECT 1 AS untraced");
  EXPECT_EQ(PQsendPrepare(connection, "a", "SELECT 1", 0, nullptr), 1);
  begin();
  send("SELECT 2 AS traced");
  EXPECT_EQ(PQsendDescribePrepared(connection, "a"), 1);
  send("fail");
  EXPECT_EQ(PQpipelineSync(connection), 1);
  std::vector<std::optional<ExecStatusType>> results;
  while (results.empty() || results.back() != PGRES_PIPELINE_SYNC) {
    results.push_back(connection.next());
  }
  EXPECT_EQ(PQexitPipelineMode(connection), 1);
  EXPECT_TRUE(xray::clients::postgresql::underway().empty());
  const auto document = this->document();
  const auto& calls = subsegments(document);
  ASSERT_EQ(calls.Size(), 2U);
  EXPECT_EQ(statement_of(calls[0]), "SELECT ? AS traced");
  EXPECT_FALSE(calls[0].HasMember("fault"));
  EXPECT_EQ(failure_of(calls[1]), "PostgreSQL 42601: syntax error at or near ?");
}

TEST_F(PostgreSql, a_connection_lost_in_a_pipeline_fails_all_that_was_sent) {
  std::optional<StandInServer> server(std::in_place);
  const Connection connection(*server);
  begin();
  EXPECT_EQ(PQenterPipelineMode(connection), 1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(
        PQsendQueryParams(connection, "SELECT hang", 0, nullptr, nullptr, nullptr, nullptr, 0), 1);
  }
  EXPECT_EQ(PQpipelineSync(connection), 1);
  server.reset();
  EXPECT_EQ(connection.next(), PGRES_FATAL_ERROR);
  const auto document = this->document();
  const auto& calls = subsegments(document);
  ASSERT_EQ(calls.Size(), 3U);
  for (const auto& call : calls.GetArray()) {
    EXPECT_EQ(failure_of(call).find("PostgreSQL connection: "), 0U) << failure_of(call);
  }
}

TEST_F(PostgreSql, what_could_not_be_sent_is_a_failed_call_and_what_is_underway_goes_on) {
  const Connection connection(server_);
  begin();
  EXPECT_EQ(PQsendQuery(connection, "SELECT 1"), 1);
  EXPECT_EQ(PQsendQuery(connection, "SELECT 2 AS second"), 0);
  EXPECT_EQ(connection.next(), PGRES_COMMAND_OK);
  const auto document = this->document();
  const auto& calls = subsegments(document);
  ASSERT_EQ(calls.Size(), 2U);
  EXPECT_FALSE(calls[0].HasMember("fault"));
  EXPECT_EQ(failure_of(calls[1]), "PostgreSQL: another command is already in progress");
}

TEST_F(PostgreSql, many_connections_are_told_apart) {
  std::vector<std::unique_ptr<Connection>> connections;
  begin();
  for (int i = 0; i < 40; ++i) {
    connections.push_back(std::make_unique<Connection>(server_));
    EXPECT_EQ(PQsendQuery(*connections.back(), i % 2 == 0 ? "SELECT 1" : "fail"), 1);
  }
  for (std::size_t i = connections.size(); i > 0; --i) {
    EXPECT_EQ(connections[i - 1]->next(), i % 2 != 0 ? PGRES_COMMAND_OK : PGRES_FATAL_ERROR);
  }
  EXPECT_TRUE(xray::clients::postgresql::underway().empty());
  const auto document = this->document();
  const auto& calls = subsegments(document);
  ASSERT_EQ(calls.Size(), 40U);
  for (rapidjson::SizeType i = 0; i < calls.Size(); ++i) {
    EXPECT_EQ(calls[i].HasMember("fault"), i % 2 == 1) << i;
  }
}

TEST_F(PostgreSql, a_pipeline_that_was_begun_unpatched_is_left_alone) {
  xray::unpatch_all();
  const Connection connection(server_);
  EXPECT_EQ(PQenterPipelineMode(connection), 1);
  xray::patch({"postgresql"});
  begin();
  EXPECT_EQ(PQenterPipelineMode(connection), 1);
  EXPECT_EQ(PQsendQueryParams(connection, "fail", 0, nullptr, nullptr, nullptr, nullptr, 0), 1);
  EXPECT_EQ(PQpipelineSync(connection), 1);
  EXPECT_EQ(connection.next(), PGRES_FATAL_ERROR);
  EXPECT_EQ(connection.next(), Connection::none);
  EXPECT_EQ(connection.next(), PGRES_PIPELINE_SYNC);
  EXPECT_FALSE(document().HasMember("subsegments"));
}

TEST_F(PostgreSql, a_query_is_refused_in_a_pipeline_and_what_is_underway_goes_on) {
  const Connection connection(server_);
  begin();
  EXPECT_EQ(PQenterPipelineMode(connection), 1);
  EXPECT_EQ(PQsendQueryParams(connection, "fail", 0, nullptr, nullptr, nullptr, nullptr, 0), 1);
  EXPECT_EQ(PQexec(connection, "SELECT 1"), nullptr);
  EXPECT_EQ(PQpipelineSync(connection), 1);
  EXPECT_EQ(connection.next(), PGRES_FATAL_ERROR);
  const auto document = this->document();
  const auto& calls = subsegments(document);
  ASSERT_EQ(calls.Size(), 2U);
  EXPECT_EQ(failure_of(calls[0]), "PostgreSQL 42601: syntax error at or near ?");
  EXPECT_NE(failure_of(calls[1]).find("not allowed in pipeline mode"), std::string::npos);
}

TEST_F(PostgreSql, a_call_that_unpatching_meets_on_its_way_is_made_up_for_later) {
  const Connection connection(server_);
  begin();
  EXPECT_EQ(PQsendQuery(connection, "SELECT 1 AS first"), 1);
  xray::unpatch_all();
  EXPECT_EQ(connection.next(), PGRES_COMMAND_OK);
  EXPECT_EQ(connection.next(), Connection::none);
  EXPECT_EQ(connection.exec("SELECT 1 AS unpatched"), PGRES_COMMAND_OK);
  xray::patch({"postgresql"});
  EXPECT_EQ(PQsendQuery(connection, "fail"), 1);
  EXPECT_EQ(connection.next(), PGRES_FATAL_ERROR);
  const auto document = this->document();
  const auto& calls = subsegments(document);
  ASSERT_EQ(calls.Size(), 2U);
  EXPECT_FALSE(calls[0].HasMember("fault"));
  EXPECT_TRUE(at(calls[1], "fault").GetBool());
}

TEST_F(PostgreSql, a_thread_that_is_cancelled_in_a_call_ends_its_subsegment) {
  const Connection connection(server_);
  xray::Segment& segment = begin();
  std::atomic<bool> is_calling{false};
  std::thread thread([&] {
    const xray::ContextScope scope(segment.context());
    is_calling = true;
    PQclear(PQexec(connection, "SELECT hang"));
  });
  while (!is_calling) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ASSERT_EQ(pthread_cancel(thread.native_handle()), 0);
  thread.join();
  const auto document = this->document();
  EXPECT_EQ(statement_of(only_subsegment(document)), "SELECT hang");
  EXPECT_TRUE(only_subsegment(document).HasMember("end_time"));
}
