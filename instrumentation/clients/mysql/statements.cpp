#include "clients/mysql/statements.hpp"

#include <exception>

#include "clients/mysql/database.hpp"
#include "clients/never_destroyed.hpp"
#include "sql/sanitise.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {
namespace {

using Statements = HandleMap<std::shared_ptr<const Prepared>>;

Statements& statements() noexcept {
  static NeverDestroyed<Statements> map;
  return *map;
}

constexpr std::string_view white_space = " \t\r\n\f\v";

}  // namespace

std::shared_ptr<const Prepared> find_statement(const Statement* statement) noexcept {
  std::shared_ptr<const Prepared> found;
  statements().with(statement, [&found](const auto& known) { found = known; });
  return found;
}

void remember_statement(const Statement* statement, const Database& database) noexcept {
  try {
    auto made = std::make_shared<Prepared>();
    made->database = database;
    statements().put(statement, std::move(made));
  } catch (const std::exception&) {
    forget_statement(statement);
  }
}

void remember_text(const Statement* statement, std::string_view text) noexcept {
  try {
    auto made = std::make_shared<Prepared>();
    if (const auto known = find_statement(statement)) {
      made->database = known->database;
    } else {
      made->database = describe({}, nullptr);
    }
    made->text = text.substr(0, longest_kept_text);
    statements().put(statement, std::move(made));
  } catch (const std::exception&) {
    forget_statement(statement);
  }
}

void forget_statement(const Statement* statement) noexcept {
  statements().take(statement);
}

bool is_procedure_call(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(white_space);
  if (begin == std::string_view::npos || text.size() - begin < 5) return false;
  constexpr std::string_view word = "call";
  for (std::size_t i = 0; i < word.size(); ++i) {
    if ((text[begin + i] | 0x20) != word[i]) return false;
  }
  const char next = text[begin + word.size()];
  return next == '`' || next == '/' || white_space.find(next) != std::string_view::npos;
}

bool may_have_more_results(std::string_view text) noexcept {
  const std::string_view looked_at = text.substr(0, sql::longest_read);
  const std::size_t semicolon = looked_at.find(';');
  if (semicolon == std::string_view::npos) return is_procedure_call(text);
  return text.find_first_not_of(white_space, semicolon + 1) != std::string_view::npos ||
         is_procedure_call(text);
}

}  // namespace clients::mysql
XRAY_NAMESPACE_END
