#include "local/graph/graph_sum.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "sample_records.hpp"

namespace xrayd::local {
namespace {

using testing::ElementsAre;

// The plainest way to count: one entry for each name, in a map.
struct Recount {
  using Key = std::tuple<std::string_view, std::string_view, std::string_view>;
  struct Figures {
    std::int64_t ok = 0, errors = 0, throttles = 0, faults = 0;
    double time = 0;
    double first = 1e18;
    double last = 0;
    std::set<std::string_view> aliases;
    std::map<int, std::int64_t> buckets;
  };
  std::map<Key, Figures> nodes;
  std::map<std::tuple<Key, Key, CallKind>, Figures> edges;

  static void count(Figures& figures, const Outcome& outcome, double seconds) {
    (outcome.fault      ? figures.faults
     : outcome.throttle ? figures.throttles
     : outcome.error    ? figures.errors
                        : figures.ok) += 1;
    figures.time += seconds;
    figures.buckets[Histogram::bucket_of(seconds)] += 1;
  }
  static void widen(Figures& figures, double start) {
    figures.first = std::min(figures.first, std::floor(start));
    figures.last = std::max(figures.last, std::floor(start));
  }

  void add(const TraceRecord& record) {
    const auto key = [&](RecordIndex index) {
      const RecordNode& node = record.nodes[index];
      return Key(node.name, node.type, node.account);
    };
    for (RecordIndex i = 0; i < record.nodes.size(); ++i) widen(nodes[key(i)], record.start);
    for (const auto& segment : record.segments) {
      if (segment.end) {
        count(nodes[key(segment.node)], segment.outcome, *segment.end - segment.start);
      }
    }
    for (const auto& call : record.calls) {
      auto& edge = edges[{key(call.source_node), key(call.target_node), call.kind}];
      widen(edge, record.start);
      if (!call.alias.empty()) edge.aliases.insert(call.alias);
      if (call.end) count(edge, call.outcome, *call.end - call.start);
    }
  }
};

template <typename Sum>
void expect_figures(const Sum& sum, const Recount::Figures& figures) {
  EXPECT_EQ(sum.statistics.ok, figures.ok);
  EXPECT_EQ(sum.statistics.errors, figures.errors);
  EXPECT_EQ(sum.statistics.throttles, figures.throttles);
  EXPECT_EQ(sum.statistics.faults, figures.faults);
  EXPECT_NEAR(sum.statistics.response_time, figures.time, 1e-3);
  EXPECT_EQ(sum.first, figures.first);
  EXPECT_EQ(sum.last, figures.last);
  std::map<int, std::int64_t> buckets;
  for (const auto& [bucket, count] : sum.response_times.counts()) buckets[bucket] = count;
  EXPECT_EQ(buckets, figures.buckets);
}

Recount::Key key_of(const NodeKey& key) {
  return {key.name, key.type, key.account};
}

TEST(GraphSum, is_what_a_naive_recount_finds) {
  std::mt19937_64 random(1);
  GraphSum graph;
  Recount recount;
  for (int i = 0; i < 500; ++i) {
    const TraceRecord record = random_record(random);
    graph.add(record);
    recount.add(record);
  }
  EXPECT_EQ(graph.left_out(), 0);
  const auto nodes = graph.nodes();
  ASSERT_EQ(nodes.size(), recount.nodes.size());
  auto expected = recount.nodes.begin();
  for (const auto& [key, sum] : nodes) {
    EXPECT_EQ(key_of(key), expected->first);
    expect_figures(sum, expected->second);
    ++expected;
  }
  const auto edges = graph.edges();
  ASSERT_EQ(edges.size(), recount.edges.size());
  auto expected_edge = recount.edges.begin();
  for (const auto& [key, sum] : edges) {
    EXPECT_EQ(std::tuple(key_of(key.source), key_of(key.target), key.kind), expected_edge->first);
    expect_figures(sum, expected_edge->second);
    EXPECT_EQ(std::set<std::string_view>(sum.aliases.begin(), sum.aliases.end()),
              expected_edge->second.aliases);
    ++expected_edge;
  }
}

TEST(GraphSum, a_sum_of_sums_is_as_if_all_was_added_to_one) {
  std::mt19937_64 random(2);
  GraphSum one;
  GraphSum sum;
  for (int part = 0; part < 10; ++part) {
    GraphSum minute;
    for (int i = 0; i < 20; ++i) {
      const TraceRecord record = random_record(random);
      one.add(record);
      minute.add(record);
    }
    sum += minute;
  }
  expect_same(sum, one);
}

TEST(GraphSum, added_to_itself_everything_counts_twice) {
  GraphSum twice;
  twice.add(shop_record());
  twice.add(shop_record());
  GraphSum graph;
  graph.add(shop_record());
  graph += graph;
  expect_same(graph, twice);
}

TEST(GraphSum, subtracting_a_record_restores_the_figures) {
  std::mt19937_64 random(3);
  GraphSum graph;
  for (int i = 0; i < 50; ++i) graph.add(random_record(random));
  for (int i = 0; i < 50; ++i) {
    const TraceRecord record = random_record(random);
    GraphSum changed = graph;
    changed.add(record);
    changed.subtract(record);
    for (const auto& [key, sum] : graph.nodes()) {
      const NodeSum* after = changed.node(key);
      ASSERT_NE(after, nullptr);
      EXPECT_EQ(after->statistics.ok, sum.statistics.ok);
      EXPECT_EQ(after->statistics.faults, sum.statistics.faults);
      EXPECT_NEAR(after->statistics.response_time, sum.statistics.response_time, 1e-3);
      EXPECT_EQ(after->response_times, sum.response_times);
      EXPECT_EQ(after->durations, sum.durations);
    }
    for (const auto& [key, sum] : graph.edges()) {
      const EdgeSum* after = changed.edge(key);
      ASSERT_NE(after, nullptr);
      EXPECT_EQ(after->statistics.total(), sum.statistics.total());
      EXPECT_EQ(after->response_times, sum.response_times);
      EXPECT_EQ(after->event_ages, sum.event_ages);
    }
  }
}

TEST(GraphSum, nothing_falls_below_nothing) {
  GraphSum graph;
  graph.subtract(shop_record());
  EXPECT_TRUE(graph.empty());
  graph.add(shop_record());
  graph.subtract(shop_record());
  graph.subtract(shop_record());
  for (const auto& node : graph.node_table()) {
    EXPECT_EQ(node.sum.traces, 0);
    EXPECT_EQ(node.sum.roots, 0);
    EXPECT_EQ(node.sum.statistics.total(), 0);
    EXPECT_EQ(node.sum.statistics.response_time, 0);
    EXPECT_TRUE(node.sum.response_times.empty());
  }
  for (const auto& edge : graph.edge_table()) EXPECT_EQ(edge.sum.calls, 0);
}

TEST(GraphSum, what_is_in_no_record_any_more_is_not_told) {
  GraphSum graph;
  graph.add(shop_record());
  graph.subtract(shop_record());
  EXPECT_TRUE(graph.empty());
  EXPECT_TRUE(graph.nodes().empty());
  EXPECT_TRUE(graph.edges().empty());
  GraphSum read;
  ASSERT_TRUE(add_packed(packed(graph), read));
  EXPECT_TRUE(read.empty());
  // What another record has stays, and what comes again is there again.
  graph.add(shop_record());
  graph.add(shop_record());
  graph.subtract(shop_record());
  GraphSum once;
  once.add(shop_record());
  expect_same(graph, once);
}

TEST(GraphSum, a_call_counts_once_fault_before_throttle_before_error) {
  CallStatistics statistics;
  statistics.add({true, true, true}, 1);
  statistics.add({false, true, true}, 1);
  statistics.add({false, true, false}, 1);
  statistics.add({}, 1);
  EXPECT_EQ(statistics.faults, 1);
  EXPECT_EQ(statistics.throttles, 1);
  EXPECT_EQ(statistics.errors, 1);
  EXPECT_EQ(statistics.ok, 1);
  EXPECT_EQ(statistics.total(), 4);
  EXPECT_EQ(statistics.response_time, 4);
}

TEST(GraphSum, what_is_in_progress_is_there_without_figures) {
  TraceRecord record = shop_record();
  for (auto& segment : record.segments) {
    segment.in_progress = true;
    segment.end.reset();
  }
  for (auto& call : record.calls) {
    call.in_progress = true;
    call.end.reset();
  }
  GraphSum graph;
  graph.add(record);
  EXPECT_EQ(graph.nodes().size(), 4U);
  ASSERT_EQ(graph.edges().size(), 3U);
  for (const auto& [key, sum] : graph.nodes()) EXPECT_EQ(sum.statistics.total(), 0);
  for (const auto& [key, sum] : graph.edges()) EXPECT_EQ(sum.statistics.total(), 0);
}

TEST(GraphSum, durations_include_what_went_on_after_the_answer) {
  GraphSum graph;
  graph.add(shop_record());
  const NodeSum* shop = graph.node({"shop", "AWS::EC2::Instance", ""});
  ASSERT_NE(shop, nullptr);
  EXPECT_EQ(shop->response_times.counts().front().first, Histogram::bucket_of(1.5));
  EXPECT_EQ(shop->durations.counts().front().first, Histogram::bucket_of(2));
}

TEST(GraphSum, a_service_that_sent_segments_once_is_active) {
  TraceRecord record = shop_record();
  record.nodes[2].state = NodeState::active;
  GraphSum graph;
  for (const auto* added : {&record}) graph.add(*added);
  graph.add(shop_record());
  const NodeKey orders{"orders", "AWS::DynamoDB::Table", ""};
  EXPECT_EQ(graph.node(orders)->state, NodeState::active);
  GraphSum other;
  other.add(shop_record());
  other += graph;
  EXPECT_EQ(other.node(orders)->state, NodeState::active);
}

TEST(GraphSum, a_few_aliases_are_kept_each_once) {
  GraphSum graph;
  std::vector<std::string> aliases;
  for (int i = 0; i < 20; ++i) aliases.push_back("host" + std::to_string(i / 2));
  aliases.emplace_back("one more");
  for (const auto& alias : aliases) {
    TraceRecord record = shop_record();
    record.calls[1].alias = alias;
    graph.add(record);
  }
  const EdgeSum* edge = graph.edge(
      {{"shop", "AWS::EC2::Instance", ""}, {"orders", "AWS::DynamoDB::Table", ""}, CallKind::call});
  ASSERT_NE(edge, nullptr);
  EXPECT_EQ(edge->aliases.size(), EdgeSum::max_aliases);
  EXPECT_EQ(edge->aliases.back(), "host9");
}

TEST(GraphSum, nodes_beyond_the_bound_are_left_out_and_counted) {
  GraphSum graph;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < GraphSum::max_nodes + 5; ++i) {
    names.push_back("service " + std::to_string(i));
  }
  for (const auto& name : names) {
    TraceRecord record;
    record.start = sample_time;
    record.nodes.resize(1);
    record.nodes[0].name = name;
    record.segments.resize(1);
    record.segments[0].node = 0;
    record.segments[0].start = sample_time;
    record.segments[0].end = sample_time + 1;
    graph.add(record);
  }
  EXPECT_EQ(graph.nodes().size(), GraphSum::max_nodes);
  EXPECT_EQ(graph.left_out(), 5);
  EXPECT_EQ(graph.node({names.back(), "", ""}), nullptr);

