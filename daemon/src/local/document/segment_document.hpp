// One segment document: read from its JSON, checked as X-Ray checks it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>

#include "local/document/rejection.hpp"
#include "local/document/trace_id.hpp"
#include "local/json/json.hpp"

namespace xrayd::local {

/// Larger than a datagram or the service allow, small enough for a store to hold thousands of.
inline constexpr std::size_t max_document_bytes = std::size_t{1} << 20U;
inline constexpr std::size_t max_document_depth = 1024;
/// Longer names are cut, not refused. In characters.
inline constexpr std::size_t max_name_characters = 200;

/// A document that passed every check: its members have the types and forms that X-Ray asks for.
struct SegmentDocument {
  TraceId trace_id;
  EntityId id = 0;
  /// The entity that this one belongs below. Always there in an independent subsegment.
  std::optional<EntityId> parent_id;
  /// Sent on its own though it is a part of a segment.
  bool independent_subsegment = false;
  bool in_progress = false;
  /// As it came. `json` points into it: no document is short enough to lie within the string
  /// itself.
  std::string text;
  ParsedJson json;
};

/// Bad anywhere, also in a nested subsegment, is bad as a whole.
std::variant<SegmentDocument, Rejection> parse_segment_document(std::string text);

}  // namespace xrayd::local
