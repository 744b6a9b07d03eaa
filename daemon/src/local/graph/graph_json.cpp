#include "local/graph/graph_json.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "local/graph/statistics_json.hpp"

namespace xrayd::local {
namespace {

std::string_view name_of(NodeState state) noexcept {
  switch (state) {
    case NodeState::active:
      return "active";
    case NodeState::passive:
      return "passive";
    case NodeState::unknown:
      break;
  }
  return "unknown";
}

class ServicesWriter {
 public:
  ServicesWriter(JsonWriter& writer, const GraphSum& graph, std::string_view account,
                 GraphTimes times)
      : writer_(writer),
        graph_(graph),
        account_(account),
        times_(times),
        ranks_(graph.node_table().size(), GraphSum::no_number) {
    GraphSum::Number told = 0;
    for (const auto number : graph_.sorted_nodes()) {
      if (is_told(number)) ranks_[number] = told++;
    }
  }

  void write() {
    writer_.StartArray();
    for (const auto number : graph_.sorted_nodes()) {
      if (is_told(number)) write_service(number);
    }
    writer_.EndArray();
  }

 private:
  [[nodiscard]] bool is_told(GraphSum::Number number) const {
    return graph_.node_table()[number].sum.traces > 0;
  }
  [[nodiscard]] bool is_told(const GraphSum::EdgePlace& place) const {
    return graph_.edge_table()[place.edge].sum.calls > 0 && is_told(place.target);
  }

  void write_service(GraphSum::Number number) {
    const auto& node = graph_.node_table()[number];
    const NodeSum& sum = node.sum;
    // Clients have no figures but their edges'. Readers rely on one of the two being there.
    const bool client =
        node.type == "client" && std::any_of(node.edges.begin(), node.edges.end(),
                                             [&](const auto& place) { return is_told(place); });
    writer_.StartObject();
    write_key(writer_, "ReferenceId");
    writer_.Uint(ranks_[number]);
    write_key(writer_, "Name");
    write_text(writer_, node.name);
    write_names(node.name);
    write_key(writer_, "Root");
    if (sum.root()) {
      writer_.Bool(true);
    } else {
      writer_.Null();
    }
    write_key(writer_, "AccountId");
    write_text_or_null(node.account.empty() ? account_ : node.account);
    write_key(writer_, "Type");
    write_text_or_null(node.type);
    write_key(writer_, "State");
    write_text(writer_, name_of(sum.state));
    write_times(sum);
    write_key(writer_, "Edges");
    writer_.StartArray();
    graph_.sorted_edges(number, ranks_, places_);
    for (const auto& place : places_) {
      if (is_told(place)) write_edge(node, place);
    }
    writer_.EndArray();
    write_key(writer_, "SummaryStatistics");
    if (client) {
      writer_.Null();
    } else {
      write_statistics(writer_, sum.statistics);
    }
    write_key(writer_, "DurationHistogram");
    histograms_.write(writer_, sum.durations);
    write_key(writer_, "ResponseTimeHistogram");
    histograms_.write(writer_, sum.response_times);
    writer_.EndObject();
  }

  void write_edge(const GraphSum::Node& source, const GraphSum::EdgePlace& place) {
    const EdgeSum& sum = graph_.edge_table()[place.edge].sum;
    writer_.StartObject();
    write_key(writer_, "ReferenceId");
    writer_.Uint(ranks_[place.target]);
    // As X-Ray: the bounds of the node that called.
    write_times(source.sum);
    write_key(writer_, "SummaryStatistics");
    write_statistics(writer_, sum.statistics);
    write_key(writer_, "ResponseTimeHistogram");
    histograms_.write(writer_, sum.response_times);
    write_key(writer_, "Aliases");
    writer_.StartArray();
    for (const auto& alias : sum.aliases) {
      writer_.StartObject();
      write_key(writer_, "Name");
      write_text(writer_, alias);
      write_names(alias);
      write_key(writer_, "Type");
      write_text(writer_, "remote");
      writer_.EndObject();
    }
    writer_.EndArray();
    write_key(writer_, "EdgeType");
    write_text_or_null(place.kind == CallKind::link ? "link" : "");
    write_key(writer_, "ReceivedEventAgeHistogram");
    histograms_.write(writer_, sum.event_ages);
    writer_.EndObject();
  }

  void write_names(std::string_view name) {
    write_key(writer_, "Names");
    writer_.StartArray();
    write_text(writer_, name);
    writer_.EndArray();
  }

  void write_text_or_null(std::string_view text) {
    if (text.empty()) {
      writer_.Null();
    } else {
      write_text(writer_, text);
    }
  }

  void write_times(const NodeSum& sum) {
    const bool known = times_ == GraphTimes::bounds && std::isfinite(sum.first);
    write_key(writer_, "StartTime");
    write_second(known, sum.first);
    write_key(writer_, "EndTime");
    write_second(known, sum.last + 1);
  }

  void write_second(bool known, double second) {
    if (known) {
      writer_.Double(second);
    } else {
      writer_.Null();
    }
  }

  JsonWriter& writer_;
  const GraphSum& graph_;
  std::string_view account_;
  GraphTimes times_;
  // Of the nodes that are told: where they stand in the list.
  std::vector<GraphSum::Number> ranks_;
  std::vector<GraphSum::EdgePlace> places_;
  HistogramWriter histograms_;
};

}  // namespace

void write_services(JsonWriter& writer, const GraphSum& graph, std::string_view account,
                    GraphTimes times) {
  ServicesWriter(writer, graph, account, times).write();
}

}  // namespace xrayd::local
