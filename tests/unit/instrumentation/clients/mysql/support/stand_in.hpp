// A library with libmysqlclient's functions, and libmariadb's non-blocking ones, without a server:
// texts say what becomes of them.
//
//   fail       error 1062, with a value that has a quote in it
//   throw      the callback throws, through the library
//   wait       waits until the thread is cancelled
//   ask        asks `nested` itself, by the callback
//   ;          one more result for each semicolon
//   call       one more result
#pragma once

extern "C" {

struct StandIn {
  unsigned error = 0;
  int results_to_come = 0;
  bool no_backslash_escapes = false;
  const char* character_set = "utf8mb4";
  const char* text = nullptr;  ///< of the query under way
};

struct StandInStatement {
  StandIn* connection = nullptr;
  unsigned error = 0;
};

using Callback = void (*)(StandIn*);
void set_callback(Callback callback);

StandIn* mysql_real_connect(StandIn* connection, const char* host, const char* user,
                            const char* password, const char* database, unsigned port,
                            const char* unix_socket, unsigned long flags);
int mysql_select_db(StandIn* connection, const char* database);
char mysql_change_user(StandIn* connection, const char* user, const char* password,
                       const char* database);
void mysql_close(StandIn* connection);

int mysql_query(StandIn* connection, const char* text);
int mysql_real_query(StandIn* connection, const char* text, unsigned long size);
int mysql_send_query(StandIn* connection, const char* text, unsigned long size);
char mysql_read_query_result(StandIn* connection);
int mysql_next_result(StandIn* connection);
char mysql_more_results(StandIn* connection);

// Over at the second _cont.
int mysql_real_query_start(int* result, StandIn* connection, const char* text, unsigned long size);
int mysql_real_query_cont(int* result, StandIn* connection, int status);

StandInStatement* mysql_stmt_init(StandIn* connection);
int mysql_stmt_prepare(StandInStatement* statement, const char* text, unsigned long size);
int mysql_stmt_execute(StandInStatement* statement);
char mysql_stmt_close(StandInStatement* statement);

unsigned mysql_errno(StandIn* connection);
const char* mysql_error(StandIn* connection);
const char* mysql_sqlstate(StandIn* connection);
unsigned mysql_stmt_errno(StandInStatement* statement);
const char* mysql_stmt_error(StandInStatement* statement);
const char* mysql_stmt_sqlstate(StandInStatement* statement);
const char* mysql_get_server_info(StandIn* connection);
const char* mysql_get_client_info();
const char* mysql_character_set_name(StandIn* connection);
unsigned long mysql_real_escape_string_quote(StandIn* connection, char* to, const char* from,
                                             unsigned long size, char quote);
}
