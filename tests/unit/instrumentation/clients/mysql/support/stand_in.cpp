#include "support/stand_in.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string_view>

namespace {

std::atomic<Callback> callback{nullptr};

constexpr unsigned duplicate_entry = 1062;

int answer(StandIn* connection, std::string_view text) {
  const auto has = [text](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  };
  const Callback action = callback;
  if (has("wait")) {
    while (true) pause();
  }
  if ((has("throw") || has("ask")) && action != nullptr) action(connection);
  connection->results_to_come =
      static_cast<int>(std::count(text.begin(), text.end(), ';')) + (has("call") ? 1 : 0);
  errno = 42;
  connection->error = has("fail") ? duplicate_entry : 0;
  if (connection->error != 0) connection->results_to_come = 0;
  return connection->error != 0 ? 1 : 0;
}

const char* message_of(unsigned error) {
  return error != 0 ? "Duplicate entry 'it's secret' for key 'mail'" : "";
}

const char* state_of(unsigned error) {
  return error != 0 ? "23000" : "00000";
}

}  // namespace

extern "C" {

void set_callback(Callback action) {
  callback = action;
}

StandIn* mysql_real_connect(StandIn* connection, const char*, const char*, const char*, const char*,
                            unsigned, const char*, unsigned long) {
  return connection;
}

int mysql_select_db(StandIn*, const char*) {
  return 0;
}
char mysql_change_user(StandIn*, const char*, const char*, const char*) {
  return 0;
}
void mysql_close(StandIn*) {
}

int mysql_real_query(StandIn* connection, const char* text, unsigned long size) {
  return answer(connection, {text, size});
}

int mysql_query(StandIn* connection, const char* text) {
  return answer(connection, text);
}

int mysql_send_query(StandIn* connection, const char* text, unsigned long) {
  connection->text = text;
  return 0;
}

char mysql_read_query_result(StandIn* connection) {
  return answer(connection, connection->text) != 0 ? 1 : 0;
}

int mysql_next_result(StandIn* connection) {
  errno = 43;
  if (connection->results_to_come == 0) return -1;
  --connection->results_to_come;
  return 0;
}

char mysql_more_results(StandIn* connection) {
  return connection->results_to_come > 0 ? 1 : 0;
}

int mysql_real_query_start(int*, StandIn* connection, const char* text, unsigned long) {
  connection->text = text;
  return 2;
}

int mysql_real_query_cont(int* result, StandIn* connection, int status) {
  if (status == 2) return 1;
  *result = answer(connection, connection->text);
  return 0;
}

StandInStatement* mysql_stmt_init(StandIn* connection) {
  return new StandInStatement{connection};
}

int mysql_stmt_prepare(StandInStatement* statement, const char* text, unsigned long size) {
  const int result = answer(statement->connection, {text, size});
  statement->error = statement->connection->error;
  return result;
}

int mysql_stmt_execute(StandInStatement* statement) {
  errno = 44;
  return statement->error != 0 ? 1 : 0;
}

char mysql_stmt_close(StandInStatement* statement) {
  delete statement;
  return 0;
}

unsigned mysql_errno(StandIn* connection) {
  return connection->error;
}
const char* mysql_error(StandIn* connection) {
  return message_of(connection->error);
}
const char* mysql_sqlstate(StandIn* connection) {
  return state_of(connection->error);
}
unsigned mysql_stmt_errno(StandInStatement* statement) {
  return statement->error;
}
const char* mysql_stmt_error(StandInStatement* statement) {
  return message_of(statement->error);
}
const char* mysql_stmt_sqlstate(StandInStatement* statement) {
  return state_of(statement->error);
}
const char* mysql_get_server_info(StandIn*) {
  return "8.0.36";
}
const char* mysql_get_client_info() {
  return "8.0.35";
}
const char* mysql_character_set_name(StandIn* connection) {
  return connection->character_set;
}

unsigned long mysql_real_escape_string_quote(StandIn* connection, char* to, const char* from,
                                             unsigned long size, char quote) {
  unsigned long written = 0;
  for (unsigned long i = 0; i < size; ++i) {
    if (from[i] == '\\' && !connection->no_backslash_escapes) to[written++] = '\\';
    if (from[i] == quote) to[written++] = quote;
    to[written++] = from[i];
  }
  to[written] = '\0';
  return written;
}
}
