// Sums over calls: nodes and edges of the service graph with their statistics.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "local/graph/histogram.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local {

/// Finished calls by how they ended; a call counts once: fault before throttle before error.
struct CallStatistics {
  std::int64_t ok = 0;
  std::int64_t errors = 0;  ///< without throttled ones
  std::int64_t throttles = 0;
  std::int64_t faults = 0;
  /// Seconds, of all of them.
  double response_time = 0;

  [[nodiscard]] std::int64_t total() const noexcept { return ok + errors + throttles + faults; }
  void add(const Outcome& outcome, double seconds) noexcept;
  /// Never below nothing.
  void subtract(const Outcome& outcome, double seconds) noexcept;
  CallStatistics& operator+=(const CallStatistics& other) noexcept;
};

/// Name, type and account: what makes a service one. Points into the sum or record that it is of.
struct NodeKey {
  std::string_view name;
  std::string_view type;
  std::string_view account;

  friend bool operator==(const NodeKey&, const NodeKey&) = default;
  friend bool operator<(const NodeKey& left, const NodeKey& right) noexcept {
    return std::tie(left.name, left.type, left.account) <
           std::tie(right.name, right.type, right.account);
  }
};

struct NodeSum {
  NodeState state = NodeState::unknown;
  /// Traces that it is in, finished or not. Where none is left the node is no longer shown: what
  /// was inferred gives way to who answered.
  std::int64_t traces = 0;
  /// Those of them that began here.
  std::int64_t roots = 0;
  /// The first and the last second in which a trace that was added began: whole seconds since 1970.
  double first = std::numeric_limits<double>::infinity();
  double last = 0;
  CallStatistics statistics;
  Histogram response_times;
  /// Including what went on after the answer.
  Histogram durations;

  [[nodiscard]] bool root() const noexcept { return roots > 0; }
  NodeSum& operator+=(const NodeSum& other);
};

struct EdgeKey {
  NodeKey source;
  NodeKey target;
  CallKind kind = CallKind::call;

  friend bool operator==(const EdgeKey&, const EdgeKey&) = default;
};

struct EdgeSum {
  static constexpr std::size_t max_aliases = 10;

  /// Calls, finished or not. Where none is left the edge is no longer shown.
  std::int64_t calls = 0;
  /// As NodeSum's.
  double first = std::numeric_limits<double>::infinity();
  double last = 0;
  CallStatistics statistics;
  Histogram response_times;
  /// Of links.
  Histogram event_ages;
  /// Names that callers used, in the order in which they came; max_aliases at most.
  std::vector<std::string> aliases;

  void add_alias(std::string_view alias);
  EdgeSum& operator+=(const EdgeSum& other);
};

/// A graph with sums. Bounded: what has no room is counted in `left_out()`. One thread at a time.
///
/// Nodes and edges have numbers, given in the order in which they came and never changed: edges
/// know their nodes by them, so that sums of sums compare each node's names once and no edge's.
class GraphSum {
 public:
  static constexpr std::size_t max_nodes = 10'000;
  static constexpr std::size_t max_edges = 50'000;

  using Number = std::uint32_t;
  static constexpr Number no_number = std::numeric_limits<Number>::max();

  /// One of an iteration; good until the sum changes.
  struct NodeView {
    const NodeKey key;
    const NodeSum& sum;
  };
  struct EdgeView {
    const EdgeKey key;
    const EdgeSum& sum;
  };

  /// Adds a whole trace: its finished segments to nodes, its finished calls to edges; nodes and
  /// edges of what is in progress are there without figures. Allocates nothing where all of them
  /// are there already, but for durations of unseen lengths.
  void add(const TraceRecord& record);
  /// Takes away what add() put there, for a record that is replaced by a later revision. Bounds of
  /// time, states and aliases stay as long as another record has the node or edge; those that none
  /// has any more are no longer told, nor part of sums that this one is added to, but keep their
  /// numbers.
  void subtract(const TraceRecord& record);
  GraphSum& operator+=(const GraphSum& other);

  /// By name, type, account. Made when asked for.
  [[nodiscard]] std::vector<NodeView> nodes() const;
  /// By source, target, kind. Made when asked for.
  [[nodiscard]] std::vector<EdgeView> edges() const;
  /// Null where there is none.
  [[nodiscard]] const NodeSum* node(const NodeKey& key) const noexcept;
  [[nodiscard]] const EdgeSum* edge(const EdgeKey& key) const noexcept;

  [[nodiscard]] std::int64_t left_out() const noexcept { return left_out_; }
  /// No node is told.
  [[nodiscard]] bool empty() const noexcept;

  // For what writes sums out, or reads them in: also what is no longer told.

  struct EdgePlace {
    Number target = 0;
    CallKind kind = CallKind::call;
    /// The edge's number.
    Number edge = 0;
  };
  struct Node {
    std::string name;
    std::string type;
    std::string account;
    NodeSum sum;
    /// By target and kind.
    std::vector<EdgePlace> edges;

    [[nodiscard]] NodeKey key() const noexcept { return {name, type, account}; }
  };
  struct Edge {
    Number source = 0;
    Number target = 0;
    CallKind kind = CallKind::call;
    EdgeSum sum;
  };

  [[nodiscard]] const std::vector<Node>& node_table() const noexcept { return nodes_; }
  [[nodiscard]] const std::vector<Edge>& edge_table() const noexcept { return edges_; }
  /// The nodes' numbers by name, type, account.
  [[nodiscard]] const std::vector<Number>& sorted_nodes() const noexcept { return order_; }
  /// The node's edges by their targets' names, then kind; `ranks` says where in sorted_nodes() a
  /// number stands (see node_ranks()). `out` is emptied first.
  void sorted_edges(Number node, const std::vector<Number>& ranks,
                    std::vector<EdgePlace>& out) const;
  [[nodiscard]] std::vector<Number> node_ranks() const;

  /// The node's number, new or not; no_number where there is no room. Quickest where nodes are
  /// asked for in their order.
  Number number_of(const NodeKey& key);
  NodeSum& node_sum(Number node) noexcept { return nodes_[node].sum; }
  /// New or not; null where there is no room, or an end is no_number. Good until the next call.
  EdgeSum* edge_between(Number source, Number target, CallKind kind);
  void leave_out(std::int64_t count) noexcept { left_out_ += count; }

 private:
  /// Where in order_ the node stands, or would.
  [[nodiscard]] std::size_t rank_of(const NodeKey& key) const noexcept;
  [[nodiscard]] Number find(const NodeKey& key) const noexcept;
  [[nodiscard]] Number find_edge(Number source, Number target, CallKind kind) const noexcept;

  std::vector<Node> nodes_;
  std::vector<Number> order_;
  std::vector<Edge> edges_;
  std::size_t next_rank_ = 0;  // where a node asked for in order would be
  std::int64_t left_out_ = 0;
};

}  // namespace xrayd::local
