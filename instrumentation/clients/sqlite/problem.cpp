#include "clients/sqlite/problem.hpp"

#include "clients/sqlite/api.hpp"
#include "sql/sanitise.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::sqlite {
namespace {

constexpr int error = 1;
constexpr int constraint = 19;

/// Before the name of something that holds no values.
constexpr std::string_view before_names[] = {
    "no such table: ",  "no such function: ",           "no such index: ",
    "no such module: ", "no such collation sequence: ", "wrong number of arguments to function "};

/// Before a word of the statement, which may be a value.
constexpr std::string_view before_words[] = {"no such column: ", "unrecognized token: "};

constexpr std::string_view whole[] = {"integer overflow",
                                      "incomplete input",
                                      "malformed JSON",
                                      "cannot start a transaction within a transaction",
                                      "cannot commit - no transaction is active",
                                      "cannot rollback - no transaction is active"};

bool begins_with(std::string_view text, std::string_view what) noexcept {
  return text.substr(0, what.size()) == what;
}

bool ends_with(std::string_view text, std::string_view what) noexcept {
  return text.size() >= what.size() && text.substr(text.size() - what.size()) == what;
}

/// Whether the statement without its values has these words.
bool shows(std::string_view statement, std::string_view words) noexcept {
  char buffer[sql::longest_query];
  const auto shown = sql::sanitise(statement, sql::Dialect::sqlite, buffer, sizeof buffer).text;
  return shown.find(words) != std::string_view::npos;
}

/// Constraints that are broken by rows name columns or themselves; those that triggers, functions
/// and modules break say what these like.
bool is_worded_by_sqlite(int extended_code) noexcept {
  if (kind_of(extended_code) != constraint) return false;
  switch (extended_code >> 8) {
    case 1:   // CHECK
    case 3:   // FOREIGNKEY
    case 5:   // NOTNULL
    case 6:   // PRIMARYKEY
    case 8:   // UNIQUE
    case 10:  // ROWID
    case 12:  // DATATYPE
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string_view own_words(int extended_code, std::string_view message,
                           std::string_view statement) noexcept {
  if (is_worded_by_sqlite(extended_code)) return message;
  if (kind_of(extended_code) != error) return {};
  for (const std::string_view text : whole) {
    if (message == text) return text;
  }
  for (const std::string_view beginning : before_names) {
    if (begins_with(message, beginning)) return message;
  }
  for (const std::string_view beginning : before_words) {
    if (!begins_with(message, beginning)) continue;
    const bool is_known = shows(statement, message.substr(beginning.size()));
    return is_known ? message : beginning.substr(0, beginning.size() - 2);
  }
  const bool is_syntax = begins_with(message, "near \"") && ends_with(message, ": syntax error");
  return is_syntax ? "near ?: syntax error" : std::string_view();
}

}  // namespace clients::sqlite
XRAY_NAMESPACE_END
