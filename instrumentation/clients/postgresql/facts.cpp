#include "clients/postgresql/facts.hpp"

#include <charconv>

XRAY_NAMESPACE_BEGIN
namespace clients::postgresql {
namespace {

template <typename Text>
void append(Text& text, const char* value) noexcept {
  if (value != nullptr) text.append(value);
}

template <typename Text>
void append_number(Text& text, int number) noexcept {
  char digits[12];
  const auto end = std::to_chars(digits, digits + sizeof digits, number);
  text.append({digits, static_cast<std::size_t>(end.ptr - digits)});
}

/// Two numbers since version 10, three before.
template <typename Text>
void append_version(Text& text, int version) noexcept {
  if (version <= 0) return;
  append_number(text, version / 10000);
  text.append(".");
  if (version < 100000) {
    append_number(text, version / 100 % 100);
    text.append(".");
    append_number(text, version % 100);
  } else {
    append_number(text, version % 10000);
  }
}

}  // namespace

Database database_of(const Facts& facts) noexcept {
  Database database;
  append(database.where.host, facts.host);
  append(database.where.port, facts.port);
  append(database.where.database, facts.database);
  append(database.where.user, facts.user);
  database.type.append("PostgreSQL");
  database.scheme.append("postgresql");
  append_version(database.version, facts.server_version);
  if (facts.library_version > 0) {
    database.driver_version.append("libpq ");
    append_version(database.driver_version, facts.library_version);
  }
  database.dialect = facts.dialect;
  return database;
}

}  // namespace clients::postgresql
XRAY_NAMESPACE_END
