#include "local/graph/graph_sum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

namespace xrayd::local {
namespace {

std::int64_t& counter_of(CallStatistics& statistics, const Outcome& outcome) noexcept {
  if (outcome.fault) return statistics.faults;
  if (outcome.throttle) return statistics.throttles;
  if (outcome.error) return statistics.errors;
  return statistics.ok;
}

// Which state a node has that had several: one that sent segments is active for good.
int weight(NodeState state) noexcept {
  switch (state) {
    case NodeState::active:
      return 2;
    case NodeState::passive:
      return 1;
    case NodeState::unknown:
      break;
  }
  return 0;
}

void count_down(std::int64_t& count) noexcept {
  count = std::max<std::int64_t>(count - 1, 0);
}

template <typename Sum>
void widen(Sum& sum, double first, double last) noexcept {
  sum.first = std::min(sum.first, first);
  sum.last = std::max(sum.last, last);
}

NodeKey key_of(const RecordNode& node) noexcept {
  return {node.name, node.type, node.account};
}

// Clocks of several machines: an end may lie before its start.
double span_of(double start, double end) noexcept {
  return std::max(0.0, end - start);
}

std::optional<double> response_time(const RecordSegment& segment) noexcept {
  if (segment.in_progress || !segment.end) return std::nullopt;
  return span_of(segment.start, *segment.end);
}

std::optional<double> response_time(const RecordCall& call) noexcept {
  if (call.in_progress || !call.end) return std::nullopt;
  return span_of(call.start, *call.end);
}

double duration(const RecordSegment& segment) noexcept {
  return span_of(segment.start, std::max(*segment.end, segment.last_end.value_or(*segment.end)));
}

// Numbers of a record's nodes; records with many are rare.
class NumberTable {
 public:
  explicit NumberTable(std::size_t size) {
    if (size > few_.size()) many_.resize(size);
    numbers_ = many_.empty() ? std::span(few_).first(size) : std::span(many_);
  }
  GraphSum::Number& operator[](std::size_t index) noexcept { return numbers_[index]; }
  [[nodiscard]] GraphSum::Number at(RecordIndex index) const noexcept {
    return index < numbers_.size() ? numbers_[index] : GraphSum::no_number;
  }

