// The subsegment of a database call.
#pragma once

#include <optional>
#include <string_view>

#include <xray/fixed_text.hpp>
#include <xray/subsegment.hpp>

#include "sql/connection.hpp"
#include "sql/dialect.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {

/// What is known of a database connection, so far as it may be shown.
struct Database {
  sql::Connection where;
  FixedText<32> type;    ///< "PostgreSQL"
  FixedText<16> scheme;  ///< of the URL: "postgresql"
  bool is_file = false;  ///< there is no server: the URL is `scheme:database`
  FixedText<64> version;
  FixedText<64> driver_version;
  sql::Dialect dialect = sql::Dialect::unknown;
};

enum class SqlLasting : unsigned char {
  this_call,  ///< over when the wrapper returns: see begin_call()
  longer,     ///< see begin_lasting_call()
};

/// What the statement is, as the document's `preparation` has it.
enum class SqlKind : unsigned char {
  query,      ///< sent as text
  statement,  ///< prepared before
  call,       ///< of a stored procedure
};

/// Begins the remote subsegment of a statement: named `database@host`, with the `sql` block, the
/// statement as the settings allow. An empty statement is left out. None where nothing is recorded.
/// Never throws; some 9 KB of stack.
std::optional<Subsegment> begin_sql_call(const Database& database, std::string_view statement,
                                         SqlKind kind, SqlLasting lasting) noexcept;

/// Marks a call as failed, with what the database said: `type` such as "PostgreSQL 23505". Of the
/// message, which repeats users' values, as much is recorded as of statements: by default without
/// numbers and up to the first thing that it quotes. For messages that the database has made, not
/// a user's function in it.
void set_sql_error(Subsegment& subsegment, std::string_view type,
                   std::string_view message) noexcept;

}  // namespace clients
XRAY_NAMESPACE_END
