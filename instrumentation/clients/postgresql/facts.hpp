// What a connection of libpq says of itself.
#pragma once

#include <cstddef>
#include <string_view>

#include <xray/config.hpp>

#include "clients/postgresql/libpq.hpp"
#include "clients/sql_call.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::postgresql {

struct Facts {
  const char* host = nullptr;
  const char* port = nullptr;
  const char* database = nullptr;
  const char* user = nullptr;
  int server_version = 0;   ///< 150020 is 15.20, 90624 is 9.6.24; 0 if unknown
  int library_version = 0;  ///< likewise
  sql::Dialect dialect = sql::Dialect::postgresql;
};

Database database_of(const Facts& facts) noexcept;

/// How the server reads a statement. Only where there is a backslash does it matter whether
/// `'...\'...'` is a whole text, so the library is not asked otherwise.
template <std::size_t Library>
sql::Dialect dialect_of(const Connection* connection, std::string_view statement) {
  if (statement.find('\\') == std::string_view::npos) return sql::Dialect::postgresql;
  const char* const value =
      ParameterStatus<Library>::original(connection, "standard_conforming_strings");
  return value != nullptr && std::string_view(value) == "on" ? sql::Dialect::postgresql
                                                             : sql::Dialect::unknown;
}

template <std::size_t Library>
Database database_of(const Connection* connection, std::string_view statement) {
  Facts facts;
  facts.host = Host<Library>::original(connection);
  facts.port = Port<Library>::original(connection);
  facts.database = DatabaseName<Library>::original(connection);
  facts.user = User<Library>::original(connection);
  facts.server_version = ServerVersion<Library>::original(connection);
  facts.library_version = LibraryVersion<Library>::original();
  facts.dialect = dialect_of<Library>(connection, statement);
  return database_of(facts);
}

}  // namespace clients::postgresql
XRAY_NAMESPACE_END
