// What we know of libmariadb and libmysqlclient: no header of theirs is needed.
#pragma once

#include <cstddef>

#include "patching/original.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {

struct Mysql;      ///< their MYSQL: a connection
struct Statement;  ///< their MYSQL_STMT

/// Of libmariadb's `enum mariadb_value`.
enum MariadbValue : int {
  mariadb_connection_host = 10,
  mariadb_connection_port = 12,
  mariadb_connection_schema = 15,
  mariadb_connection_unix_socket = 26,
  mariadb_connection_user = 27,
  mariadb_connection_server_status = 30,
};

inline constexpr unsigned server_status_no_backslash_escapes = 512;
/// MariaDB's servers alone say this.
inline constexpr unsigned server_status_ansi_quotes = 32768;

// Functions that wrappers call. Those that not every library has are null there.

template <std::size_t Library>
struct GetInfo {
  static constexpr const char* symbol = "mariadb_get_info";  // libmariadb alone
  static inline patching::Original<char(Mysql*, int, void*)> original;
};

template <std::size_t Library>
struct EscapeQuote {
  static constexpr const char* symbol = "mysql_real_escape_string_quote";  // libmysqlclient alone
  static inline patching::Original<unsigned long(Mysql*, char*, const char*, unsigned long, char)>
      original;
};

template <std::size_t Library>
struct ServerInfo {
  static constexpr const char* symbol = "mysql_get_server_info";
  static inline patching::Original<const char*(Mysql*)> original;
};

template <std::size_t Library>
struct ClientInfo {
  static constexpr const char* symbol = "mysql_get_client_info";
  static inline patching::Original<const char*()> original;
};

template <std::size_t Library>
struct CharacterSet {
  static constexpr const char* symbol = "mysql_character_set_name";
  static inline patching::Original<const char*(Mysql*)> original;
};

template <std::size_t Library>
struct MoreResults {
  static constexpr const char* symbol = "mysql_more_results";
  static inline patching::Original<char(Mysql*)> original;
};

template <std::size_t Library>
struct Errno {
  static constexpr const char* symbol = "mysql_errno";
  static inline patching::Original<unsigned(Mysql*)> original;
};

template <std::size_t Library>
struct Error {
  static constexpr const char* symbol = "mysql_error";
  static inline patching::Original<const char*(Mysql*)> original;
};

template <std::size_t Library>
struct SqlState {
  static constexpr const char* symbol = "mysql_sqlstate";
  static inline patching::Original<const char*(Mysql*)> original;
};

template <std::size_t Library>
struct StatementErrno {
  static constexpr const char* symbol = "mysql_stmt_errno";
  static inline patching::Original<unsigned(Statement*)> original;
};

template <std::size_t Library>
struct StatementError {
  static constexpr const char* symbol = "mysql_stmt_error";
  static inline patching::Original<const char*(Statement*)> original;
};

template <std::size_t Library>
struct StatementSqlState {
  static constexpr const char* symbol = "mysql_stmt_sqlstate";
  static inline patching::Original<const char*(Statement*)> original;
};

}  // namespace clients::mysql
XRAY_NAMESPACE_END
