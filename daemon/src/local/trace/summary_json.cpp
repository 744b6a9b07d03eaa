#include "local/trace/summary_json.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace xrayd::local {
namespace {

// Differences of times carry the noise of large doubles; what is below a microsecond is noise.
std::optional<double> whole_microseconds(std::optional<double> seconds) {
  constexpr double scale = 1e6;
  if (!seconds) return std::nullopt;
  return std::max(0.0, std::round(*seconds * scale) / scale);
}

void write_number(JsonWriter& writer, std::optional<double> number) {
  if (number && std::isfinite(*number)) {
    writer.Double(*number);
  } else {
    writer.Null();
  }
}

void write_number(JsonWriter& writer, std::string_view key, std::optional<double> number) {
  write_key(writer, key);
  write_number(writer, number);
}

void write_flag(JsonWriter& writer, std::string_view key, bool flag) {
  write_key(writer, key);
  writer.Bool(flag);
}

void write_optional_text(JsonWriter& writer, std::string_view text) {
  if (text.empty()) {
    writer.Null();
  } else {
    write_text(writer, text);
  }
}

// The members that every kind of service has.
void write_service_members(JsonWriter& writer, const RecordNode& node, std::string_view account,
                           bool type_first) {
  const auto write_type = [&] {
    write_key(writer, "Type");
    write_optional_text(writer, node.type);
  };
  write_key(writer, "Name");
  write_text(writer, node.name);
  write_key(writer, "Names");
  writer.StartArray();
  write_text(writer, node.name);
  writer.EndArray();
  if (type_first) write_type();
  write_key(writer, "AccountId");
  write_optional_text(writer, node.account.empty() ? account : node.account);
  if (!type_first) write_type();
}

// ---- lists -----------------------------------------------------------------------------------

// Keeps the first items in their own order, each once.
template <typename Item, typename Order>
void insert_bounded(std::set<Item, Order>& items, const Item& item) {
  items.insert(item);
  if (items.size() > max_shown_items) items.erase(std::prev(items.end()));
}

using Names = std::set<std::string_view>;

// `[{"ARN":"..."}, ...]` of what the segments have in `field`.
void write_names(JsonWriter& writer, std::string_view list, std::string_view key,
                 const TraceRecord& record, std::string_view RecordSegment::*field,
                 bool with_services = false) {
  Names names;
  for (const auto& segment : record.segments) {
    if (!(segment.*field).empty()) insert_bounded(names, segment.*field);
  }
  write_key(writer, list);
  writer.StartArray();
  for (const auto name : names) {
    writer.StartObject();
    write_key(writer, key);
    write_text(writer, name);
    if (with_services) {
      write_key(writer, "ServiceIds");
      writer.Null();
    }
    writer.EndObject();
  }
  writer.EndArray();
}

void write_services(JsonWriter& writer, const TraceRecord& record, std::string_view account) {
  const auto identity = [&](const RecordNode* node) {
    return std::tuple(node->name, node->type, node->account.empty() ? account : node->account);
  };
  const auto order = [&](const RecordNode* a, const RecordNode* b) {
    return identity(a) < identity(b);
  };
  std::set<const RecordNode*, decltype(order)> nodes(order);
  for (const auto& node : record.nodes) insert_bounded(nodes, &node);
  write_key(writer, "ServiceIds");
  writer.StartArray();
  for (const auto* node : nodes) write_service_id(writer, *node, account);
  writer.EndArray();
}

// ---- annotations -----------------------------------------------------------------------------

void write_annotation(JsonWriter& writer, const AnnotationValue& value) {
  writer.StartObject();
  write_key(writer, "AnnotationValue");
  writer.StartObject();
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    write_key(writer, "StringValue");
    write_text(writer, *text);
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    write_flag(writer, "BooleanValue", *flag);
  } else {
    write_number(writer, "NumberValue", std::get<double>(value));
  }
  writer.EndObject();
  write_key(writer, "ServiceIds");
  writer.Null();
  writer.EndObject();
}

void write_annotations(JsonWriter& writer, const TraceRecord& record) {
  std::map<std::string_view, std::vector<const AnnotationValue*>> annotations;
  std::size_t count = 0;
  for (const auto& annotation : record.annotations) {
    if (count == max_shown_annotations) break;
    auto& values = annotations[annotation.key];
    // 1 and "1" and true are three values.
    const bool known = std::any_of(values.begin(), values.end(),
                                   [&](const auto* value) { return *value == annotation.value; });
    if (known) continue;
    values.push_back(&annotation.value);
    ++count;
  }
  write_key(writer, "Annotations");
  writer.StartObject();
  for (const auto& [key, values] : annotations) {
    write_key(writer, key);
    writer.StartArray();
    for (const auto* value : values) write_annotation(writer, *value);
    writer.EndArray();
  }
  writer.EndObject();
}

