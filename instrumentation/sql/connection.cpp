#include "sql/connection.hpp"

#include <cstddef>
#include <initializer_list>

#include "sql/statement_output.hpp"
#include "sql/url.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {

namespace {

constexpr std::size_t nowhere = std::string_view::npos;

/// Appends characters, cutting what is too long at the end of one.
template <std::size_t Capacity>
void assign(FixedText<Capacity>& field, std::string_view value) noexcept {
  if (value.size() > Capacity) {
    std::size_t end = Capacity;
    while (end != 0 && (static_cast<unsigned char>(value[end]) & 0xC0U) == 0x80U) --end;
    value = value.substr(0, end);
  }
  field = FixedText<Capacity>();
  field.append(value);
}

/// A port is a number; what else stands there may be a part of something secret.
void assign_port(Connection& connection, std::string_view value) noexcept {
  value = value.substr(0, value.find(','));
  if (value.size() > 5 || value.find_first_not_of("0123456789") != nowhere) return;
  assign(connection.port, value);
}

void assign_host(Connection& connection, std::string_view value) noexcept {
  assign(connection.host, value.substr(0, value.find(',')));
}

/// A value while it is decoded. What is longer than any field can hold is left out.
using Value = FixedText<512>;

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Value percent_decoded(std::string_view text) noexcept {
  Value value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%' && i + 2 < text.size()) {
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high >= 0 && low >= 0) {
        c = static_cast<char>(high * 16 + low);
        i += 2;
      }
    }
    if (!value.append({&c, 1})) break;
  }
  return value;
}

/// A setting of libpq's, if it is one that may be shown.
void set_by_libpq_key(Connection& connection, std::string_view key,
                      std::string_view value) noexcept {
  if (key == "host" || (key == "hostaddr" && connection.host.empty())) {
    assign_host(connection, value);
  } else if (key == "port") {
    assign_port(connection, value);
  } else if (key == "dbname") {
    assign(connection.database, value);
  } else if (key == "user") {
    assign(connection.user, value);
  }
}

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(" \t\r\n\f\v");
  if (begin == nowhere) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n\f\v") - begin + 1);
}

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> names) noexcept {
  for (const std::string_view name : names) {
    if (same_word(key, name)) return true;
  }
  return false;
}

/// `tcp:host,1433`, `host\instance`, `host:port`.
void set_odbc_server(Connection& connection, std::string_view value) noexcept {
  for (const std::string_view prefix : {"tcp:", "np:", "lpc:", "admin:"}) {
    if (same_word(value.substr(0, prefix.size()), prefix)) value.remove_prefix(prefix.size());
  }
  const std::size_t comma = value.find(',');
  if (comma != nowhere) {
    assign_port(connection, trimmed(value.substr(comma + 1)));
    value = trimmed(value.substr(0, comma));
  }
  const std::size_t colon = value.find(':');
  if (colon != nowhere && colon == value.rfind(':')) {  // else IPv6
    assign_port(connection, value.substr(colon + 1));
    value = value.substr(0, colon);
  }
  assign(connection.host, value);
}

void set_by_odbc_key(Connection& connection, std::string_view key,
                     std::string_view value) noexcept {
  if (is_one_of(key, {"server", "host", "hostname", "data source", "address", "addr",
                      "network address", "servername"})) {
    set_odbc_server(connection, value);
  } else if (same_word(key, "port")) {
    assign_port(connection, value);
  } else if (is_one_of(key, {"database", "initial catalog", "dbname", "db"})) {
    assign(connection.database, value);
  } else if (is_one_of(key, {"uid", "user", "user id", "userid", "username", "user name"})) {
    assign(connection.user, value.substr(0, value.find('/')));  // Oracle's user/password
  }
}

/// Reads the value at `at`, up to the semicolon or the text's end, and goes behind it.
Value odbc_value(std::string_view text, std::size_t& at) noexcept {
  Value value;
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  const char open = at < text.size() ? text[at] : '\0';
  if (open == '{' || open == '"' || open == '\'') {
    const char close = open == '{' ? '}' : open;
    bool ended = false;
    for (++at; at < text.size() && !ended; ++at) {
      if (text[at] == close) {
        ended = at + 1 >= text.size() || text[at + 1] != close;
        if (ended) continue;
        ++at;
      }
      value.append(text.substr(at, 1));
    }
    if (!ended) value = Value();  // whatever is in it
    at = text.find(';', at);
  } else {
    const std::size_t end = text.find(';', at);
    value.append(trimmed(text.substr(at, end == nowhere ? nowhere : end - at)));
    at = end;
  }
  at = at == nowhere ? text.size() : at + 1;
  return value;
}

}  // namespace

