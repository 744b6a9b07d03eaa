// What a program does with libpq, and nothing of tracing but a segment and patch_all(). Its
// argument says which part; the server is the environment's.
#include <libpq-fe.h>

#include <poll.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>

#include <xray/patch.hpp>
#include <xray/xray.hpp>

namespace {

void fail(const char* what, const char* message) {
  std::fprintf(stderr, "%s: %s\n", what, message);
  std::exit(1);
}

void expect(bool holds, const char* what, const PGconn* connection) {
  if (!holds) fail(what, PQerrorMessage(connection));
}

PGconn* connect() {
  PGconn* const connection = PQconnectdb("application_name=program");
  expect(PQstatus(connection) == CONNECTION_OK, "connecting", connection);
  return connection;
}

/// A result of this status, which is freed.
void expect_result(PGresult* result, ExecStatusType status, const char* what, PGconn* connection) {
  if (PQresultStatus(result) != status) {
    std::fprintf(stderr, "%s\n", PQresStatus(PQresultStatus(result)));
    fail(what, PQerrorMessage(connection));
  }
  PQclear(result);
}

void expect_end(PGconn* connection) {
  PGresult* const result = PQgetResult(connection);
  expect(result == nullptr, "no more results", connection);
}

void synchronous(PGconn* c) {
  expect_result(PQexec(c, "SELECT 'secret', 471147114"), PGRES_TUPLES_OK, "exec", c);
  const char* const values[] = {"hidden"};
  expect_result(
      PQexecParams(c, "SELECT $1::text /* a comment */", 1, nullptr, values, nullptr, nullptr, 0),
      PGRES_TUPLES_OK, "params", c);
}

void prepared(PGconn* c) {
  expect_result(PQprepare(c, "add", "SELECT $1::int + 17", 1, nullptr), PGRES_COMMAND_OK, "prepare",
                c);
  for (const char* const value : {"1", "2"}) {
    expect_result(PQexecPrepared(c, "add", 1, &value, nullptr, nullptr, 0), PGRES_TUPLES_OK,
                  "execute", c);
  }
  expect(PQsendPrepare(c, "later", "SELECT 'later'", 0, nullptr) == 1, "send prepare", c);
  expect_result(PQgetResult(c), PGRES_COMMAND_OK, "prepared", c);
  expect_end(c);
  expect(PQsendQueryPrepared(c, "later", 0, nullptr, nullptr, nullptr, 0) == 1, "send", c);
  expect_result(PQgetResult(c), PGRES_TUPLES_OK, "executed", c);
  expect_end(c);
}

/// As event loops do it.
PGresult* result_when_there(PGconn* c) {
  while (PQisBusy(c) != 0) {
    pollfd ready{PQsocket(c), POLLIN, 0};
    expect(poll(&ready, 1, 20000) == 1, "waiting", c);
    expect(PQconsumeInput(c) == 1, "reading", c);
  }
  return PQgetResult(c);
}

void asynchronous(PGconn* c) {
  expect(PQsetnonblocking(c, 1) == 0, "not blocking", c);
  expect(PQsendQuery(c, "SELECT pg_sleep(0.05)") == 1, "send", c);
  expect_result(result_when_there(c), PGRES_TUPLES_OK, "async", c);
  expect_end(c);
  expect(PQsendQuery(c, "SELECT 1; SELECT 2, 'b'; SELECT 3") == 1, "send three", c);
  for (int i = 0; i < 3; ++i) {
    expect_result(result_when_there(c), PGRES_TUPLES_OK, "one of three", c);
  }
  expect_end(c);
}

void single_row(PGconn* c) {
  const char* const values[] = {"3"};
  expect(PQsendQueryParams(c, "SELECT generate_series(1, $1)", 1, nullptr, values, nullptr, nullptr,
                           0) == 1,
         "send", c);
  expect(PQsetSingleRowMode(c) == 1, "single-row mode", c);
  for (int i = 0; i < 3; ++i) {
    expect_result(PQgetResult(c), PGRES_SINGLE_TUPLE, "row", c);
  }
  expect_result(PQgetResult(c), PGRES_TUPLES_OK, "end of rows", c);
  expect_end(c);
}

void pipeline(PGconn* c) {
  expect(PQenterPipelineMode(c) == 1, "pipeline", c);
  for (const char* const query : {"SELECT 1 AS one", "SELECT 1 / 0", "SELECT 3 AS three"}) {
    expect(PQsendQueryParams(c, query, 0, nullptr, nullptr, nullptr, nullptr, 0) == 1, query, c);
  }
  expect(PQpipelineSync(c) == 1, "sync", c);
  expect_result(PQgetResult(c), PGRES_TUPLES_OK, "first", c);
  expect_end(c);
  expect_result(PQgetResult(c), PGRES_FATAL_ERROR, "second", c);
  expect_end(c);
  expect_result(PQgetResult(c), PGRES_PIPELINE_ABORTED, "third", c);
  expect_end(c);
  expect_result(PQgetResult(c), PGRES_PIPELINE_SYNC, "sync", c);
  expect(PQsendPrepare(c, "p", "SELECT 'p'", 0, nullptr) == 1, "prepare", c);
  expect(PQsendQueryPrepared(c, "p", 0, nullptr, nullptr, nullptr, 0) == 1, "execute", c);
  expect(PQpipelineSync(c) == 1, "sync", c);
  expect_result(PQgetResult(c), PGRES_COMMAND_OK, "prepared", c);
  expect_end(c);
  expect_result(PQgetResult(c), PGRES_TUPLES_OK, "executed", c);
  expect_end(c);
  expect_result(PQgetResult(c), PGRES_PIPELINE_SYNC, "sync", c);
  expect(PQexitPipelineMode(c) == 1, "leave the pipeline", c);
}

void copy_rows_in(PGconn* c) {
  for (const char* const row : {"1\tone\n", "2\ttwo\n"}) {
    expect(PQputCopyData(c, row, static_cast<int>(std::strlen(row))) == 1, "row", c);
  }
  expect(PQputCopyEnd(c, nullptr) == 1, "end of rows", c);
  expect_result(PQgetResult(c), PGRES_COMMAND_OK, "copied in", c);
  expect_end(c);
}

/// The way of programs older than PQputCopyData.
void copy_rows_in_as_ever(PGconn* c) {
  expect(PQputline(c, "3\tthree\n") == 0, "line", c);
  expect(PQendcopy(c) == 0, "end of lines", c);
}

void copy(PGconn* c) {
  expect_result(PQexec(c, "CREATE TEMP TABLE t (id int, name text)"), PGRES_COMMAND_OK, "table", c);
  expect_result(PQexec(c, "COPY t FROM STDIN"), PGRES_COPY_IN, "copy in", c);
  copy_rows_in(c);
  expect(PQsendQuery(c, "COPY t FROM STDIN") == 1, "send", c);
  expect_result(PQgetResult(c), PGRES_COPY_IN, "copy in", c);
  copy_rows_in(c);
  expect_result(PQexec(c, "COPY t FROM STDIN"), PGRES_COPY_IN, "copy in", c);
  copy_rows_in_as_ever(c);
  expect_result(PQexec(c, "COPY t TO STDOUT"), PGRES_COPY_OUT, "copy out", c);
  char* row = nullptr;
  int rows = 0;
  while (PQgetCopyData(c, &row, 0) > 0) {
    ++rows;
    PQfreemem(row);
  }
  expect(rows == 5, "rows", c);
  expect_result(PQgetResult(c), PGRES_COMMAND_OK, "copied out", c);
  expect_end(c);
  expect_result(PQexec(c, "COPY t FROM STDIN"), PGRES_COPY_IN, "copy in", c);
  expect(PQputCopyData(c, "secret\n", 7) == 1, "bad row", c);
  expect(PQputCopyEnd(c, nullptr) == 1, "end of rows", c);
  expect_result(PQgetResult(c), PGRES_FATAL_ERROR, "not copied", c);
  expect_end(c);
}

void errors(PGconn* c) {
  expect_result(PQexec(c, "CREATE TEMP TABLE u (name text PRIMARY KEY)"), PGRES_COMMAND_OK, "table",
                c);
  for (const ExecStatusType status : {PGRES_COMMAND_OK, PGRES_FATAL_ERROR}) {
    expect_result(PQexec(c, "INSERT INTO u VALUES ('secret')"), status, "insert", c);
  }
  expect(std::strstr(PQerrorMessage(c), "Key (name)=(secret) already exists") != nullptr, "message",
         c);
  expect(PQsendQuery(c, "SELECT 'abc'::int; SELECT 1") == 1, "send", c);
  expect_result(PQgetResult(c), PGRES_FATAL_ERROR, "async", c);
  expect_end(c);
  expect_result(PQexec(c, "DO $$ BEGIN RAISE EXCEPTION 'secret words'; END $$"), PGRES_FATAL_ERROR,
                "raise", c);
  // The server's message has no more marks around it than these.
  const char* const values[] = {"a\" secret b"};
  expect_result(PQexecParams(c, "SELECT $1::int", 1, nullptr, values, nullptr, nullptr, 0),
                PGRES_FATAL_ERROR, "quoted", c);
}

/// Messages that quote values with quotation marks in them, and messages of functions.
void telling_errors(PGconn* c) {
  const char* const value = "O\"secret \"\"4711";
  expect_result(PQexec(c, "SELECT 'O\"secret\"'::int"), PGRES_FATAL_ERROR, "literal", c);
  expect(std::strstr(PQerrorMessage(c), "secret") != nullptr, "message", c);
  expect_result(PQexecParams(c, "SELECT $1::int", 1, nullptr, &value, nullptr, nullptr, 0),
                PGRES_FATAL_ERROR, "parameter", c);
  for (const char* const raise :
       {"DO $$ BEGIN RAISE EXCEPTION 'hidden %', 4711; END $$",
        "DO $$ BEGIN RAISE unique_violation USING MESSAGE = 'hidden'; END $$"}) {
    expect_result(PQexec(c, raise), PGRES_FATAL_ERROR, "raise", c);
    expect(std::strstr(PQerrorMessage(c), "hidden") != nullptr, "message", c);
  }
}

void lost_connection(PGconn* c) {
  PGconn* const other = connect();
  const std::string end =
      "SELECT pg_terminate_backend(" + std::to_string(PQbackendPID(c)) + ", 20000)";
  expect_result(PQexec(other, end.c_str()), PGRES_TUPLES_OK, "terminate", other);
  PQfinish(other);
  expect_result(PQexec(c, "SELECT 'lost'"), PGRES_FATAL_ERROR, "exec", c);
  expect(PQexec(c, "SELECT 'lost too'") == nullptr, "exec without a connection", c);
  expect(PQsendQuery(c, "SELECT 'lost as well'") == 0, "send without a connection", c);
  PQreset(c);
  expect_result(PQexec(c, "SELECT 'found'"), PGRES_TUPLES_OK, "reset", c);
}

}  // namespace

int main(int count, char** arguments) {
  const std::map<std::string, std::function<void(PGconn*)>> parts{
      {"synchronous", synchronous},
      {"prepared", prepared},
      {"asynchronous", asynchronous},
      {"single_row", single_row},
      {"pipeline", pipeline},
      {"copy", copy},
      {"errors", errors},
      {"telling_errors", telling_errors},
      {"lost_connection", lost_connection}};
  if (count != 2 || parts.count(arguments[1]) == 0) fail("arguments", "one part, please");
  xray::patch_all();
  const xray::Segment segment("program");
  PGconn* const connection = connect();
  parts.at(arguments[1])(connection);
  PQfinish(connection);
}
