#include <set>
#include <vector>

#include "local/api/answer.hpp"
#include "local/api/trace_operations.hpp"
#include "local/api/trace_request.hpp"

namespace xrayd::local::api {
namespace {

constexpr std::size_t max_traces = 100;
constexpr std::size_t longest_id = 35;

struct Asked {
  std::vector<TraceId> traces;
  TimeSpan span;
};

Asked read(const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto texts = members.texts("TraceIds", Need::required, max_traces, {1, longest_id});
  Asked asked;
  asked.span = read_times(members);
  refuse(violations);
  check_times(asked.span, false);
  std::set<TraceId> seen;
  for (const auto& text : *texts) {
    const auto id = parse_trace_id(text);
    if (!id) throw invalid_request("Invalid trace id " + text + ": incorrect id format");
    if (seen.insert(*id).second) asked.traces.push_back(*id);
  }
  return asked;
}

bool is_active_in(const TraceRecord& record, const TimeSpan& span) {
  return record.start < span.end && record.end >= span.start;
}

}  // namespace

// Traces are at hand, so that every retrieval is complete as soon as it is started.
std::string start_trace_retrieval(const Questions& questions, const rapidjson::Value& request) {
  const auto asked = read(request);
  std::vector<TraceId> found;
  for (const auto& id : asked.traces) {
    const auto record = questions.traces.record(id);
    if (record && is_active_in(*record, asked.span)) found.push_back(id);
  }

  const auto token = questions.retrievals.start(std::move(found));
  return object_text([&](JsonWriter& writer) { write_member(writer, "RetrievalToken", token); });
}

}  // namespace xrayd::local::api
