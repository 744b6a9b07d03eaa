// What we say of the library, against its own header; and calls of it that need no server.
#include <errmsg.h>
#include <mysql.h>

#include <xray/patch.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <type_traits>

#include "clients/mysql/connecting.hpp"
#include "clients/mysql/nonblocking_queries.hpp"
#include "clients/mysql/prepared_statements.hpp"
#include "clients/mysql/queries.hpp"
#include "support/documents.hpp"

namespace {

namespace ours = xray::clients::mysql;

static_assert(int{ours::mariadb_connection_host} == MARIADB_CONNECTION_HOST);
static_assert(int{ours::mariadb_connection_port} == MARIADB_CONNECTION_PORT);
static_assert(int{ours::mariadb_connection_schema} == MARIADB_CONNECTION_SCHEMA);
static_assert(int{ours::mariadb_connection_unix_socket} == MARIADB_CONNECTION_UNIX_SOCKET);
static_assert(int{ours::mariadb_connection_user} == MARIADB_CONNECTION_USER);
static_assert(int{ours::mariadb_connection_server_status} == MARIADB_CONNECTION_SERVER_STATUS);
static_assert(ours::server_status_no_backslash_escapes == SERVER_STATUS_NO_BACKSLASH_ESCAPES);
static_assert(ours::server_status_ansi_quotes == SERVER_STATUS_ANSI_QUOTES);

// A type as its library's callers pass it: handles by our names, enumerations by their size, and
// whether what a result points to may be changed doesn't matter.
template <typename Type>
struct Passed {
  using Like = std::conditional_t<std::is_enum_v<Type>, int, Type>;
};
template <>
struct Passed<MYSQL*> {
  using Like = ours::Mysql*;
};
template <>
struct Passed<MYSQL_STMT*> {
  using Like = ours::Statement*;
};
template <>
struct Passed<char*> {
  using Like = const char*;
};

template <typename Function>
struct Shape;
template <typename Result, typename... Arguments>
struct Shape<Result(Arguments...)> {
  using Like = typename Passed<Result>::Like(typename Passed<Arguments>::Like...);
};

template <typename Function>
struct FunctionOf;
template <typename Function>
struct FunctionOf<xray::patching::Original<Function>> {
  using Type = Function;
};

/// The function that we say it is, and the one that the header declares.
template <template <std::size_t> class Ours, typename Theirs>
constexpr bool agree =
    std::is_same_v<typename Shape<typename FunctionOf<decltype(Ours<0>::original)>::Type>::Like,
                   typename Shape<std::remove_pointer_t<Theirs>>::Like>;

static_assert(agree<ours::Query, decltype(&mysql_query)>);
static_assert(agree<ours::RealQuery, decltype(&mysql_real_query)>);
static_assert(agree<ours::Commit, decltype(&mysql_commit)>);
static_assert(agree<ours::Rollback, decltype(&mysql_rollback)>);
static_assert(agree<ours::SendQuery, decltype(&mysql_send_query)>);
static_assert(agree<ours::ReadQueryResult, decltype(&mysql_read_query_result)>);
static_assert(agree<ours::NextResult, decltype(&mysql_next_result)>);
static_assert(agree<ours::QueryStart, decltype(&mysql_query_start)>);
static_assert(agree<ours::QueryCont, decltype(&mysql_query_cont)>);
static_assert(agree<ours::RealQueryStart, decltype(&mysql_real_query_start)>);
static_assert(agree<ours::RealQueryCont, decltype(&mysql_real_query_cont)>);
static_assert(agree<ours::CommitStart, decltype(&mysql_commit_start)>);
static_assert(agree<ours::CommitCont, decltype(&mysql_commit_cont)>);
static_assert(agree<ours::RollbackStart, decltype(&mysql_rollback_start)>);
static_assert(agree<ours::RollbackCont, decltype(&mysql_rollback_cont)>);
static_assert(agree<ours::SendQueryStart, decltype(&mysql_send_query_start)>);
static_assert(agree<ours::SendQueryCont, decltype(&mysql_send_query_cont)>);
static_assert(agree<ours::ReadQueryResultStart, decltype(&mysql_read_query_result_start)>);
static_assert(agree<ours::ReadQueryResultCont, decltype(&mysql_read_query_result_cont)>);
static_assert(agree<ours::NextResultStart, decltype(&mysql_next_result_start)>);
static_assert(agree<ours::NextResultCont, decltype(&mysql_next_result_cont)>);
static_assert(agree<ours::StatementInit, decltype(&mysql_stmt_init)>);
static_assert(agree<ours::StatementPrepare, decltype(&mysql_stmt_prepare)>);
static_assert(agree<ours::StatementExecute, decltype(&mysql_stmt_execute)>);
static_assert(agree<ours::StatementExecuteDirect, decltype(&mariadb_stmt_execute_direct)>);
static_assert(agree<ours::StatementPrepareStart, decltype(&mysql_stmt_prepare_start)>);
static_assert(agree<ours::StatementPrepareCont, decltype(&mysql_stmt_prepare_cont)>);
static_assert(agree<ours::StatementExecuteStart, decltype(&mysql_stmt_execute_start)>);
static_assert(agree<ours::StatementExecuteCont, decltype(&mysql_stmt_execute_cont)>);
static_assert(agree<ours::StatementClose, decltype(&mysql_stmt_close)>);
static_assert(agree<ours::StatementCloseStart, decltype(&mysql_stmt_close_start)>);
static_assert(agree<ours::RealConnect, decltype(&mysql_real_connect)>);
static_assert(agree<ours::SelectDatabase, decltype(&mysql_select_db)>);
static_assert(agree<ours::ChangeUser, decltype(&mysql_change_user)>);
static_assert(agree<ours::Close, decltype(&mysql_close)>);
static_assert(agree<ours::CloseStart, decltype(&mysql_close_start)>);
static_assert(agree<ours::GetInfo, decltype(&mariadb_get_info)>);
static_assert(agree<ours::ServerInfo, decltype(&mysql_get_server_info)>);
static_assert(agree<ours::ClientInfo, decltype(&mysql_get_client_info)>);
static_assert(agree<ours::CharacterSet, decltype(&mysql_character_set_name)>);
static_assert(agree<ours::MoreResults, decltype(&mysql_more_results)>);
static_assert(agree<ours::Errno, decltype(&mysql_errno)>);
static_assert(agree<ours::Error, decltype(&mysql_error)>);
static_assert(agree<ours::SqlState, decltype(&mysql_sqlstate)>);
static_assert(agree<ours::StatementErrno, decltype(&mysql_stmt_errno)>);
static_assert(agree<ours::StatementError, decltype(&mysql_stmt_error)>);
static_assert(agree<ours::StatementSqlState, decltype(&mysql_stmt_sqlstate)>);

using support::at;
using support::Capture;
using support::only_subsegment;
using support::text_of;

}  // namespace

