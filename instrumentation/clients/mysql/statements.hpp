// Prepared statements: libraries don't tell a statement's text, or its connection.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "clients/handle_map.hpp"
#include "clients/mysql/library.hpp"
#include "clients/sql_call.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {

/// No more of a statement's text is kept: a document has no room for more.
inline constexpr std::size_t longest_kept_text = 8192;

struct Prepared {
  /// As it was when the statement was made. Its connection may be closed before it, and can't be
  /// asked later.
  Database database;
  std::string text;
};

/// What is known of a statement, until it is closed; null of one that was made before patching.
std::shared_ptr<const Prepared> find_statement(const Statement* statement) noexcept;

/// A statement was made, on a connection to this database. Throws nothing: out of memory, it is as
/// one made before patching.
void remember_statement(const Statement* statement, const Database& database) noexcept;

/// It is being prepared.
void remember_text(const Statement* statement, std::string_view text) noexcept;

void forget_statement(const Statement* statement) noexcept;

/// `CALL procedure` or not.
[[nodiscard]] bool is_procedure_call(std::string_view text) noexcept;

/// Whether more than one result may come: of a procedure, or as a statement follows a semicolon.
[[nodiscard]] bool may_have_more_results(std::string_view text) noexcept;

}  // namespace clients::mysql
XRAY_NAMESPACE_END
