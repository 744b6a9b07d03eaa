// Where a connection goes, without its password.
#pragma once

#include <string_view>

#include <xray/config.hpp>
#include <xray/fixed_text.hpp>

#include "sql/bounded_text.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {

/// What may be shown of a connection. It is made of the few settings that say where it goes, never
/// by taking secrets out of a text, so what nobody thought of isn't in it. What was not said is
/// empty; longer texts are cut.
struct Connection {
  FixedText<255> host;  // the first one; for a unix socket its folder
  FixedText<5> port;
  FixedText<128> database;
  FixedText<128> user;

  /// Appends `host:port/database`; what is unknown is left out, with the sign in front of it.
  void append_address(BoundedText& out) const noexcept;

  /// Appends `database@host`, the name of a subsegment; one of them where only one is known.
  void append_name(BoundedText& out) const noexcept;
};

/// `postgres://user:password@host:port/database?...` and every other scheme, percent signs decoded.
/// Of the query's parameters host, port, dbname and user count, as libpq has it. Where an `@`
/// follows in what looks like the path, all before it may be a password, and goes.
[[nodiscard]] Connection connection_of_uri(std::string_view uri) noexcept;

/// libpq's `host=... port=... dbname='...'`.
[[nodiscard]] Connection connection_of_conninfo(std::string_view conninfo) noexcept;

/// `Driver={...};Server=host,port;Database=...;Uid=...;Pwd=...`, as ODBC and its like have it.
[[nodiscard]] Connection connection_of_odbc(std::string_view text) noexcept;

/// What libpq's functions take for `dbname`: a URI, a conninfo, or the database's name.
[[nodiscard]] Connection connection_of_postgresql(std::string_view dbname) noexcept;

}  // namespace sql
XRAY_NAMESPACE_END
