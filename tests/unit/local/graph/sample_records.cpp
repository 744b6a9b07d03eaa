#include "sample_records.hpp"

#include <gtest/gtest.h>

#include <array>
#include <span>

#include "local/graph/packed_graph.hpp"

namespace xrayd::local {
namespace {

RecordNode node(std::string_view name, std::string_view type, NodeState state, bool root = false) {
  RecordNode result;
  result.name = name;
  result.type = type;
  result.state = state;
  result.root = root;
  return result;
}

RecordSegment segment(RecordIndex of, double start, double end, bool inferred) {
  RecordSegment result;
  result.node = of;
  result.start = start;
  result.end = end;
  result.last_end = end;
  result.inferred = inferred;
  return result;
}

RecordCall call(CallKind kind, RecordIndex source, RecordIndex target, double start, double end) {
  RecordCall result;
  result.kind = kind;
  result.source_node = source;
  result.target_node = target;
  result.start = start;
  result.end = end;
  return result;
}

void expect_same(const CallStatistics& left, const CallStatistics& right) {
  EXPECT_EQ(left.ok, right.ok);
  EXPECT_EQ(left.errors, right.errors);
  EXPECT_EQ(left.throttles, right.throttles);
  EXPECT_EQ(left.faults, right.faults);
  EXPECT_NEAR(left.response_time, right.response_time, 1e-5 + 1e-9 * left.response_time);
}

}  // namespace

TraceRecord shop_record(double offset) {
  const double start = sample_time + offset;
  TraceRecord record;
  record.start = start;
  record.nodes = {node("shop", "AWS::EC2::Instance", NodeState::active, true),
                  node("shop", "client", NodeState::unknown),
                  node("orders", "AWS::DynamoDB::Table", NodeState::unknown),
                  node("arn:aws:sns:eu-1:1:sold", "AWS::SNS", NodeState::unknown)};
  record.segments = {segment(0, start, start + 1.5, false),
                     segment(2, start + 0.25, start + 0.5, true),
                     segment(3, start + 0.5, start + 0.75, true)};
  record.segments[0].last_end = start + 2;
  record.segments[2].outcome.fault = true;
  record.calls = {call(CallKind::client, 1, 0, start, start + 1.5),
                  call(CallKind::call, 0, 2, start + 0.25, start + 0.5),
                  call(CallKind::call, 0, 3, start + 0.5, start + 0.75)};
  record.calls[2].outcome.fault = true;
  return record;
}

TraceRecord random_record(std::mt19937_64& random) {
  constexpr std::array<std::string_view, 6> names = {"a", "b", "c", "shop", "orders", "ünï"};
  constexpr std::array<std::string_view, 4> types = {"", "remote", "AWS::SNS", "client"};
  constexpr std::array<std::string_view, 3> accounts = {"", "1", "2"};
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  const auto outcome = [&] { return Outcome{below(4) == 0, below(3) == 0, below(5) == 0}; };
  TraceRecord record;
  record.start = sample_time + static_cast<double>(below(100000)) / 1000;
  record.nodes.resize(1 + below(5));
  for (auto& node : record.nodes) {
    node.name = names[below(names.size())];
    node.type = types[below(types.size())];
    node.account = accounts[below(accounts.size())];
    node.state = static_cast<NodeState>(below(3));
    node.root = below(4) == 0;
  }
  const auto any_node = [&] { return static_cast<RecordIndex>(below(record.nodes.size())); };
  const auto seconds = [&] { return static_cast<double>(1 + below(1 << 20)) / 4096; };
  record.segments.resize(below(8));
  for (auto& segment : record.segments) {
    segment.node = any_node();
    segment.start = record.start + seconds();
    segment.in_progress = below(5) == 0;
    if (!segment.in_progress) {
      segment.end = segment.start + seconds();
      segment.last_end = below(2) == 0 ? *segment.end : *segment.end + seconds();
      segment.outcome = outcome();
    }
  }
  constexpr std::array<std::string_view, 4> aliases = {"", "a.example", "b.example", "c.example"};
  record.calls.resize(below(8));
  for (auto& call : record.calls) {
    call.kind = static_cast<CallKind>(below(3));
    call.source_node = any_node();
    call.target_node = any_node();
    call.start = record.start + seconds();
    call.alias = aliases[below(aliases.size())];
    call.in_progress = below(5) == 0;
    if (!call.in_progress) {
      call.end = call.start + seconds();
      call.outcome = outcome();
    }
    if (call.kind == CallKind::link) call.event_age = seconds();
  }
  return record;
}

void expect_same(const GraphSum& left, const GraphSum& right) {
  EXPECT_EQ(left.left_out(), right.left_out());
  const auto nodes = left.nodes();
  const auto other_nodes = right.nodes();
  ASSERT_EQ(nodes.size(), other_nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    EXPECT_EQ(nodes[i].key, other_nodes[i].key);
    const NodeSum& sum = nodes[i].sum;
    const NodeSum& other = other_nodes[i].sum;
    EXPECT_EQ(sum.state, other.state);
    EXPECT_EQ(sum.traces, other.traces);
    EXPECT_EQ(sum.roots, other.roots);
    EXPECT_EQ(sum.first, other.first);
    EXPECT_EQ(sum.last, other.last);
    expect_same(sum.statistics, other.statistics);
    EXPECT_EQ(sum.response_times, other.response_times);
    EXPECT_EQ(sum.durations, other.durations);
  }
  const auto edges = left.edges();
  const auto other_edges = right.edges();
  ASSERT_EQ(edges.size(), other_edges.size());
  for (std::size_t i = 0; i < edges.size(); ++i) {
    EXPECT_EQ(edges[i].key, other_edges[i].key);
    const EdgeSum& sum = edges[i].sum;
    const EdgeSum& other = other_edges[i].sum;
    EXPECT_EQ(sum.calls, other.calls);
    EXPECT_EQ(sum.first, other.first);
    EXPECT_EQ(sum.last, other.last);
    expect_same(sum.statistics, other.statistics);
    EXPECT_EQ(sum.response_times, other.response_times);
    EXPECT_EQ(sum.event_ages, other.event_ages);
    EXPECT_EQ(sum.aliases, other.aliases);
  }
}

std::string packed(const GraphSum& graph) {
  std::string bytes;
  pack_graph(graph, bytes);
  return bytes;
}

bool add_packed(const std::string& bytes, GraphSum& graph) {
  return add_packed_graph(std::as_bytes(std::span(bytes)), graph);
}

}  // namespace xrayd::local
