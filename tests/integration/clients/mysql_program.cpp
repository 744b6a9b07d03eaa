// A program that asks MySQL in every way its library has, and prints what it got:
//
//     mysql_program PORT USER PASSWORD DATABASE SCENARIO [plain]
//
// With `plain` nothing is traced, and the same must be printed. A PORT with a slash is a socket.
#include <mysql.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include <xray/patch.hpp>
#include <xray/xray.hpp>

namespace {

const char* port = nullptr;
const char* user = nullptr;
const char* password = nullptr;
const char* database = nullptr;

bool is_plain = false;

void patch() {
  if (is_plain) return;
  const xray::PatchReport report = xray::patch_all();
  if (!report.hooked("mysql")) std::printf("%s\n", report.to_string().c_str());
}

MYSQL* opened(unsigned long flags = 0) {
  MYSQL* const connection = mysql_init(nullptr);
  mysql_options(connection, MYSQL_OPT_NONBLOCK, nullptr);
  const bool is_socket = std::strchr(port, '/') != nullptr;
  if (mysql_real_connect(connection, is_socket ? nullptr : "127.0.0.1", user, password, database,
                         is_socket ? 0U : static_cast<unsigned>(std::atoi(port)),
                         is_socket ? port : nullptr, flags) == nullptr) {
    std::printf("not connected: %s\n", mysql_error(connection));
    std::exit(1);
  }
  return connection;
}

void print_rows(MYSQL* connection) {
  MYSQL_RES* const result = mysql_store_result(connection);
  if (result == nullptr) return;
  while (MYSQL_ROW row = mysql_fetch_row(result)) {
    const unsigned long* const sizes = mysql_fetch_lengths(result);
    for (unsigned i = 0; i < mysql_num_fields(result); ++i) {
      std::printf("%lu:%s ", sizes[i], row[i] != nullptr ? row[i] : "NULL");
    }
    std::printf("\n");
  }
  mysql_free_result(result);
}

void print_end(MYSQL* connection, int result) {
  std::printf("%d %u %s %s\n", result, mysql_errno(connection), mysql_sqlstate(connection),
              mysql_error(connection));
}

void ask(MYSQL* connection, const char* text) {
  errno = 77;
  const int result = mysql_query(connection, text);
  print_end(connection, result);
  if (result == 0) print_rows(connection);
}

void ask_all(MYSQL* connection, const char* text) {
  int result = mysql_query(connection, text);
  while (result == 0) {
    print_rows(connection);
    result = mysql_next_result(connection);
  }
  print_end(connection, result);
}

/// Waits for what a non-blocking function asks for.
int wait_for(MYSQL* connection, int what) {
  pollfd descriptor{mysql_get_socket(connection), 0, 0};
  if ((what & MYSQL_WAIT_READ) != 0) descriptor.events |= POLLIN;
  if ((what & MYSQL_WAIT_WRITE) != 0) descriptor.events |= POLLOUT;
  const bool is_limited = (what & MYSQL_WAIT_TIMEOUT) != 0;
  const int limit = is_limited ? static_cast<int>(mysql_get_timeout_value_ms(connection)) : 60000;
  if (poll(&descriptor, 1, limit) <= 0) return MYSQL_WAIT_TIMEOUT;
  return ((descriptor.revents & POLLIN) != 0 ? MYSQL_WAIT_READ : 0) |
         ((descriptor.revents & POLLOUT) != 0 ? MYSQL_WAIT_WRITE : 0);
}

void queries() {
  MYSQL* const connection = opened();
  ask(connection, "CREATE TABLE people (name VARCHAR(40) PRIMARY KEY, age INT)");
  ask(connection, "INSERT INTO people VALUES ('o''secret', 33), (\"it's\", 44)");
  const std::string_view binary("SELECT age, 'a\0b' FROM people -- hidden\n WHERE age > 40", 56);
  print_end(connection, mysql_real_query(connection, binary.data(), binary.size()));
  print_rows(connection);
  ask(connection, "INSERT INTO people VALUES ('o''secret', 1)");
  ask(connection, "SELECT * FROM nowhere");
  ask(connection, "SELEC 'it''s secret'");
  ask(connection, "DROP TABLE people");
  mysql_close(connection);
}

void signals() {
  MYSQL* const connection = opened();
  ask(connection, "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'hidden secret'");
  mysql_close(connection);
}

void execute(MYSQL_STMT* statement, int value) {
  MYSQL_BIND in;
  std::memset(&in, 0, sizeof in);
  in.buffer_type = MYSQL_TYPE_LONG;
  in.buffer = &value;
  int doubled = 0;
  MYSQL_BIND out = in;
  out.buffer = &doubled;
  mysql_stmt_bind_param(statement, &in);
  std::printf("%d ", mysql_stmt_execute(statement));
  mysql_stmt_bind_result(statement, &out);
  while (mysql_stmt_fetch(statement) == 0) std::printf("%d", doubled);
  std::printf(" %u %s\n", mysql_stmt_errno(statement), mysql_stmt_error(statement));
}

int prepare(MYSQL_STMT* statement, std::string_view text) {
  return mysql_stmt_prepare(statement, text.data(), text.size());
}

void prepared() {
  MYSQL* const connection = opened();
  MYSQL_STMT* const statement = mysql_stmt_init(connection);
  std::printf("%d\n", prepare(statement, "SELECT 2 * CAST(? AS INT) WHERE 'secret' <> 'x'"));
  execute(statement, 471147114);
  execute(statement, 471147115);
  std::printf("%d %s\n", prepare(statement, "SELECT * FROM nowhere WHERE a = ?"),
              mysql_stmt_error(statement));
  std::printf("%d\n", mysql_stmt_execute(statement) != 0);
  constexpr std::string_view direct = "SELECT 'direct'";
  std::printf("%d\n", mariadb_stmt_execute_direct(statement, direct.data(), direct.size()));
  std::printf("%d\n", mysql_stmt_close(statement));
  mysql_close(connection);
}

/// A text behind which there is no memory.
const char* text_at_an_edge(std::string_view text) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* const pages =
      mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char* const edge = static_cast<char*>(pages) + page;
  mprotect(edge, page, PROT_NONE);
  char* const place = edge - text.size() - 1;
  std::memcpy(place, text.data(), text.size());
  return place;
}

