// Statements without their users' values.
#pragma once

#include <cstddef>
#include <string_view>

#include <xray/config.hpp>

#include "sql/dialect.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {

/// A document has room for no more of a statement.
inline constexpr std::size_t longest_query = 8192;

/// No more of a statement is looked at, so that one of any length costs its thread little.
inline constexpr std::size_t longest_read = 65536;

struct Sanitised {
  /// Points into the buffer.
  std::string_view text;
  /// There was more: the text ends in "...".
  bool cut;
};

/// Writes the statement to `buffer` with `?` in place of every literal (strings in all the
/// dialect's quotings, numbers with their sign, and so passwords), without comments, and with
/// single spaces. Names, keywords and parameters stay as they are.
///
/// - `1, 'two', 3` becomes one `?`, and `(?), (?)` one `(?)`: lists of any length look alike.
/// - A literal without an end takes the rest with it, and so does what databases, or one database
///   with different settings, would end at different places (see Dialect::unknown).
/// - MySQL's executable comments are comments here.
/// - Double-quoted texts are names in PostgreSQL, literals in MySQL and `unknown`. SQLite takes one
///   that names no column for a literal, so there they stay only where no literal can stand: next
///   to a dot, and after FROM, JOIN, INTO, UPDATE, TABLE, AS and the like.
/// - Words without quotes are names: a value written so (`SET role TO admin`) is not recognised,
///   but for the passwords after IDENTIFIED BY and of SQLCipher's PRAGMA key and ATTACH.
///
/// Ill-formed UTF-8 stays as it is, and nothing is read or written out of bounds. Time is linear in
/// the statement's length and at most that of `longest_read` bytes. Allocates nothing; thread-safe.
Sanitised sanitise(std::string_view statement, Dialect dialect, char* buffer,
                   std::size_t capacity) noexcept;

}  // namespace sql
XRAY_NAMESPACE_END