// ---- the root --------------------------------------------------------------------------------

void write_http(JsonWriter& writer, const TraceRecord& record) {
  // Readers look into Http without asking whether it is there.
  write_key(writer, "Http");
  writer.StartObject();
  if (record.root_segment != no_index) {
    const RecordHttp& http = record.segments[record.root_segment].http;
    const auto write_member = [&](std::string_view key, std::string_view text) {
      if (text.empty()) return;
      write_key(writer, key);
      write_text(writer, text);
    };
    write_member("HttpURL", http.url);
    if (http.status != 0) {
      write_key(writer, "HttpStatus");
      writer.Int(http.status);
    }
    write_member("HttpMethod", http.method);
    write_member("UserAgent", http.user_agent);
    write_member("ClientIp", http.client_ip);
  }
  writer.EndObject();
}

void write_entry_point(JsonWriter& writer, const TraceRecord& record, std::string_view account) {
  write_key(writer, "EntryPoint");
  if (const auto* node = record.entry_point()) {
    write_service_id(writer, *node, account);
  } else {
    writer.Null();
  }
}

// ---- root causes -----------------------------------------------------------------------------

enum class CauseKind { failure, response_time };

void write_cause_entity(JsonWriter& writer, const RootCauseEntity& entity, CauseKind kind) {
  writer.StartObject();
  write_key(writer, "Name");
  write_text(writer, entity.name);
  if (kind == CauseKind::response_time) {
    write_number(writer, "Coverage", entity.coverage);
  } else {
    write_key(writer, "Exceptions");
    writer.StartArray();
    for (const auto& exception : entity.exceptions) {
      writer.StartObject();
      write_key(writer, "Name");
      write_text(writer, exception.name);
      write_key(writer, "Message");
      write_text(writer, exception.message);
      writer.EndObject();
    }
    writer.EndArray();
  }
  write_flag(writer, "Remote", entity.remote);
  writer.EndObject();
}

void write_causes(JsonWriter& writer, std::string_view key, const TraceRecord& record,
                  const std::vector<RootCause>& causes, CauseKind kind, std::string_view account) {
  write_key(writer, key);
  writer.StartArray();
  for (const auto& cause : causes) {
    writer.StartObject();
    write_key(writer, "Services");
    writer.StartArray();
    for (const auto& service : cause.services) {
      writer.StartObject();
      write_service_members(writer, record.nodes[service.node], account, true);
      write_key(writer, "EntityPath");
      writer.StartArray();
      for (const auto& entity : service.path) write_cause_entity(writer, entity, kind);
      writer.EndArray();
      write_flag(writer, "Inferred", service.inferred);
      writer.EndObject();
    }
    writer.EndArray();
    write_flag(writer, "ClientImpacting", cause.client_impacting);
    writer.EndObject();
  }
  writer.EndArray();
}

}  // namespace

void write_service_id(JsonWriter& writer, const RecordNode& node, std::string_view account) {
  writer.StartObject();
  write_service_members(writer, node, account, false);
  writer.EndObject();
}

void write_trace_summary(JsonWriter& writer, const TraceRecord& record, std::string_view account,
                         std::optional<double> matched_event_time) {
  writer.StartObject();
  write_key(writer, "Id");
  write_text(writer, record.id.to_string());
  write_number(writer, "StartTime", std::floor(record.start));
  write_number(writer, "Duration", whole_microseconds(record.duration));
  write_number(writer, "ResponseTime", whole_microseconds(record.response_time));
  write_flag(writer, "HasFault", record.outcome.fault);
  write_flag(writer, "HasError", record.outcome.error);
  write_flag(writer, "HasThrottle", record.outcome.throttle);
  write_flag(writer, "IsPartial", record.partial);
  write_http(writer, record);
  write_annotations(writer, record);
  write_names(writer, "Users", "UserName", record, &RecordSegment::user, true);
  write_services(writer, record, account);
  write_names(writer, "ResourceARNs", "ARN", record, &RecordSegment::resource_arn);
  write_names(writer, "InstanceIds", "Id", record, &RecordSegment::instance_id);
  write_names(writer, "AvailabilityZones", "Name", record, &RecordSegment::availability_zone);
  write_entry_point(writer, record, account);
  write_causes(writer, "FaultRootCauses", record, record.fault_causes, CauseKind::failure, account);
  write_causes(writer, "ErrorRootCauses", record, record.error_causes, CauseKind::failure, account);
  write_causes(writer, "ResponseTimeRootCauses", record, record.response_time_causes,
               CauseKind::response_time, account);
  write_key(writer, "Revision");
  writer.Int64(record.revision);
  write_number(writer, "MatchedEventTime", matched_event_time);
  writer.EndObject();
}

}  // namespace xrayd::local
