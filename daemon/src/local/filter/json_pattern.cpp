#include "local/filter/json_pattern.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <utility>

#include "local/filter/scopes.hpp"
#include "local/json/json.hpp"

namespace xrayd::local::filters {
namespace {

// A list of causes, of services, of entities, of exceptions; and room to be wrong in.
constexpr std::size_t max_json_depth = 16;

// Reads patterns; keeps the first thing that is wrong.
class Reader {
 public:
  [[nodiscard]] const std::string& wrong() const noexcept { return wrong_; }

  CausePattern cause(const rapidjson::Value& json) {
    CausePattern pattern;
    if (!object(json, {"Services", "ClientImpacting"})) return pattern;
    flag(json, "ClientImpacting", pattern.client_impacting);
    list(json, "Services", pattern.services,
         [this](const rapidjson::Value& entry) { return service(entry); });
    return pattern;
  }

 private:
  ServicePattern service(const rapidjson::Value& json) {
    ServicePattern pattern;
    if (!object(json, {"Name", "Names", "Type", "AccountId", "EntityPath", "Inferred"})) {
      return pattern;
    }
    text(json, "Name", pattern.name);
    text(json, "Type", pattern.type);
    text(json, "AccountId", pattern.account);
    flag(json, "Inferred", pattern.inferred);
    std::optional<std::vector<std::string>> names;
    list(json, "Names", names, [this](const rapidjson::Value& entry) {
      if (!entry.IsString()) fail("Names", "texts");
      return entry.IsString() ? std::string(text_of(entry)) : std::string();
    });
    if (names) pattern.names = std::move(*names);
    list(json, "EntityPath", pattern.path,
         [this](const rapidjson::Value& entry) { return entity(entry); });
    return pattern;
  }

  EntityPattern entity(const rapidjson::Value& json) {
    EntityPattern pattern;
    if (!object(json, {"Name", "Coverage", "Remote", "Exceptions"})) return pattern;
    text(json, "Name", pattern.name);
    flag(json, "Remote", pattern.remote);
    if (const auto* value = member(json, "Coverage"); value != nullptr) {
      if (value->IsNumber()) {
        pattern.coverage = value->GetDouble();
      } else {
        fail("Coverage", "a number");
      }
    }
    list(json, "Exceptions", pattern.exceptions,
         [this](const rapidjson::Value& entry) { return exception(entry); });
    return pattern;
  }

  ExceptionPattern exception(const rapidjson::Value& json) {
    ExceptionPattern pattern;
    if (!object(json, {"Name", "Message"})) return pattern;
    text(json, "Name", pattern.name);
    text(json, "Message", pattern.message);
    return pattern;
  }

  // A member that no root cause has would match nothing, or anything: somebody mistyped.
  bool object(const rapidjson::Value& json, std::initializer_list<std::string_view> members) {
    if (!json.IsObject()) {
      if (wrong_.empty()) wrong_ = "expected JSON objects within the list";
      return false;
    }
    for (const auto& entry : json.GetObject()) {
      const std::string_view name = text_of(entry.name);
      if (std::find(members.begin(), members.end(), name) != members.end()) continue;
      if (wrong_.empty()) {
        wrong_ = "root causes have no '" + std::string(first_characters(name, 60)) + "' there";
      }
      return false;
    }
    return true;
  }

  void text(const rapidjson::Value& json, std::string_view name, std::optional<std::string>& out) {
    const auto* value = member(json, name);
    if (value == nullptr) return;
    if (!value->IsString()) return fail(name, "text");
    out = std::string(text_of(*value));
  }

  void flag(const rapidjson::Value& json, std::string_view name, std::optional<bool>& out) {
    const auto* value = member(json, name);
    if (value == nullptr) return;
    if (!value->IsBool()) return fail(name, "true or false");
    out = value->GetBool();
  }

  template <typename Entry, typename Read>
  void list(const rapidjson::Value& json, std::string_view name,
            std::optional<std::vector<Entry>>& out, Read read) {
    const auto* value = member(json, name);
    if (value == nullptr) return;
    if (!value->IsArray()) return fail(name, "a list");
    out.emplace();
    for (const auto& entry : value->GetArray()) out->push_back(read(entry));
  }

  void fail(std::string_view name, std::string_view expected) {
    if (wrong_.empty()) wrong_ = std::string(name) + " should be " + std::string(expected);
  }

  std::string wrong_;
};

// Absent texts of records are empty: a pattern asks for what is there.
bool is_text(const std::optional<std::string>& pattern, std::string_view text) {
  return !pattern || *pattern == text;
}

template <typename Value>
bool is_value(const std::optional<Value>& pattern, Value value) {
  return !pattern || *pattern == value;
}

template <typename Pattern, typename Part, typename Like>
bool is_list(const std::optional<std::vector<Pattern>>& patterns, const std::vector<Part>& parts,
             Like like) {
  return !patterns || std::equal(patterns->begin(), patterns->end(), parts.begin(), parts.end(),
                                 [&](const Pattern& a, const Part& b) { return like(a, b); });
}

bool looks_like_exception(const ExceptionPattern& pattern, const RootCauseException& exception) {
  return is_text(pattern.name, exception.name) && is_text(pattern.message, exception.message);
}

bool looks_like_entity(const EntityPattern& pattern, const RootCauseEntity& entity) {
  return is_text(pattern.name, entity.name) && is_value(pattern.remote, entity.remote) &&
         is_value(pattern.coverage, entity.coverage) &&
         is_list(pattern.exceptions, entity.exceptions, looks_like_exception);
}

}  // namespace

std::variant<JsonPattern, std::string> JsonPattern::parse(std::string_view json) {
  ParsedJson parsed;
  switch (ParsedJson::parse(json, max_json_depth, parsed)) {
    case JsonFault::none:
      break;
    case JsonFault::too_deep:
      return std::string("this JSON is nested too deep");
    case JsonFault::encoding:
    case JsonFault::syntax:
      return std::string("expected valid JSON");
  }
  Reader reader;
  JsonPattern pattern;
  if (parsed.value().IsArray()) {
    for (const auto& entry : parsed.value().GetArray()) {
      pattern.causes_.push_back(reader.cause(entry));
    }
  } else {
    pattern.causes_.push_back(reader.cause(parsed.value()));
  }
  if (!reader.wrong().empty()) return reader.wrong();
  if (pattern.causes_.empty()) return std::string("expected at least one root cause in the list");
  return pattern;
}

bool looks_like(const CausePattern& pattern, const RootCause& cause, const TraceRecord& record,
                std::string_view account) noexcept {
  const auto looks_like_service = [&](const ServicePattern& wanted,
                                      const RootCauseService& service) {
    const RecordNode* node = node_of(record, service.node);
    const std::string_view name = node == nullptr ? std::string_view() : node->name;
    const std::string_view type = node == nullptr ? std::string_view() : node->type;
    return is_text(wanted.name, name) && is_text(wanted.type, type) &&
           is_text(wanted.account, account_of(node, account)) &&
           is_value(wanted.inferred, service.inferred) &&
           std::all_of(wanted.names.begin(), wanted.names.end(),
                       [&](const std::string& one) {
                         return one == name || is_alias(record, service.node, one);
                       }) &&
           is_list(wanted.path, service.path, looks_like_entity);
  };
  return is_value(pattern.client_impacting, cause.client_impacting) &&
         is_list(pattern.services, cause.services, looks_like_service);
}

}  // namespace xrayd::local::filters
