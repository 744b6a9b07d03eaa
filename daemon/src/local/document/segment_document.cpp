#include "local/document/segment_document.hpp"

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

// The members that are checked, found in one pass over them all. As for member(), of several of one
// name the first counts, and JSON's null counts as absent.
struct Members {
  const rapidjson::Value* id = nullptr;
  const rapidjson::Value* name = nullptr;
  const rapidjson::Value* type = nullptr;
  const rapidjson::Value* trace_id = nullptr;
  const rapidjson::Value* parent_id = nullptr;
  const rapidjson::Value* start_time = nullptr;
  const rapidjson::Value* end_time = nullptr;
  const rapidjson::Value* in_progress = nullptr;
  const rapidjson::Value* subsegments = nullptr;

  explicit Members(const rapidjson::Value& entity) {
    for (const auto& item : entity.GetObject()) {
      const auto key = text_of(item.name);
      switch (key.size()) {
        case 2:
          take(id, "id", key, item.value);
          break;
        case 4:
          take(name, "name", key, item.value);
          take(type, "type", key, item.value);
          break;
        case 8:
          take(end_time, "end_time", key, item.value);
          take(trace_id, "trace_id", key, item.value);
          break;
        case 9:
          take(parent_id, "parent_id", key, item.value);
          break;
        case 10:
          take(start_time, "start_time", key, item.value);
          break;
        case 11:
          take(in_progress, "in_progress", key, item.value);
          take(subsegments, "subsegments", key, item.value);
          break;
        default:
          break;
      }
    }
    for (auto* place : {&id, &name, &type, &trace_id, &parent_id, &start_time, &end_time,
                        &in_progress, &subsegments}) {
      if (*place != nullptr && (*place)->IsNull()) *place = nullptr;
    }
  }

  [[nodiscard]] bool runs() const { return in_progress != nullptr && in_progress->IsTrue(); }

 private:
  static void take(const rapidjson::Value*& place, std::string_view wanted, std::string_view key,
                   const rapidjson::Value& value) {
    if (place == nullptr && key == wanted) place = &value;
  }
};

std::optional<std::string_view> text_in(const rapidjson::Value* value) {
  if (value == nullptr || !value->IsString()) return std::nullopt;
  return text_of(*value);
}

bool is_time(const rapidjson::Value* value) {
  if (value == nullptr) return true;
  return value->IsNumber() && value->GetDouble() >= 0 && value->GetDouble() <= latest_time;
}

// Absent or of the type that is asked for.
bool has_usable_types(const Members& entity) {
  const auto* subsegments = entity.subsegments;
  return (entity.type == nullptr || entity.type->IsString()) && is_time(entity.start_time) &&
         is_time(entity.end_time) &&
         (entity.in_progress == nullptr || entity.in_progress->IsBool()) &&
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

std::optional<Reason> check_identity(const Members& entity, Kind kind) {
  if (entity.id == nullptr) return Reason::missing_id;
  const auto id = text_in(entity.id);
  if (!id || !parse_entity_id(*id)) return Reason::invalid_id;

  if (entity.name == nullptr) return Reason::missing_name;
  const auto name = text_in(entity.name);
  if (!name || name->empty()) return Reason::invalid_name;
  if (kind == Kind::segment && !is_segment_name(*name)) return Reason::invalid_name;

  if (kind == Kind::embedded_subsegment) return std::nullopt;
  if (entity.trace_id == nullptr) return Reason::missing_trace_id;
  const auto trace_id = text_in(entity.trace_id);
  if (!trace_id || !parse_trace_id(*trace_id)) return Reason::invalid_trace_id;
  return std::nullopt;
}

std::optional<Reason> check_times(const Members& entity, Kind kind) {
  if (entity.start_time == nullptr) return Reason::missing_start_time;
  const bool ended = entity.end_time != nullptr;
  if (entity.runs() && ended) {
    return kind == Kind::segment ? Reason::in_progress_segment_has_end_time
                                 : Reason::in_progress_subsegment_has_end_time;
  }
  if (!entity.runs() && !ended) return Reason::missing_end_time;
  return std::nullopt;
}

std::optional<Reason> check_parent(const Members& entity, Kind kind) {
  // Embedded subsegments repeat their parent's id in some SDKs; where they stand is what counts.
  if (kind == Kind::embedded_subsegment) return std::nullopt;
  const auto* parent = entity.parent_id;
  const bool absent = parent == nullptr || (parent->IsString() && text_of(*parent).empty());
  if (absent) {
    if (kind == Kind::independent_subsegment) return Reason::missing_parent_id;
    return std::nullopt;
  }
  if (!parent->IsString() || !parse_entity_id(text_of(*parent))) return Reason::invalid_parent_id;
  return std::nullopt;
}

std::optional<Reason> check_type(const Members& entity, Kind kind) {
  const auto type = text_in(entity.type);
  if (!type || *type == "subsegment") return std::nullopt;
  if (kind == Kind::segment && *type == "segment") return std::nullopt;
  return Reason::unknown_type;
}

// Recursion no deeper than half of max_document_depth: the parser saw to it.
std::optional<Rejection> check_entity(const Members& entity, Kind kind) {
  std::optional<Reason> reason;
  if (!has_usable_types(entity)) reason = Reason::parse_error;
  if (!reason) reason = check_type(entity, kind);
  if (!reason) reason = check_identity(entity, kind);
  if (!reason) reason = check_times(entity, kind);
  if (!reason) reason = check_parent(entity, kind);
  if (reason) return Rejection{*reason, kind == Kind::segment ? "segment" : "subsegment", {}};

  if (entity.subsegments != nullptr) {
    for (const auto& subsegment : entity.subsegments->GetArray()) {
      if (auto rejection = check_entity(Members(subsegment), Kind::embedded_subsegment)) {
        return rejection;
      }
    }
  }
  return std::nullopt;
}

std::optional<EntityId> id_in(const rapidjson::Value* value) {
  const auto text = text_in(value);
  return text ? parse_entity_id(*text) : std::nullopt;
}

}  // namespace

std::variant<SegmentDocument, Rejection> parse_segment_document(std::string text) {
  if (text.starts_with("T1S") || text.starts_with("T1U")) {
    return Rejection{Reason::otlp_payload, "entity", {}};
  }
  if (text.size() > max_document_bytes) return Rejection{Reason::too_large, "segment", {}};

  SegmentDocument document;
  // The values point into the text, which moves with them.
  document.text = std::move(text);
  switch (ParsedJson::parse_in_place(document.text, max_document_depth, document.json)) {
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

  const Members members(root);
  const bool independent = text_in(members.type) == "subsegment";
  if (auto rejection =
          check_entity(members, independent ? Kind::independent_subsegment : Kind::segment)) {
    rejection->id = id_in(members.id);
    return *rejection;
  }

  document.trace_id = parse_trace_id(*text_in(members.trace_id)).value();
  document.id = id_in(members.id).value();
  document.parent_id = id_in(members.parent_id);
  document.independent_subsegment = independent;
  document.in_progress = members.runs();
  return document;
}

}  // namespace xrayd::local
