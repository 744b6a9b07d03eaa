#include "trace_documents.hpp"

#include <array>
#include <cstdio>
#include <stdexcept>
#include <utility>
#include <variant>

#include "local/trace/trace_compiler.hpp"

namespace xrayd::local {
namespace {

std::string number(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

std::string time(double value) {
  return number(value - epoch_of_tests);
}

std::string time(const std::optional<double>& value) {
  return value ? time(*value) : "-";
}

std::string seconds(const std::optional<double>& value) {
  return value ? number(*value) : "-";
}

std::string exact(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.6f", value);
  return text.data();
}

std::string text_of(const Outcome& outcome) {
  std::string text;
  if (outcome.fault) text += " fault";
  if (outcome.error) text += " error";
  if (outcome.throttle) text += " throttle";
  return text;
}

std::string text_of(const RecordHttp& http) {
  if (http.empty()) return "";
  std::string text = " http(";
  for (const auto part : {http.method, http.url, http.user_agent, http.client_ip}) {
    text += part;
    text += '|';
  }
  return text + std::to_string(http.status) + ")";
}

std::string named(std::string_view name, std::string_view value) {
  if (value.empty()) return "";
  return " " + std::string(name) + "=" + std::string(value);
}

std::string node_text(const TraceRecord& record, RecordIndex index) {
  if (index == no_index) return "nothing";
  const auto& node = record.nodes.at(index);
  return std::string(node.name) + "|" + std::string(node.type) +
         (node.account.empty() ? "" : "|" + std::string(node.account));
}

std::string segment_text(const TraceRecord& record, RecordIndex index) {
  if (index == no_index) return "-";
  const auto& segment = record.segments.at(index);
  return segment.inferred ? "inferred" : entity_id_text(segment.id).substr(12);
}

}  // namespace

std::string members(EntityId id, std::string_view name, double start, std::optional<double> end,
                    std::string_view more) {
  std::string text = R"("name":")" + std::string(name) + R"(","id":")" + entity_id_text(id) +
                     R"(","start_time":)" + exact(epoch_of_tests + start);
  text += end ? R"(,"end_time":)" + exact(epoch_of_tests + *end) : R"(,"in_progress":true)";
  if (!more.empty()) text += ',';
  return text.append(more);
}

std::string segment(EntityId id, std::string_view name, double start, std::optional<double> end,
                    std::string_view more) {
  return R"({"trace_id":")" + trace_of_tests.to_string() + "\"," +
         members(id, name, start, end, more) + "}";
}

std::string called_segment(EntityId id, EntityId parent, std::string_view name, double start,
                           std::optional<double> end, std::string_view more) {
  std::string with_parent = R"("parent_id":")" + entity_id_text(parent) + '"';
  if (!more.empty()) with_parent += ',';
  return segment(id, name, start, end, with_parent.append(more));
}

std::string part(EntityId id, EntityId parent, std::string_view name, double start,
                 std::optional<double> end, std::string_view more) {
  std::string with_type = R"("type":"subsegment")";
  if (!more.empty()) with_type += ',';
  return called_segment(id, parent, name, start, end, with_type.append(more));
}

std::string parts(const std::vector<std::string>& list) {
  std::string text = R"("subsegments":[)";
  for (const auto& item : list) {
    if (text.back() == '}') text += ',';
    text += '{' + item + '}';
  }
  return text + "]";
}

std::vector<SegmentDocument> parsed(const std::vector<std::string>& texts) {
  std::vector<SegmentDocument> documents;
  for (const auto& text : texts) {
    auto result = parse_segment_document(text);
    if (const auto* rejection = std::get_if<Rejection>(&result)) {
      throw std::runtime_error("test document refused: " + rejection->message() + " " + text);
    }
    documents.push_back(std::get<SegmentDocument>(std::move(result)));
  }
  return documents;
}

std::vector<const SegmentDocument*> pointers_to(const std::vector<SegmentDocument>& documents) {
  std::vector<const SegmentDocument*> pointers;
  for (const auto& document : documents) pointers.push_back(&document);
  return pointers;
}

CompiledTrace compiled(const std::vector<std::string>& texts) {
  const auto documents = parsed(texts);
  return compile_trace(pointers_to(documents));
}

TraceRecord record_of(const std::vector<std::string>& texts, const RecordLimits& limits) {
  const auto documents = parsed(texts);
  return compile_record(pointers_to(documents), 1, limits);
}

std::string nodes_of(const TraceRecord& record) {
  std::string text;
  for (RecordIndex i = 0; i < record.nodes.size(); ++i) {
    const auto state = record.nodes[i].state;
    text += node_text(record, i);
    text += state == NodeState::active    ? " active"
            : state == NodeState::unknown ? " unknown"
                                          : " passive";
    text += record.nodes[i].root ? " root\n" : "\n";
  }
  return text;
}

std::string segments_of(const TraceRecord& record) {
  std::string text;
  for (RecordIndex i = 0; i < record.segments.size(); ++i) {
    const auto& segment = record.segments[i];
    text += segment_text(record, i) + " " + node_text(record, segment.node) + " " +
            time(segment.start) + ".." + time(segment.end);
    if (segment.last_end != segment.end) text += " last " + time(segment.last_end);
    text += text_of(segment.outcome);
    if (segment.in_progress) text += " in progress";
    if (segment.cold_start) text += " cold";
    text += text_of(segment.http) + named("user", segment.user) +
            named("arn", segment.resource_arn) + named("instance", segment.instance_id) +
            named("zone", segment.availability_zone);
    text += i == record.root_segment ? " root\n" : "\n";
  }
  return text;
}

std::string calls_of(const TraceRecord& record) {
  std::string text;
  for (const auto& call : record.calls) {
    text += call.kind == CallKind::client ? "client: "
            : call.kind == CallKind::call ? ""
                                          : "link: ";
    text += node_text(record, call.source_node) + " (" + segment_text(record, call.source_segment) +
            ") -> " + node_text(record, call.target_node) + " (" +
            segment_text(record, call.target_segment) + ") " + time(call.start) + ".." +
            time(call.end) + text_of(call.outcome);
    if (call.in_progress) text += " in progress";
    text += named("alias", call.alias) + text_of(call.http);
    if (call.event_age) text += " age " + number(*call.event_age);
    text += '\n';
  }
  return text;
}

std::string text_of(const TraceRecord& record) {
  std::string text = record.id.to_string() + " revision " + std::to_string(record.revision) + " " +
                     time(record.start) + ".." + time(record.end) + " listed " +
                     time(record.listed_at) + " duration " + seconds(record.duration) +
                     " response " + seconds(record.response_time) + text_of(record.outcome);
  if (record.partial) text += " partial";
  if (record.limit_exceeded) text += " too large";
  if (record.truncated) text += " truncated";
  text += '\n' + nodes_of(record) + segments_of(record) + calls_of(record);
  for (const auto& annotation : record.annotations) {
    text += segment_text(record, annotation.segment) + " " + std::string(annotation.key) + " = ";
    if (const auto* words = std::get_if<std::string_view>(&annotation.value)) {
      text += '"' + std::string(*words) + '"';
    } else if (const auto* value = std::get_if<double>(&annotation.value)) {
      text += number(*value);
    } else {
      text += std::get<bool>(annotation.value) ? "true" : "false";
    }
    text += '\n';
  }
  for (const auto& message : record.messages) {
    text += segment_text(record, message.segment) + " says " + std::string(message.text) + '\n';
  }
  return text;
}

}  // namespace xrayd::local
