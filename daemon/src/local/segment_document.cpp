#include "local/segment_document.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "ascii.hpp"

namespace xrayd::local {
namespace {

enum class Kind { segment, independent_subsegment, embedded_subsegment };

// Times are seconds; this is the end of the year 9999, far below any count of milliseconds.
constexpr double latest_time = 253402300799.0;

bool is_time(const rapidjson::Value* value) {
  if (value == nullptr) return true;
  return value->IsNumber() && value->GetDouble() >= 0 && value->GetDouble() <= latest_time;
}

// Absent or of the type that is asked for.
bool has_usable_types(const rapidjson::Value& entity) {
  const auto* type = member(entity, "type");
  const auto* in_progress = member(entity, "in_progress");
  const auto* subsegments = member(entity, "subsegments");
  return (type == nullptr || type->IsString()) && is_time(member(entity, "start_time")) &&
         is_time(member(entity, "end_time")) && (in_progress == nullptr || in_progress->IsBool()) &&
         (subsegments == nullptr ||
          (subsegments->IsArray() &&
           std::all_of(subsegments->Begin(), subsegments->End(),
                       [](const rapidjson::Value& item) { return item.IsObject(); })));
}

// Letters and digits of other scripts are allowed; which of their characters are letters is left
// to the sender.
bool is_segment_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    constexpr std::string_view others = " \t_.:/%&#=+-@";
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80U || is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

std::optional<Reason> check_identity(const rapidjson::Value& entity, Kind kind) {
  if (member(entity, "id") == nullptr) return Reason::missing_id;
  const auto id = text_member(entity, "id");
  if (!id || !parse_entity_id(*id)) return Reason::invalid_id;

  if (member(entity, "name") == nullptr) return Reason::missing_name;
  const auto name = text_member(entity, "name");
  if (!name || name->empty()) return Reason::invalid_name;
  if (kind == Kind::segment && !is_segment_name(*name)) return Reason::invalid_name;

  if (kind == Kind::embedded_subsegment) return std::nullopt;
  if (member(entity, "trace_id") == nullptr) return Reason::missing_trace_id;
  const auto trace_id = text_member(entity, "trace_id");
  if (!trace_id || !parse_trace_id(*trace_id)) return Reason::invalid_trace_id;
  return std::nullopt;
}

std::optional<Reason> check_times(const rapidjson::Value& entity, Kind kind) {
  if (member(entity, "start_time") == nullptr) return Reason::missing_start_time;
  const bool ended = member(entity, "end_time") != nullptr;
  if (flag_member(entity, "in_progress") && ended) {
    return kind == Kind::segment ? Reason::in_progress_segment_has_end_time
                                 : Reason::in_progress_subsegment_has_end_time;
  }
  if (!flag_member(entity, "in_progress") && !ended) return Reason::missing_end_time;
  return std::nullopt;
}

std::optional<Reason> check_parent(const rapidjson::Value& entity, Kind kind) {
  // Embedded subsegments repeat their parent's id in some SDKs; where they stand is what counts.
  if (kind == Kind::embedded_subsegment) return std::nullopt;
  const auto* parent = member(entity, "parent_id");
  const bool absent = parent == nullptr || (parent->IsString() && text_of(*parent).empty());
  if (absent) {
    if (kind == Kind::independent_subsegment) return Reason::missing_parent_id;
    return std::nullopt;
  }
  if (!parent->IsString() || !parse_entity_id(text_of(*parent))) return Reason::invalid_parent_id;
  return std::nullopt;
}

std::optional<Reason> check_type(const rapidjson::Value& entity, Kind kind) {
  const auto type = text_member(entity, "type");
  if (!type || *type == "subsegment") return std::nullopt;
  if (kind == Kind::segment && *type == "segment") return std::nullopt;
  return Reason::unknown_type;
}

// Recursion no deeper than half of max_document_depth: the parser saw to it.
std::optional<Rejection> check_entity(const rapidjson::Value& entity, Kind kind) {
  std::optional<Reason> reason;
  if (!has_usable_types(entity)) reason = Reason::parse_error;
  if (!reason) reason = check_type(entity, kind);
  if (!reason) reason = check_identity(entity, kind);
  if (!reason) reason = check_times(entity, kind);
  if (!reason) reason = check_parent(entity, kind);
  if (reason) return Rejection{*reason, kind == Kind::segment ? "segment" : "subsegment", {}};

  if (const auto* subsegments = member(entity, "subsegments")) {
    for (const auto& subsegment : subsegments->GetArray()) {
      if (auto rejection = check_entity(subsegment, Kind::embedded_subsegment)) return rejection;
    }
  }
  return std::nullopt;
}

std::optional<EntityId> id_member(const rapidjson::Value& entity, std::string_view name) {
  const auto text = text_member(entity, name);
  return text ? parse_entity_id(*text) : std::nullopt;
}

}  // namespace

std::variant<SegmentDocument, Rejection> parse_segment_document(std::string text) {
  if (text.starts_with("T1S") || text.starts_with("T1U")) {
    return Rejection{Reason::otlp_payload, "entity", {}};
  }
  if (text.size() > max_document_bytes) return Rejection{Reason::too_large, "segment", {}};

  SegmentDocument document;
  switch (ParsedJson::parse(text, max_document_depth, document.json)) {
    case JsonFault::none:
      break;
    case JsonFault::syntax:
      return Rejection{Reason::not_json, "entity", {}};
    case JsonFault::encoding:
      return Rejection{Reason::not_utf8, "entity", {}};
    case JsonFault::too_deep:
      return Rejection{Reason::too_deep, "segment", {}};
  }
  const auto& root = document.json.value();
  if (!root.IsObject()) return Rejection{Reason::not_an_object, "entity", {}};

  const bool independent = text_member(root, "type") == "subsegment";
  if (auto rejection =
          check_entity(root, independent ? Kind::independent_subsegment : Kind::segment)) {
    rejection->id = id_member(root, "id");
    return *rejection;
  }

  document.trace_id = parse_trace_id(*text_member(root, "trace_id")).value();
  document.id = id_member(root, "id").value();
  document.parent_id = id_member(root, "parent_id");
  document.independent_subsegment = independent;
  document.in_progress = flag_member(root, "in_progress");
  document.text = std::move(text);
  return document;
}

}  // namespace xrayd::local
