// Small traces with their places in a record, as finding root causes wants them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "local/document/segment_document.hpp"
#include "local/trace/root_causes.hpp"

namespace xrayd::local {

/// Documents put together, each segment in a record with a node of its own, and one for each
/// completed call that no segment answered.
struct PlacedTrace {
  /// Members of a document between its braces, without its trace's id:
  /// `"name":"a","id":"0000000000000001","start_time":0,"end_time":1`.
  explicit PlacedTrace(const std::vector<std::string>& documents);

  std::vector<SegmentDocument> documents;
  TraceTree tree;
  EntityPlaces places;
  TraceRecord record;

  /// Finds the causes.
  PlacedTrace& find(const RecordLimits& limits = {});

  /// A cause a line: `shop{shop, call* [Error: text]} > DynamoDB!{DynamoDB*} client`. With `*` for
  /// remote, `!` for inferred, coverages where they are.
  [[nodiscard]] std::string faults() const { return text_of_causes(record.fault_causes); }
  [[nodiscard]] std::string errors() const { return text_of_causes(record.error_causes); }
  [[nodiscard]] std::string slow() const { return text_of_causes(record.response_time_causes); }

 private:
  [[nodiscard]] std::string text_of_causes(const std::vector<RootCause>& causes) const;
};

}  // namespace xrayd::local
