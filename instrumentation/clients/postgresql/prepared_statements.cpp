#include "clients/postgresql/prepared_statements.hpp"

#include <algorithm>
#include <utility>

#include "clients/handle_map.hpp"
#include "clients/never_destroyed.hpp"
#include "sql/sanitise.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::postgresql {
namespace {

HandleMap<PreparedStatements>& all_statements() noexcept {
  static NeverDestroyed<HandleMap<PreparedStatements>> map;
  return *map;
}

bool is_another(int backend, const PreparedStatements& statements) noexcept {
  return backend != 0 && statements.backend() != 0 && backend != statements.backend();
}

}  // namespace

PreparedStatements::Text PreparedStatements::text_of(std::string_view statement) {
  // One byte more than is shown, so that the shown text ends in the mark of a cut one.
  return std::make_shared<const std::string>(statement.substr(0, sql::longest_query + 1));
}

void PreparedStatements::put(std::string_view name, Text text) {
  if (name.size() > longest_name) return;
  const auto known = by_name_.find(name);
  if (known != by_name_.end()) {
    known->second = {std::move(text), next_number_++};
    return;
  }
  by_name_.emplace(name, Entry{std::move(text), next_number_++});
  if (by_name_.size() > most_names) drop_oldest();
}

void PreparedStatements::drop_oldest() noexcept {
  by_name_.erase(
      std::min_element(by_name_.begin(), by_name_.end(), [](const auto& left, const auto& right) {
        return left.second.number < right.second.number;
      }));
}

PreparedStatements::Text PreparedStatements::find(std::string_view name) const noexcept {
  const auto known = by_name_.find(name);
  return known != by_name_.end() ? known->second.text : nullptr;
}

void remember_statement(const void* connection, int backend, std::string_view name,
                        std::string_view statement) {
  PreparedStatements::Text text = PreparedStatements::text_of(statement);
  bool is_stale = false;
  const bool is_known = all_statements().with(connection, [&](PreparedStatements& statements) {
    is_stale = is_another(backend, statements);
    if (!is_stale) statements.put(name, std::move(text));
  });
  if (is_known && !is_stale) return;
  PreparedStatements statements(backend);
  statements.put(name, std::move(text));
  all_statements().put(connection, std::move(statements));
}

PreparedStatements::Text find_statement(const void* connection, int backend,
                                        std::string_view name) noexcept {
  PreparedStatements::Text text;
  all_statements().with(connection, [&](const PreparedStatements& statements) {
    if (!is_another(backend, statements)) text = statements.find(name);
  });
  return text;
}

void forget_statements(const void* connection) noexcept {
  all_statements().take(connection);
}

}  // namespace clients::postgresql
XRAY_NAMESPACE_END