/// Texts whose size libmariadb is to find out.
void unsized() {
  constexpr auto to_its_end = static_cast<unsigned long>(-1);
  MYSQL* const connection = opened();
  std::printf("%d\n", mysql_real_query(connection, text_at_an_edge("SELECT 'secret'"), to_its_end));
  print_rows(connection);
  std::printf("%d\n", mysql_real_query(connection, text_at_an_edge("SET @a = 1"), to_its_end));
  int result = 0;
  int what = mysql_real_query_start(&result, connection, text_at_an_edge("SELECT 'b'"), to_its_end);
  while (what != 0) what = mysql_real_query_cont(&result, connection, wait_for(connection, what));
  print_rows(connection);
  MYSQL_STMT* const statement = mysql_stmt_init(connection);
  std::printf("%d\n",
              mysql_stmt_prepare(statement, text_at_an_edge("SELECT CAST(? AS INT)"), to_its_end));
  execute(statement, 7);
  mysql_stmt_close(statement);
  mysql_close(connection);
}

void nonblocking() {
  MYSQL* const connection = opened(CLIENT_MULTI_STATEMENTS);
  int result = 0;
  int what = mysql_query_start(&result, connection, "SELECT SLEEP(0.1), 'secret'");
  std::printf("waits %d\n", what != 0);
  while (what != 0) what = mysql_query_cont(&result, connection, wait_for(connection, what));
  print_end(connection, result);
  print_rows(connection);

  constexpr std::string_view text = "SELECT SLEEP(0.1) FROM nowhere";
  what = mysql_real_query_start(&result, connection, text.data(), text.size());
  while (what != 0) what = mysql_real_query_cont(&result, connection, wait_for(connection, what));
  print_end(connection, result);

  constexpr std::string_view two = "SELECT 1; SELECT SLEEP(0.1)";
  what = mysql_real_query_start(&result, connection, two.data(), two.size());
  while (what != 0) what = mysql_real_query_cont(&result, connection, wait_for(connection, what));
  print_rows(connection);
  what = mysql_next_result_start(&result, connection);
  while (what != 0) what = mysql_next_result_cont(&result, connection, wait_for(connection, what));
  print_end(connection, result);
  print_rows(connection);

  MYSQL_STMT* const statement = mysql_stmt_init(connection);
  constexpr std::string_view kept = "SELECT SLEEP(0.1) + 1";
  what = mysql_stmt_prepare_start(&result, statement, kept.data(), kept.size());
  while (what != 0) {
    what = mysql_stmt_prepare_cont(&result, statement, wait_for(connection, what));
  }
  what = mysql_stmt_execute_start(&result, statement);
  while (what != 0) {
    what = mysql_stmt_execute_cont(&result, statement, wait_for(connection, what));
  }
  std::printf("%d\n", result);
  my_bool failed = 0;
  what = mysql_stmt_close_start(&failed, statement);
  while (what != 0) {
    what = mysql_stmt_close_cont(&failed, statement, wait_for(connection, what));
  }
  what = mysql_close_start(connection);
  while (what != 0) what = mysql_close_cont(connection, wait_for(connection, what));
}