 private:
  std::array<GraphSum::Number, 32> few_{};
  std::vector<GraphSum::Number> many_;
  std::span<GraphSum::Number> numbers_;
};

bool comes_before(const GraphSum::EdgePlace& place,
                  const std::pair<GraphSum::Number, CallKind>& other) noexcept {
  return std::pair(place.target, place.kind) < other;
}

}  // namespace

void CallStatistics::add(const Outcome& outcome, double seconds) noexcept {
  ++counter_of(*this, outcome);
  response_time += seconds;
}

void CallStatistics::subtract(const Outcome& outcome, double seconds) noexcept {
  std::int64_t& counter = counter_of(*this, outcome);
  if (counter <= 0) return;
  --counter;
  // Differences of doubles leave crumbs.
  response_time = total() == 0 ? 0 : std::max(0.0, response_time - seconds);
}

CallStatistics& CallStatistics::operator+=(const CallStatistics& other) noexcept {
  ok += other.ok;
  errors += other.errors;
  throttles += other.throttles;
  faults += other.faults;
  response_time += other.response_time;
  return *this;
}

NodeSum& NodeSum::operator+=(const NodeSum& other) {
  if (weight(other.state) > weight(state)) state = other.state;
  traces += other.traces;
  roots += other.roots;
  widen(*this, other.first, other.last);
  statistics += other.statistics;
  response_times += other.response_times;
  durations += other.durations;
  return *this;
}

void EdgeSum::add_alias(std::string_view alias) {
  if (alias.empty() || aliases.size() >= max_aliases) return;
  if (std::find(aliases.begin(), aliases.end(), alias) == aliases.end()) {
    aliases.emplace_back(alias);
  }
}

EdgeSum& EdgeSum::operator+=(const EdgeSum& other) {
  calls += other.calls;
  widen(*this, other.first, other.last);
  statistics += other.statistics;
  response_times += other.response_times;
  event_ages += other.event_ages;
  for (const auto& alias : other.aliases) add_alias(alias);
  return *this;
}

void GraphSum::add(const TraceRecord& record) {
  const double second = std::floor(record.start);
  NumberTable numbers(record.nodes.size());
  for (std::size_t i = 0; i < record.nodes.size(); ++i) {
    const RecordNode& node = record.nodes[i];
    numbers[i] = number_of(key_of(node));
    if (numbers[i] == no_number) {
      ++left_out_;
      continue;
    }
    NodeSum& sum = nodes_[numbers[i]].sum;
    if (sum.traces == 0) sum = {};  // what is left of earlier ones
    if (weight(node.state) > weight(sum.state)) sum.state = node.state;
    ++sum.traces;
    sum.roots += node.root ? 1 : 0;
    widen(sum, second, second);
  }
  for (const RecordSegment& segment : record.segments) {
    const Number number = numbers.at(segment.node);
    const auto seconds = response_time(segment);
    if (number == no_number || !seconds) continue;
    NodeSum& sum = nodes_[number].sum;
    sum.statistics.add(segment.outcome, *seconds);
    sum.response_times.add(*seconds);
    sum.durations.add(duration(segment));
  }
  for (const RecordCall& call : record.calls) {
    EdgeSum* const sum =
        edge_between(numbers.at(call.source_node), numbers.at(call.target_node), call.kind);
    if (sum == nullptr) {
      ++left_out_;
      continue;
    }
    if (sum->calls == 0) *sum = {};
    ++sum->calls;
    widen(*sum, second, second);
    sum->add_alias(call.alias);
    if (call.event_age) sum->event_ages.add(*call.event_age);
    if (const auto seconds = response_time(call)) {
      sum->statistics.add(call.outcome, *seconds);
      sum->response_times.add(*seconds);
    }
  }
}

void GraphSum::subtract(const TraceRecord& record) {
  NumberTable numbers(record.nodes.size());
  for (std::size_t i = 0; i < record.nodes.size(); ++i) {
    numbers[i] = find(key_of(record.nodes[i]));
    if (numbers[i] == no_number) continue;
    NodeSum& sum = nodes_[numbers[i]].sum;
    count_down(sum.traces);
    if (record.nodes[i].root) count_down(sum.roots);
  }
  for (const RecordSegment& segment : record.segments) {
    const Number number = numbers.at(segment.node);
    const auto seconds = response_time(segment);
    if (number == no_number || !seconds) continue;
    NodeSum& sum = nodes_[number].sum;
    sum.statistics.subtract(segment.outcome, *seconds);
    sum.response_times.subtract(*seconds);
    sum.durations.subtract(duration(segment));
  }
  for (const RecordCall& call : record.calls) {
    const Number number =
        find_edge(numbers.at(call.source_node), numbers.at(call.target_node), call.kind);
    if (number == no_number) continue;
    EdgeSum& sum = edges_[number].sum;
    count_down(sum.calls);
    if (call.event_age) sum.event_ages.subtract(*call.event_age);
    if (const auto seconds = response_time(call)) {
      sum.statistics.subtract(call.outcome, *seconds);
      sum.response_times.subtract(*seconds);
    }
  }
}

GraphSum& GraphSum::operator+=(const GraphSum& other) {
  if (&other == this) return *this += GraphSum(other);
  left_out_ += other.left_out_;
  std::vector<Number> numbers(other.nodes_.size(), no_number);
  for (const Number theirs : other.order_) {
    const Node& node = other.nodes_[theirs];
    if (node.sum.traces == 0) continue;
    const Number number = number_of(node.key());
    numbers[theirs] = number;
    if (number == no_number) {
      ++left_out_;
    } else {
      NodeSum& mine = nodes_[number].sum;
      if (mine.traces == 0) mine = {};
      mine += node.sum;
    }
  }
  for (const Edge& edge : other.edges_) {
    if (edge.sum.calls == 0) continue;
    EdgeSum* const sum = edge_between(numbers[edge.source], numbers[edge.target], edge.kind);
    if (sum == nullptr) {
      ++left_out_;
    } else {
      if (sum->calls == 0) *sum = {};
      *sum += edge.sum;
    }
  }
  return *this;
}

std::size_t GraphSum::rank_of(const NodeKey& key) const noexcept {
  const auto found = std::lower_bound(
      order_.begin(), order_.end(), key,
      [&](Number number, const NodeKey& wanted) { return nodes_[number].key() < wanted; });
  return static_cast<std::size_t>(found - order_.begin());
}

GraphSum::Number GraphSum::find(const NodeKey& key) const noexcept {
  const std::size_t rank = rank_of(key);
  if (rank == order_.size() || nodes_[order_[rank]].key() != key) return no_number;
  return order_[rank];
}

GraphSum::Number GraphSum::find_edge(Number source, Number target, CallKind kind) const noexcept {
  if (source == no_number) return no_number;
  const std::pair wanted(target, kind);
  const auto& places = nodes_[source].edges;
  const auto found = std::lower_bound(places.begin(), places.end(), wanted, comes_before);
  if (found == places.end() || std::pair(found->target, found->kind) != wanted) return no_number;
  return found->edge;
}

GraphSum::Number GraphSum::number_of(const NodeKey& key) {
  std::size_t rank = next_rank_;
  if (rank >= order_.size() || nodes_[order_[rank]].key() != key) {
    rank = rank_of(key);
    if (rank == order_.size() || nodes_[order_[rank]].key() != key) {
      if (nodes_.size() == max_nodes) return no_number;
      order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(rank),
                    static_cast<Number>(nodes_.size()));
      nodes_.push_back(
          {std::string(key.name), std::string(key.type), std::string(key.account), {}, {}});
    }
  }
  next_rank_ = rank + 1;
  return order_[rank];
}

