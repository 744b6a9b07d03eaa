#include <set>

#include "local/api/answer.hpp"
#include "local/api/page_token.hpp"
#include "local/api/trace_operations.hpp"
#include "local/api/trace_request.hpp"
#include "local/arn.hpp"
#include "local/graph/graph_json.hpp"

namespace xrayd::local::api {
namespace {

constexpr std::size_t max_traces = 100;

// Several ids of one trace are one.
std::set<TraceId> requested_ids(const Questions& questions, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto texts = read_trace_ids(members);
  const auto token = members.text("NextToken", Need::optional);
  refuse(violations);
  refuse_token(token);
  if (texts.empty()) throw invalid_request("Zero trace ids provided");
  if (questions.strict && texts.size() > 1) {
    throw invalid_request("Currently only one trace Id is supported");
  }
  if (texts.size() > max_traces) {
    throw invalid_request("Exceeding maximum query size: " + std::to_string(max_traces));
  }
  std::set<TraceId> ids;
  for (const auto& text : texts) {
    const auto id = parse_trace_id(text);
    if (!id) throw invalid_request("Invalid traceId. ErrorCode: InvalidId");
    ids.insert(*id);
  }
  return ids;
}

}  // namespace

std::string get_trace_graph(const Questions& questions, const rapidjson::Value& request) {
  GraphSum sum;
  bool found = false;
  for (const auto& id : requested_ids(questions, request)) {
    const auto record = questions.traces.record(id);
    if (!record) continue;
    found = true;
    sum.add(*record);
  }
  if (!found) throw invalid_request("Trace id not found");

  return object_text([&](JsonWriter& writer) {
    write_key(writer, "Services");
    write_services(writer, sum, store_account, GraphTimes::none);
    write_null(writer, "NextToken");
  });
}

}  // namespace xrayd::local::api