void several() {
  MYSQL* const connection = opened(CLIENT_MULTI_STATEMENTS);
  ask_all(connection, "SELECT 1; SELECT SLEEP(0.1); SELECT 'x'");
  ask_all(connection, "SELECT 1; SELECT * FROM nowhere; SELECT 2");
  ask_all(connection, "CREATE PROCEDURE twice() BEGIN SELECT 1; SELECT 2; END");
  ask_all(connection, " call twice()");
  ask_all(connection, "DROP PROCEDURE twice");
  mysql_close(connection);
}

void transactions() {
  MYSQL* const connection = opened();
  mysql_autocommit(connection, 0);
  ask(connection, "DO 1");
  std::printf("%d\n", mysql_commit(connection));
  std::printf("%d\n", mysql_rollback(connection));
  my_bool failed = 0;
  int what = mysql_commit_start(&failed, connection);
  while (what != 0) what = mysql_commit_cont(&failed, connection, wait_for(connection, what));
  what = mysql_rollback_start(&failed, connection);
  while (what != 0) what = mysql_rollback_cont(&failed, connection, wait_for(connection, what));
  std::printf("%d\n", failed);
  mysql_close(connection);
}

void sent() {
  MYSQL* const connection = opened();
  constexpr std::string_view text = "SELECT SLEEP(0.1)";
  std::printf("%d\n", mysql_send_query(connection, text.data(), text.size()));
  std::thread([connection] {
    std::printf("%d\n", mysql_read_query_result(connection));
    print_rows(connection);
    mysql_thread_end();
  }).join();
  mysql_close(connection);
}

void lost() {
  MYSQL* const connection = opened();
  MYSQL* const other = opened();
  const std::string kill = "KILL " + std::to_string(mysql_thread_id(connection));
  std::printf("%d\n", mysql_query(other, kill.c_str()));
  std::printf("%d\n", mysql_query(connection, "SELECT 1") != 0);
  mysql_close(other);
  mysql_close(connection);
}

void settings() {
  MYSQL* const connection = opened();
  ask(connection, "CREATE DATABASE other");
  ask(connection, "USE other");
  ask(connection, "SELECT 'it\\'s' AS first, 1 AS second");
  ask(connection, "SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'");
  ask(connection, "SELECT '\\' AS \"a\", 1 AS second");
  ask(connection, "DROP DATABASE other");
  mysql_close(connection);
}

/// What is there before anybody patches.
void earlier() {
  MYSQL* const connection = opened();
  MYSQL_STMT* const statement = mysql_stmt_init(connection);
  prepare(statement, "SELECT CAST(? AS INT)");
  MYSQL_STMT* const empty = mysql_stmt_init(connection);
  patch();
  const xray::Segment segment("earlier");
  ask(connection, "SELECT 1");
  execute(statement, 5);
  std::printf("%d\n", prepare(empty, "SELECT CAST(? AS INT) + 1"));
  execute(empty, 6);
  mysql_stmt_close(empty);
  mysql_stmt_close(statement);
  mysql_close(connection);
}

constexpr struct {
  std::string_view name;
  void (*run)();
} scenarios[] = {{"queries", queries},   {"signals", signals},
                 {"prepared", prepared}, {"nonblocking", nonblocking},
                 {"several", several},   {"transactions", transactions},
                 {"sent", sent},         {"lost", lost},
                 {"settings", settings}, {"unsized", unsized}};

}  // namespace

int main(int count, char** arguments) {
  if (count < 6) return 2;
  port = arguments[1];
  user = arguments[2];
  password = arguments[3];
  database = arguments[4];
  const std::string_view name = arguments[5];
  is_plain = count > 6;
  if (name == "earlier") {
    earlier();
    return 0;
  }
  patch();
  for (const auto& scenario : scenarios) {
    if (scenario.name != name) continue;
    const xray::Segment segment(name);
    scenario.run();
    return 0;
  }
  return 2;
}