EdgeSum* GraphSum::edge_between(Number source, Number target, CallKind kind) {
  if (source == no_number || target == no_number) return nullptr;
  if (const Number number = find_edge(source, target, kind); number != no_number) {
    return &edges_[number].sum;
  }
  if (edges_.size() == max_edges) return nullptr;
  auto& places = nodes_[source].edges;
  places.insert(
      std::lower_bound(places.begin(), places.end(), std::pair(target, kind), comes_before),
      {target, kind, static_cast<Number>(edges_.size())});
  edges_.push_back({source, target, kind, {}});
  return &edges_.back().sum;
}

std::vector<GraphSum::Number> GraphSum::node_ranks() const {
  std::vector<Number> ranks(order_.size());
  for (std::size_t rank = 0; rank < order_.size(); ++rank) {
    ranks[order_[rank]] = static_cast<Number>(rank);
  }
  return ranks;
}

void GraphSum::sorted_edges(Number node, const std::vector<Number>& ranks,
                            std::vector<EdgePlace>& out) const {
  out = nodes_[node].edges;
  std::sort(out.begin(), out.end(), [&](const EdgePlace& left, const EdgePlace& right) {
    return std::pair(ranks[left.target], left.kind) < std::pair(ranks[right.target], right.kind);
  });
}

bool GraphSum::empty() const noexcept {
  return std::none_of(nodes_.begin(), nodes_.end(),
                      [](const Node& node) { return node.sum.traces > 0; });
}

std::vector<GraphSum::NodeView> GraphSum::nodes() const {
  std::vector<NodeView> views;
  views.reserve(nodes_.size());
  for (const Number number : order_) {
    if (nodes_[number].sum.traces == 0) continue;
    views.push_back({nodes_[number].key(), nodes_[number].sum});
  }
  return views;
}

std::vector<GraphSum::EdgeView> GraphSum::edges() const {
  std::vector<EdgeView> views;
  views.reserve(edges_.size());
  const auto ranks = node_ranks();
  std::vector<EdgePlace> places;
  for (const Number number : order_) {
    sorted_edges(number, ranks, places);
    for (const EdgePlace& place : places) {
      if (edges_[place.edge].sum.calls == 0) continue;
      views.push_back(
          {{nodes_[number].key(), nodes_[place.target].key(), place.kind}, edges_[place.edge].sum});
    }
  }
  return views;
}

const NodeSum* GraphSum::node(const NodeKey& key) const noexcept {
  const Number number = find(key);
  return number == no_number || nodes_[number].sum.traces == 0 ? nullptr : &nodes_[number].sum;
}

const EdgeSum* GraphSum::edge(const EdgeKey& key) const noexcept {
  const Number number = find_edge(find(key.source), find(key.target), key.kind);
  return number == no_number || edges_[number].sum.calls == 0 ? nullptr : &edges_[number].sum;
}

}  // namespace xrayd::local
