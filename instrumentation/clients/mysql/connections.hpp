// What is remembered of connections, because their library can't be asked for it.
#pragma once

#include "clients/handle_map.hpp"
#include "clients/mysql/library.hpp"
#include "sql/connection.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {

struct Known {
  /// Of libmysqlclient, which gives away little of it. libmariadb is asked each time.
  sql::Connection where;
  /// A statement went by that may have changed where literals end.
  bool quoting_changed = false;
};

/// By the connection's address, until it is closed. Most connections are not in it.
HandleMap<Known>& connections() noexcept;

/// Functions that throw nothing: out of memory, they leave things as they were.
void remember_connection(const Mysql* connection, const char* host, const char* user,
                         const char* database, unsigned port, const char* unix_socket) noexcept;
void remember_database(const Mysql* connection, const char* database) noexcept;
void remember_user(const Mysql* connection, const char* user, const char* database) noexcept;
void remember_changed_quoting(const Mysql* connection) noexcept;

}  // namespace clients::mysql
XRAY_NAMESPACE_END
