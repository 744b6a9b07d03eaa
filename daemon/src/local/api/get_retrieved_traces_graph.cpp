#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "local/api/answer.hpp"
#include "local/api/page_token.hpp"
#include "local/api/retrieval_request.hpp"
#include "local/arn.hpp"
#include "local/document/segment_document.hpp"
#include "local/graph/graph_json.hpp"

namespace xrayd::local::api {
namespace {

constexpr std::size_t page_services = 1000;
constexpr std::size_t max_links_of_service = 100;

/// Name and type, as the graph shows them.
using ServiceName = std::pair<std::string, std::string>;
/// The trace that a segment goes on with, and the traces of such segments.
using Links = std::map<TraceId, std::set<TraceId>>;

struct Graph {
  GraphSum sum;
  std::map<ServiceName, Links> links;
};

void add_links_of(const rapidjson::Value& document, const TraceId& id, Links& links) {
  const auto* list = member(document, "links");
  if (list == nullptr || !list->IsArray()) return;
  for (const auto& link : list->GetArray()) {
    const auto linked = parse_trace_id(text_member(link, "trace_id").value_or(""));
    if (!linked) continue;
    if (links.size() < max_links_of_service || links.contains(*linked)) links[*linked].insert(id);
  }
}

// Records don't keep the ids of linked traces, so the documents are asked.
void add_links(const StoredTrace& stored, const TraceRecord& record, Graph& graph) {
  std::map<EntityId, RecordIndex> nodes;
  for (const auto& segment : record.segments) nodes.emplace(segment.id, segment.node);
  for (const auto& text : stored.documents) {
    if (text.find("\"links\"") == std::string::npos) continue;
    ParsedJson json;
    if (ParsedJson::parse(text, max_document_depth, json) != JsonFault::none) continue;
    const auto id = parse_entity_id(text_member(json.value(), "id").value_or(""));
    const auto node = id ? nodes.find(*id) : nodes.end();
    if (node == nodes.end() || node->second >= record.nodes.size()) continue;
    const auto& service = record.nodes[node->second];
    add_links_of(json.value(), record.id,
                 graph.links[{std::string(service.name), std::string(service.type)}]);
  }
}

Graph graph_of(const Questions& questions, const TraceRetrieval& retrieval) {
  Graph graph;
  for (const auto& id : retrieval.traces) {
    const auto record = questions.traces.record(id);
    if (!record) continue;
    graph.sum.add(*record);
    if (const auto stored = questions.traces.trace(id)) add_links(*stored, *record, graph);
  }
  return graph;
}

void write_links(JsonWriter& writer, const Links& links) {
  writer.StartArray();
  for (const auto& [source, destinations] : links) {
    writer.StartObject();
    // What the source is to the service: it came before.
    write_member(writer, "ReferenceType", "parent");
    write_member(writer, "SourceTraceId", source.to_string());
    write_key(writer, "DestinationTraceIds");
    writer.StartArray();
    for (const auto& destination : destinations) write_text(writer, destination.to_string());
    writer.EndArray();
    writer.EndObject();
  }
  writer.EndArray();
}

ParsedJson services_of(const GraphSum& sum) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  write_services(writer, sum, store_account, GraphTimes::none);
  ParsedJson json;
  constexpr std::size_t deep_enough = 20;
  if (ParsedJson::parse({buffer.GetString(), buffer.GetSize()}, deep_enough, json) !=
          JsonFault::none ||
      !json.value().IsArray()) {
    throw internal_failure("The graph could not be written");
  }
  return json;
}

void write_service(JsonWriter& writer, const rapidjson::Value& service, const Graph& graph) {
  const ServiceName name{text_member(service, "Name").value_or(""),
                         text_member(service, "Type").value_or("")};
  const auto links = graph.links.find(name);
  writer.StartObject();
  write_key(writer, "Service");
  service.Accept(writer);
  write_key(writer, "Links");
  write_links(writer, links == graph.links.end() ? Links() : links->second);
  writer.EndObject();
}

}  // namespace

std::string get_retrieved_traces_graph(const Questions& questions,
                                       const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto token = read_retrieval_token(members);
  const auto page = members.text("NextToken", Need::optional);
  refuse(violations);
  const auto retrieval = retrieval_of(questions, token);
  const QueryMark mark = QueryMark("GetRetrievedTracesGraph").add(token);
  std::array<std::uint64_t, 1> place{};
  if (page && !place_of(*page, mark, place)) throw wrong_token();

  const auto graph = graph_of(questions, retrieval);
  const auto services = services_of(graph.sum);
  const auto& list = services.value();
  if (place[0] > list.Size()) throw wrong_token();
  const std::array<std::uint64_t, 1> end{
      std::min<std::uint64_t>(list.Size(), place[0] + page_services)};
  return object_text([&](JsonWriter& writer) {
    write_retrieval_status(writer, retrieval);
    write_key(writer, "Services");
    writer.StartArray();
    for (auto at = place[0]; at < end[0]; ++at) {
      write_service(writer, list[static_cast<rapidjson::SizeType>(at)], graph);
    }
    writer.EndArray();
    write_if_any(writer, "NextToken", end[0] < list.Size() ? page_token(mark, end) : "");
  });
}

}  // namespace xrayd::local::api
