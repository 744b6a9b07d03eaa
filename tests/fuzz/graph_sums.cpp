// Any bytes as a stored sum of the service graph: refused, or added; what was added can be packed,
// read again and shown.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "local/graph/graph_json.hpp"
#include "local/graph/packed_graph.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xrayd::local;
  GraphSum graph;
  if (!add_packed_graph(std::as_bytes(std::span(data, size)), graph)) return 0;
  std::string packed;
  pack_graph(graph, packed);
  GraphSum read;
  if (!add_packed_graph(std::as_bytes(std::span(packed)), read)) std::abort();
  std::string again;
  pack_graph(read, again);
  if (again != packed) std::abort();
  GraphSum twice = graph;
  twice += graph;
  if (twice.edges().size() != graph.edges().size()) std::abort();

  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  write_services(writer, read, "", GraphTimes::bounds);
  // Names are checked where documents come in; whatever else is in bytes is no more than shown.
  if (!writer.IsComplete()) std::abort();
  return 0;
}
