#include "support/record_builder.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace xrayd::local::test {
namespace {

constexpr double began = 1'700'000'000;

}  // namespace

RecordIndex RecordBuilder::node(std::string_view name, std::string_view type,
                                std::string_view account, NodeState state) {
  RecordNode node;
  node.name = keep(name);
  node.type = keep(type);
  node.account = keep(account);
  node.state = state;
  record_.nodes.push_back(node);
  return static_cast<RecordIndex>(record_.nodes.size() - 1);
}

RecordIndex RecordBuilder::segment(RecordIndex node, double start, std::optional<double> end) {
  RecordSegment segment;
  segment.id = record_.segments.size() + 1;
  segment.node = node;
  segment.start = began + start;
  if (end) segment.end = began + *end;
  segment.last_end = segment.end;
  segment.in_progress = !end;
  segment.inferred = record_.nodes[node].state != NodeState::active;
  record_.segments.push_back(segment);
  if (record_.root_segment == no_index) record_.root_segment = 0;
  return static_cast<RecordIndex>(record_.segments.size() - 1);
}

RecordIndex RecordBuilder::call(RecordIndex source_segment, RecordIndex target_segment,
                                std::string_view alias, CallKind kind) {
  RecordCall call;
  const RecordSegment& target = record_.segments[target_segment];
  call.kind = kind;
  call.source_segment = source_segment;
  call.target_segment = target_segment;
  if (source_segment != no_index) call.source_node = record_.segments[source_segment].node;
  call.target_node = target.node;
  call.start = target.start;
  call.end = target.end;
  call.in_progress = target.in_progress;
  call.outcome = target.outcome;
  call.alias = keep(alias);
  record_.calls.push_back(call);
  return static_cast<RecordIndex>(record_.calls.size() - 1);
}

RecordIndex RecordBuilder::client_call(RecordIndex client_node, RecordIndex target_segment) {
  const RecordIndex made = call(no_index, target_segment, {}, CallKind::client);
  record_.calls[made].source_node = client_node;
  return made;
}

void RecordBuilder::annotation(RecordIndex segment, std::string_view key, AnnotationValue value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) value = keep(*text);
  record_.annotations.push_back({keep(key), value, segment});
}

void RecordBuilder::message(RecordIndex segment, std::string_view text) {
  record_.messages.push_back({keep(text), segment});
}

TraceRecord RecordBuilder::build() {
  std::stable_sort(record_.annotations.begin(), record_.annotations.end(),
                   [](const RecordAnnotation& a, const RecordAnnotation& b) {
                     return std::pair(a.segment, a.key) < std::pair(b.segment, b.key);
                   });
  record_.start = began;
  record_.end = began;
  for (const RecordSegment& segment : record_.segments) {
    record_.partial = record_.partial || segment.in_progress;
    record_.end = std::max(record_.end, segment.last_end.value_or(segment.start));
  }
  if (record_.root_segment != no_index) {
    const RecordSegment& root = record_.segments[record_.root_segment];
    record_.nodes[root.node].root = true;
    record_.outcome = root.outcome;
    if (root.outcome.throttle) record_.outcome.error = false;
    if (root.end) {
      record_.duration = record_.end - record_.start;
      record_.response_time = *root.end - root.start;
    }
  }
  return std::move(record_);
}

}  // namespace xrayd::local::test
