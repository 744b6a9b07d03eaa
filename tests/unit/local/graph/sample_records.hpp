// Records for tests of sums.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "local/graph/graph_sum.hpp"
#include "local/json/json.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local {

inline constexpr double sample_time = 1700000000.0;

/// A shop behind a client; it asks a table and a topic. Starts at sample_time + `offset`, and takes
/// 1.5 seconds.
TraceRecord shop_record(double offset = 0);

/// Of a few services out of a small set, with calls and links between them, some of them failed,
/// some in progress.
TraceRecord random_record(std::mt19937_64& random);

/// Nodes, edges and figures are the same; sums of times but for their last digits.
void expect_same(const GraphSum& left, const GraphSum& right);

std::string packed(const GraphSum& graph);
bool add_packed(const std::string& bytes, GraphSum& graph);

/// What `write` writes.
template <typename Write>
std::string json_text(Write write) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  write(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace xrayd::local