void Connection::append_address(BoundedText& out) const noexcept {
  const bool is_ipv6 = host.view().find(':') != nowhere && host.view().front() != '[';
  if (is_ipv6) out.append('[');
  out.append(host.view());
  if (is_ipv6) out.append(']');
  if (!port.empty()) {
    out.append(':');
    out.append(port.view());
  }
  if (!database.empty()) {
    out.append('/');
    out.append(database.view());
  }
}

void Connection::append_name(BoundedText& out) const noexcept {
  out.append(database.view());
  if (!database.empty() && !host.empty()) out.append('@');
  out.append(host.view());
}

Connection connection_of_uri(std::string_view uri) noexcept {
  Connection connection;
  UrlParts parts = url_parts(uri);
  const std::size_t at = parts.path.rfind('@');
  if (at != nowhere) {
    // `user:pass/word@host/name`: the slash should have been written as %2F.
    const auto user_size = static_cast<std::size_t>(parts.path.data() - parts.host.data()) + at;
    const bool had_userinfo = !parts.userinfo.empty();
    const std::string_view user =
        had_userinfo ? parts.userinfo : std::string_view(parts.host.data(), user_size);
    parts = url_parts(parts.path.substr(at + 1));
    parts.userinfo = user;
  }
  const std::string_view user = parts.userinfo.substr(0, parts.userinfo.find(':'));
  assign(connection.user, percent_decoded(user));
  assign_port(connection, parts.port);
  std::string_view host = parts.host;
  if (!host.empty() && host.front() == '[') host = host.substr(1, host.find(']') - 1);
  assign_host(connection, percent_decoded(host));
  if (!parts.path.empty()) {
    assign(connection.database, percent_decoded(parts.path.substr(1)));
  }
  std::string_view query = parts.query;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(pair.size() == query.size() ? pair.size() : pair.size() + 1);
    const std::size_t equals = pair.find('=');
    if (equals == nowhere) continue;
    set_by_libpq_key(connection, pair.substr(0, equals), percent_decoded(pair.substr(equals + 1)));
  }
  return connection;
}

Connection connection_of_conninfo(std::string_view text) noexcept {
  Connection connection;
  constexpr std::string_view spaces = " \t\r\n\f\v";
  std::size_t at = 0;
  while ((at = text.find_first_not_of(spaces, at)) != nowhere) {
    const std::size_t equals = text.find('=', at);
    if (equals == nowhere) break;
    const std::string_view key = trimmed(text.substr(at, equals - at));
    at = text.find_first_not_of(spaces, equals + 1);
    if (at == nowhere) break;
    const bool quoted = text[at] == '\'';
    if (quoted) ++at;
    Value value;
    bool ended = !quoted;
    for (; at < text.size(); ++at) {
      if (quoted ? text[at] == '\'' : spaces.find(text[at]) != nowhere) {
        ended = true;
        ++at;
        break;
      }
      if (text[at] == '\\' && ++at == text.size()) break;
      value.append(text.substr(at, 1));
    }
    if (!ended) break;
    set_by_libpq_key(connection, key, value);
  }
  return connection;
}

Connection connection_of_odbc(std::string_view text) noexcept {
  Connection connection;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find_first_of("=;", at);
    if (end == nowhere) break;
    const std::string_view key = trimmed(text.substr(at, end - at));
    at = end + 1;
    if (text[end] == '=') set_by_odbc_key(connection, key, odbc_value(text, at));
  }
  return connection;
}

Connection connection_of_postgresql(std::string_view dbname) noexcept {
  if (dbname.substr(0, 11) == "postgres://" || dbname.substr(0, 13) == "postgresql://") {
    return connection_of_uri(dbname);
  }
  if (dbname.find('=') != nowhere) return connection_of_conninfo(dbname);
  Connection connection;
  assign(connection.database, dbname);
  return connection;
}

}  // namespace sql
XRAY_NAMESPACE_END