TEST(Libmariadb, every_function_that_we_wrap_is_found) {
  const xray::PatchReport report = xray::patch({"mysql"});
  const xray::PatchedClient* const client = report.find("mysql");
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(client->state, xray::PatchState::hooked) << report.to_string();
  ASSERT_FALSE(client->libraries.empty());
  EXPECT_EQ(client->libraries[0].soname, "libmariadb.so.3");
  EXPECT_EQ(client->libraries[0].functions, 36U);
  xray::unpatch_all();
}

TEST(Libmariadb, a_query_without_a_connection_is_a_fault_that_the_program_sees_too) {
  Capture capture;
  xray::patch({"mysql"});
  MYSQL* const connection = mysql_init(nullptr);
  {
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=1"));
    EXPECT_NE(mysql_query(connection, "SELECT 'a'"), 0);
    EXPECT_EQ(mysql_errno(connection), unsigned{CR_SERVER_GONE_ERROR});
  }
  mysql_close(connection);
  xray::unpatch_all();
  const auto document = capture.document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(call, "name")), "MySQL");
  EXPECT_EQ(text_of(at(at(call, "sql"), "sanitized_query")), "SELECT ?");
  EXPECT_EQ(text_of(at(at(at(call, "cause"), "exceptions")[0], "type")), "MySQL 2006 (HY000)");
}

TEST(Libmariadb, a_statement_that_outlives_its_connection_does_no_harm) {
  Capture capture;
  xray::patch({"mysql"});
  MYSQL* const connection = mysql_init(nullptr);
  MYSQL_STMT* const statement = mysql_stmt_init(connection);
  mysql_close(connection);
  {
    const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=1"));
    EXPECT_NE(mysql_stmt_prepare(statement, "SELECT 1", 8), 0);
    EXPECT_NE(mysql_stmt_execute(statement), 0);
  }
  mysql_stmt_close(statement);
  xray::unpatch_all();
  const auto document = capture.document();
  EXPECT_EQ(at(document, "subsegments").Size(), 2U);
}

TEST(Libmariadb, closing_null_does_nothing) {
  const Capture capture;
  xray::patch({"mysql"});
  const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=1"));
  mysql_close(nullptr);
  xray::unpatch_all();
}