  GraphSum other;
  other.add(shop_record());
  other += graph;
  EXPECT_EQ(other.nodes().size(), GraphSum::max_nodes);
  EXPECT_EQ(other.left_out(), 5 + 4);
}

TEST(GraphSum, edges_beyond_the_bound_are_left_out_and_counted) {
  GraphSum graph;
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i) names.push_back("service " + std::to_string(i));
  TraceRecord record;
  record.start = sample_time;
  record.nodes.resize(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) record.nodes[i].name = names[i];
  for (RecordIndex source = 0; source < names.size(); ++source) {
    record.calls.clear();
    for (RecordIndex target = 0; target < names.size(); ++target) {
      RecordCall call;
      call.source_node = source;
      call.target_node = target;
      record.calls.push_back(call);
    }
    graph.add(record);
  }
  EXPECT_EQ(graph.edges().size(), GraphSum::max_edges);
  EXPECT_EQ(graph.left_out(), 300 * 300 - static_cast<std::int64_t>(GraphSum::max_edges));
}

TEST(GraphSum, places_that_a_record_lacks_are_left_out) {
  TraceRecord record = shop_record();
  record.segments[0].node = 77;
  record.calls[0].source_node = no_index;
  record.calls[1].target_node = 4;
  GraphSum graph;
  graph.add(record);
  EXPECT_EQ(graph.edges().size(), 1U);
  EXPECT_EQ(graph.left_out(), 2);
  graph.subtract(record);
}

TEST(GraphSum, bounds_are_whole_seconds) {
  GraphSum graph;
  graph.add(shop_record(0.75));
  graph.add(shop_record(9.999));
  const NodeSum* shop = graph.node({"shop", "AWS::EC2::Instance", ""});
  EXPECT_EQ(shop->first, sample_time);
  EXPECT_EQ(shop->last, sample_time + 9);
}

TEST(GraphSum, ends_before_starts_count_as_no_time) {
  TraceRecord record = shop_record();
  record.segments[0].end = record.segments[0].start - 5;
  record.segments[0].last_end.reset();
  GraphSum graph;
  graph.add(record);
  EXPECT_EQ(graph.node({"shop", "AWS::EC2::Instance", ""})->statistics.response_time, 0);
}

}  // namespace
}  // namespace xrayd::local
