#include "local/graph/packed_graph.hpp"

#include <gtest/gtest.h>

#include <string>

#include "sample_records.hpp"

namespace xrayd::local {
namespace {

GraphSum random_graph(unsigned seed, int records) {
  std::mt19937_64 random(seed);
  GraphSum graph;
  for (int i = 0; i < records; ++i) graph.add(random_record(random));
  return graph;
}

TEST(PackedGraph, what_was_packed_comes_back) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    const GraphSum graph = random_graph(seed, static_cast<int>(seed) * 3);
    GraphSum read;
    ASSERT_TRUE(add_packed(packed(graph), read));
    expect_same(read, graph);
  }
}

TEST(PackedGraph, an_empty_sum_comes_back_empty) {
  GraphSum read;
  ASSERT_TRUE(add_packed(packed(GraphSum()), read));
  EXPECT_TRUE(read.empty());
}

TEST(PackedGraph, adding_bytes_is_adding_the_sum) {
  const GraphSum first = random_graph(1, 40);
  const GraphSum second = random_graph(2, 40);
  GraphSum sum = first;
  sum += second;
  GraphSum read = first;
  ASSERT_TRUE(add_packed(packed(second), read));
  expect_same(read, sum);
}

TEST(PackedGraph, equal_sums_make_equal_bytes_in_whatever_order_they_were_added) {
  const GraphSum first = random_graph(1, 1);
  const GraphSum second = random_graph(9, 1);
  GraphSum forwards = first;
  forwards += second;
  GraphSum backwards = second;
  backwards += first;
  EXPECT_EQ(packed(forwards), packed(backwards));
}

TEST(PackedGraph, appends_to_what_is_there) {
  GraphSum graph;
  graph.add(shop_record());
  std::string bytes = "before";
  pack_graph(graph, bytes);
  EXPECT_EQ(bytes, "before" + packed(graph));
}

TEST(PackedGraph, is_small) {
  GraphSum graph;
  for (int i = 0; i < 60; ++i) graph.add(shop_record(i));
  EXPECT_LT(packed(graph).size(), 250U);
}

TEST(PackedGraph, bytes_cut_anywhere_are_refused) {
  const std::string bytes = packed(random_graph(4, 10));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    GraphSum read;
    EXPECT_FALSE(add_packed(bytes.substr(0, size), read)) << size;
  }
}

TEST(PackedGraph, bytes_with_more_behind_them_are_refused) {
  GraphSum read;
  EXPECT_FALSE(add_packed(packed(random_graph(4, 10)) + '\0', read));
}

TEST(PackedGraph, bytes_of_a_later_version_are_refused) {
  std::string bytes = packed(random_graph(4, 10));
  bytes[0] = static_cast<char>(bytes[0] + 1);
  GraphSum read;
  EXPECT_FALSE(add_packed(bytes, read));
}

TEST(PackedGraph, flipped_bits_are_refused_or_make_a_graph_that_can_be_packed) {
  const std::string bytes = packed(random_graph(5, 6));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ (1U << bit));
      GraphSum read = random_graph(6, 2);
      if (!add_packed(damaged, read)) continue;
      GraphSum again;
      EXPECT_TRUE(add_packed(packed(read), again));
      expect_same(again, read);
    }
  }
}

TEST(PackedGraph, what_has_no_room_is_left_out_and_counted) {
  GraphSum full;
  for (std::size_t i = 0; i < GraphSum::max_nodes; ++i) {
    full.number_of({std::to_string(i), "", ""});
  }
  GraphSum graph;
  graph.add(shop_record());
  ASSERT_TRUE(add_packed(packed(graph), full));
  EXPECT_EQ(full.node_table().size(), GraphSum::max_nodes);
  EXPECT_EQ(full.left_out(), 4 + 3);
}

}  // namespace
}  // namespace xrayd::local
