#include "clients/mysql/database.hpp"

#include <charconv>
#include <string_view>

#include "clients/mysql/connections.hpp"
#include "clients/mysql/quoting.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {
namespace {

std::string_view view(const char* text) noexcept {
  return text != nullptr ? std::string_view(text) : std::string_view();
}

/// Empty where the library doesn't know.
std::string_view text_of(const Questions& ask, Mysql* connection, MariadbValue value) noexcept {
  const char* text = nullptr;
  return ask.get_info(connection, value, &text) == 0 ? view(text) : std::string_view();
}

sql::Connection where_of(const Questions& ask, Mysql* connection) noexcept {
  sql::Connection where;
  where.host.append(text_of(ask, connection, mariadb_connection_host));
  where.user.append(text_of(ask, connection, mariadb_connection_user));
  where.database.append(text_of(ask, connection, mariadb_connection_schema));
  unsigned port = 0;
  if (ask.get_info(connection, mariadb_connection_port, &port) == 0 && port != 0 &&
      text_of(ask, connection, mariadb_connection_unix_socket).empty()) {
    char digits[12];
    const auto end = std::to_chars(digits, digits + sizeof digits, port).ptr;
    where.port.append({digits, static_cast<std::size_t>(end - digits)});
  }
  return where;
}

/// Whether a backslash escapes: what the library makes of one tells.
bool escapes_by_backslash(const Questions& ask, Mysql* connection) noexcept {
  if (ask.get_info != nullptr) {
    unsigned status = 0;
    return ask.get_info(connection, mariadb_connection_server_status, &status) == 0 &&
           (status & (server_status_no_backslash_escapes | server_status_ansi_quotes)) == 0;
  }
  if (ask.escape_quote == nullptr) return false;
  char escaped[4];
  return ask.escape_quote(connection, escaped, "\\", 1, '\'') == 2;
}

sql::Dialect dialect_of(const Questions& ask, Mysql* connection) noexcept {
  const bool is_usual = ask.character_set != nullptr && escapes_by_backslash(ask, connection) &&
                        !hides_backslashes(view(ask.character_set(connection)));
  return is_usual ? sql::Dialect::mysql : sql::Dialect::unknown;
}

}  // namespace

Database describe(const Questions& ask, Mysql* connection) noexcept {
  Database database;
  database.scheme.append("mysql");
  if (ask.client_info != nullptr) database.driver_version.append(view(ask.client_info()));
  std::string_view version;
  if (connection != nullptr) {
    if (ask.server_info != nullptr) version = view(ask.server_info(connection));
    database.version.append(version);
    database.dialect = dialect_of(ask, connection);
    if (ask.get_info != nullptr) database.where = where_of(ask, connection);
    connections().with(connection, [&database, &ask](const Known& known) {
      if (ask.get_info == nullptr) database.where = known.where;
      if (known.quoting_changed) database.dialect = sql::Dialect::unknown;
    });
  }
  const bool is_mariadb = version.find("MariaDB") != std::string_view::npos;
  database.type.append(is_mariadb ? "MariaDB" : "MySQL");
  return database;
}

}  // namespace clients::mysql
XRAY_NAMESPACE_END
