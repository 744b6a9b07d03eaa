#include "local/console/parameters.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>
#include <variant>

#include "local/console/console_questions.hpp"

namespace xrayd::local {
namespace {

constexpr double last_time = 253402300800;  // the year 10000

Filter parse(std::string_view expression, const GroupFilters& groups) {
  auto parsed = Filter::parse(expression, groups);
  if (const auto* error = std::get_if<FilterError>(&parsed)) throw ConsoleError(error->message);
  return std::get<Filter>(std::move(parsed));
}

}  // namespace

std::string_view parameter(const ConsoleParameters& parameters, std::string_view name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

double number_parameter(const ConsoleParameters& parameters, const std::string& name,
                        double otherwise) {
  const auto text = parameter(parameters, name);
  if (text.empty()) return otherwise;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) {
    throw ConsoleError("'" + name + "' must be a number");
  }
  return number;
}

double time_parameter(const ConsoleParameters& parameters, const std::string& name,
                      double otherwise) {
  if (parameter(parameters, name).empty()) return otherwise;
  return std::clamp(number_parameter(parameters, name, otherwise), 0.0, last_time);
}

// A group is a filter that is kept; both together are what both take.
Filter filter_parameter(const ConsoleParameters& parameters, const GroupFilters& groups) {
  const std::string expression(parameter(parameters, "filter"));
  // On its own first, so that errors are told of what was typed.
  auto filter = parse(expression, groups);
  const auto name = parameter(parameters, "group");
  if (name.empty()) return filter;
  const auto group = groups(name);
  if (!group) throw ConsoleError("Group not found");
  if (group->empty()) return filter;
  return parse(filter.is_everything() ? *group : "(" + *group + ") AND (" + expression + ")",
               groups);
}

}  // namespace xrayd::local
