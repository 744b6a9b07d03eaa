// Any documents, one a line: refused with a reason, or compiled to a trace whose parts are JSON and
// to a record that keeps its limits, the same whichever came first.
#include <rapidjson/document.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "local/document/segment_document.hpp"
#include "local/trace/record_compiler.hpp"
#include "local/trace/trace_compiler.hpp"

namespace {

using namespace xrayd::local;

using Documents = std::vector<const SegmentDocument*>;

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_json(std::string_view text) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(text.data(),
                                                                                     text.size());
  return !json.HasParseError();
}

// Which of several with one id counts depends on their order.
bool has_an_id_twice(const Documents& documents) {
  std::set<std::pair<bool, EntityId>> ids;
  return !std::all_of(documents.begin(), documents.end(), [&](const auto* document) {
    return ids.emplace(document->independent_subsegment, document->id).second;
  });
}

void check_limits(const TraceRecord& record, const RecordLimits& limits) {
  require(record.nodes.size() <= limits.nodes);
  require(record.segments.size() <= limits.segments);
  require(record.calls.size() <= limits.calls);
  require(record.annotations.size() <= limits.annotations);
  require(record.messages.size() <= limits.messages);
  for (const auto& segment : record.segments) require(segment.node < record.nodes.size());
  for (const auto& call : record.calls) {
    require(call.source_node < record.nodes.size() && call.target_node < record.nodes.size());
  }
}

void check_records(const Documents& documents, const Documents& reversed) {
  RecordLimits tight;
  tight.nodes = tight.segments = tight.calls = tight.annotations = tight.messages = 3;
  tight.text_characters = 2;
  check_limits(compile_record(documents, 1, tight), tight);

  const TraceRecord record = compile_record(documents, 1);
  check_limits(record, {});
  if (has_an_id_twice(documents)) return;
  const TraceRecord other = compile_record(reversed, 1);
  require(record.nodes == other.nodes && record.segments == other.segments &&
          record.calls == other.calls && record.annotations == other.annotations &&
          record.messages == other.messages && record.fault_causes == other.fault_causes &&
          record.error_causes == other.error_causes &&
          record.response_time_causes == other.response_time_causes &&
          record.duration == other.duration);
}

void check_segments(const Documents& documents, const Documents& reversed) {
  const auto trace = compile_trace(documents);
  for (const auto& segment : trace.segments) require(is_json(segment.document));
  if (has_an_id_twice(documents)) return;
  const auto other = compile_trace(reversed);
  require(std::equal(
      trace.segments.begin(), trace.segments.end(), other.segments.begin(), other.segments.end(),
      [](const auto& a, const auto& b) { return a.id == b.id && a.document == b.document; }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<SegmentDocument> documents;
  while (!input.empty() && documents.size() < 16) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    auto parsed = parse_segment_document(std::string(input.substr(0, end)));
    if (auto* document = std::get_if<SegmentDocument>(&parsed)) {
      documents.push_back(std::move(*document));
    }
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  Documents of_one_trace;
  for (const auto& document : documents) {
    if (document.trace_id == documents.front().trace_id) of_one_trace.push_back(&document);
  }
  if (of_one_trace.empty()) return 0;
  const Documents reversed(of_one_trace.rbegin(), of_one_trace.rend());
  check_records(of_one_trace, reversed);
  check_segments(of_one_trace, reversed);
  return 0;
}
