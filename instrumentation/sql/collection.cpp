#include "sql/collection.hpp"

#include <xray/impl/environment.hpp>

#include "sql/recent_statements.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {

std::optional<Collection> parse_collection(std::string_view value) noexcept {
  if (value.empty()) return Collection::sanitised;
  if (detail::equal_ignoring_case(value, "TRUE") || value == "1") return Collection::raw;
  if (detail::equal_ignoring_case(value, "FALSE") || value == "0") return Collection::none;
  return std::nullopt;
}

std::string_view collect(Collection collection, std::string_view statement, Dialect dialect,
                         char* buffer, std::size_t capacity) noexcept {
  switch (collection) {
    case Collection::raw:
      return statement;
    case Collection::none:
      return {};
    case Collection::sanitised:
      break;
  }
  return sanitise_again(statement, dialect, buffer, capacity);
}

}  // namespace sql
XRAY_NAMESPACE_END
