// Records for tests, without documents: nodes, segments and calls by name.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "local/trace/trace_record.hpp"

namespace xrayd::local::test {

/// What is put in may be temporary: texts are copied. Segments and calls come by number, in the
/// order in which they were added; the first segment is the root unless root() says otherwise.
class RecordBuilder {
 public:
  RecordIndex node(std::string_view name, std::string_view type = {}, std::string_view account = {},
                   NodeState state = NodeState::active);
  /// From `start` to `end` seconds after the trace's start.
  RecordIndex segment(RecordIndex node, double start = 0, std::optional<double> end = 1);
  RecordIndex call(RecordIndex source_segment, RecordIndex target_segment,
                   std::string_view alias = {}, CallKind kind = CallKind::call);
  /// From a client node, which must be there, to the segment.
  RecordIndex client_call(RecordIndex client_node, RecordIndex target_segment);

  void annotation(RecordIndex segment, std::string_view key, AnnotationValue value);
  void message(RecordIndex segment, std::string_view text);
  void root(RecordIndex segment) { record_.root_segment = segment; }

  [[nodiscard]] RecordSegment& operator[](RecordIndex segment) { return record_.segments[segment]; }
  [[nodiscard]] RecordCall& call_at(RecordIndex call) { return record_.calls[call]; }
  [[nodiscard]] TraceRecord& record() { return record_; }
  [[nodiscard]] std::string_view keep(std::string_view text) { return record_.texts.keep(text); }

  /// Annotations in order, figures of the trace taken from its segments.
  [[nodiscard]] TraceRecord build();

 private:
  TraceRecord record_;
};

}  // namespace xrayd::local::test
