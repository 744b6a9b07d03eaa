#include "web/metrics.hpp"

#include <string>

namespace xrayd::web {

Response metrics(const CounterRows& rows) {
  std::string text;
  const std::string* last_name = nullptr;
  for (const CounterRow& row : rows) {
    if (last_name == nullptr || *last_name != row.name) {
      text += "# HELP " + row.name + " " + row.help + "\n";
      text += "# TYPE " + row.name + (row.gauge ? " gauge\n" : " counter\n");
    }
    last_name = &row.name;
    text += row.name;
    if (!row.labels.empty()) text.append("{").append(row.labels).append("}");
    text.append(" ").append(std::to_string(row.value)).append("\n");
  }
  return {200, "text/plain; version=0.0.4; charset=utf-8", std::move(text), {}};
}

}  // namespace xrayd::web
