#include "local/graph/time_series.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "local/graph/statistics_json.hpp"

namespace xrayd::local {
namespace {

constexpr std::int64_t seconds_a_minute = 60;

struct Row {
  CallStatistics statistics;
  Histogram response_times;
  /// Something was selected, finished or not.
  bool used = false;

  template <typename Sum>
  void add(const Sum& sum) {
    statistics += sum.statistics;
    response_times += sum.response_times;
    used = true;
  }
};

class Selection {
 public:
  Selection(const std::optional<EntitySelector>& selector, std::string_view account)
      : selector_(selector), account_(account) {}

  [[nodiscard]] bool of_services() const noexcept { return selector_ && !selector_->is_edge; }

  void add(const GraphSum& graph, Row& row) const {
    const auto& nodes = graph.node_table();
    if (of_services()) {
      for (const auto& node : nodes) {
        if (node.sum.traces > 0 && matches(selector_->source, node)) row.add(node.sum);
      }
      return;
    }
    for (const auto& edge : graph.edge_table()) {
      const bool selected = selector_ ? matches(selector_->source, nodes[edge.source]) &&
                                            matches(selector_->target, nodes[edge.target])
                                      : edge.kind == CallKind::client;
      if (selected && edge.sum.calls > 0) row.add(edge.sum);
    }
  }

 private:
  [[nodiscard]] bool matches(const NodePattern& pattern,
                             const GraphSum::Node& node) const noexcept {
    return pattern.matches(node.name, node.type, node.account.empty() ? account_ : node.account);
  }

  const std::optional<EntitySelector>& selector_;
  std::string_view account_;
};

void write_row(JsonWriter& writer, HistogramWriter& histograms, std::int64_t time, const Row& row,
               bool of_services) {
  writer.StartObject();
  write_key(writer, "Timestamp");
  writer.Double(static_cast<double>(time));
  for (const bool services : {false, true}) {
    write_key(writer, services ? "ServiceSummaryStatistics" : "EdgeSummaryStatistics");
    if (services == of_services) {
      write_statistics(writer, row.statistics);
    } else {
      writer.Null();
    }
  }
  // Nothing is forecast.
  write_key(writer, "ServiceForecastStatistics");
  writer.Null();
  write_key(writer, "ResponseTimeHistogram");
  histograms.write(writer, row.response_times);
  writer.EndObject();
}

}  // namespace

void write_time_series(JsonWriter& writer, std::span<const GraphOfMinute> minutes,
                       std::int64_t period, const std::optional<EntitySelector>& selector,
                       std::string_view account) {
  const std::int64_t minutes_a_row = std::max<std::int64_t>(period / seconds_a_minute, 1);
  const Selection selection(selector, account);
  HistogramWriter histograms;
  writer.StartArray();
  for (std::size_t end = minutes.size(); end > 0;) {
    const std::int64_t number = minutes[end - 1].minute / minutes_a_row;
    Row row;
    for (; end > 0 && minutes[end - 1].minute / minutes_a_row == number; --end) {
      selection.add(*minutes[end - 1].sum, row);
    }
    if (!row.used) continue;
    const std::int64_t time = (number + 1) * minutes_a_row * seconds_a_minute;
    write_row(writer, histograms, time, row, selection.of_services());
  }
  writer.EndArray();
}

}  // namespace xrayd::local
