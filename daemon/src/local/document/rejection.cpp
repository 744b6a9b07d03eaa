#include "local/document/rejection.hpp"

namespace xrayd::local {
namespace {

struct Names {
  std::string_view label;
  std::string_view code;
};

// Indexed by Reason. What X-Ray has no code for is a document that it couldn't parse either.
constexpr std::array<Names, reason_count> names{{
    {"otlp_payload", "ParseError"},
    {"too_large", "InvalidSegment"},
    {"not_utf8", "ParseError"},
    {"too_deep", "ParseError"},
    {"not_json", "ParseError"},
    {"not_an_object", "ParseError"},
    {"parse_error", "ParseError"},
    {"unknown_type", "UnknownType"},
    {"missing_id", "MissingId"},
    {"invalid_id", "InvalidId"},
    {"missing_name", "MissingName"},
    {"invalid_name", "InvalidName"},
    {"missing_trace_id", "MissingTraceId"},
    {"invalid_trace_id", "InvalidTraceId"},
    {"missing_start_time", "MissingStartTime"},
    {"in_progress_segment_has_end_time", "InProgressSegmentHasEndTime"},
    {"in_progress_subsegment_has_end_time", "InProgressSubsegmentHasEndTime"},
    {"missing_end_time", "MissingEndTime"},
    {"missing_parent_id", "MissingParentId"},
    {"invalid_parent_id", "InvalidParentId"},
}};

}  // namespace

std::string_view reason_label(Reason reason) noexcept {
  return names[static_cast<std::size_t>(reason)].label;
}

std::string_view error_code(Reason reason) noexcept {
  return names[static_cast<std::size_t>(reason)].code;
}

std::string Rejection::message() const {
  std::string text = "Invalid ";
  text += kind;
  text += ". ErrorCode: ";
  text += error_code(reason);
  return text;
}

}  // namespace xrayd::local
