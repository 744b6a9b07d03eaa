// Why a document was not taken.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "local/document/trace_id.hpp"

namespace xrayd::local {

/// In the order in which they are looked for.
enum class Reason : std::uint8_t {
  otlp_payload,
  too_large,
  not_utf8,
  too_deep,
  not_json,
  not_an_object,
  parse_error,
  unknown_type,
  missing_id,
  invalid_id,
  missing_name,
  invalid_name,
  missing_trace_id,
  invalid_trace_id,
  missing_start_time,
  in_progress_segment_has_end_time,
  in_progress_subsegment_has_end_time,
  missing_end_time,
  missing_parent_id,
  invalid_parent_id,
};

inline constexpr std::size_t reason_count = 20;

/// The reason in a counter's label: `missing_id`.
std::string_view reason_label(Reason reason) noexcept;

/// The reason in X-Ray's words: `MissingId`.
std::string_view error_code(Reason reason) noexcept;

struct Rejection {
  Reason reason = Reason::not_json;
  /// What is at fault: "segment", "subsegment", "entity" where it isn't even an object.
  std::string_view kind = "segment";
  /// The document's own id, where it could be read.
  std::optional<EntityId> id;

  /// What PutTraceSegments answers; has nothing of the document in it.
  [[nodiscard]] std::string message() const;
};

}  // namespace xrayd::local
