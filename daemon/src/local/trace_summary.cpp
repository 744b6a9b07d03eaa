#include "local/trace_summary.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "ascii.hpp"

namespace xrayd::local {
namespace {

constexpr std::size_t max_annotation_key_bytes = 500;
constexpr std::size_t max_annotation_value_characters = 1000;
constexpr std::size_t max_url_characters = 1000;
constexpr std::size_t max_text_characters = 250;

std::optional<std::string_view> short_text_member(const rapidjson::Value& object,
                                                  std::string_view name,
                                                  std::size_t limit = max_text_characters) {
  const auto text = text_member(object, name);
  return text ? std::optional(first_characters(*text, limit)) : std::nullopt;
}

// A list keeps its first items in their own order, so that the order of arrival doesn't matter.
template <typename Item>
void insert_bounded(std::set<Item>& items, const Item& item) {
  items.insert(item);
  if (items.size() > max_listed_items) items.erase(std::prev(items.end()));
}

void write_name_list(JsonWriter& writer, std::string_view list, std::string_view key,
                     const std::set<std::string_view>& names) {
  write_key(writer, list);
  writer.StartArray();
  for (const auto name : names) {
    writer.StartObject();
    write_key(writer, key);
    write_text(writer, name);
    writer.EndObject();
  }
  writer.EndArray();
}

// A node of the service map: its name and its type, which is empty where none is known.
using Service = std::pair<std::string_view, std::string_view>;

Service service_of(const Entity& segment) {
  return {entity_name(segment), short_text_member(*segment.json, "origin").value_or("")};
}

void write_service(JsonWriter& writer, const Service& service) {
  writer.StartObject();
  write_key(writer, "Name");
  write_text(writer, service.first);
  write_key(writer, "Names");
  writer.StartArray();
  write_text(writer, service.first);
  writer.EndArray();
  write_key(writer, "AccountId");
  writer.Null();
  write_key(writer, "Type");
  if (service.second.empty()) {
    writer.Null();
  } else {
    write_text(writer, service.second);
  }
  writer.EndObject();
}

// ---- annotations -----------------------------------------------------------------------------

bool is_annotation_key(std::string_view key) {
  return !key.empty() && key.size() <= max_annotation_key_bytes &&
         std::all_of(key.begin(), key.end(),
                     [](char c) { return is_alphanumeric(c) || c == '_' || c == '.'; });
}

bool is_annotation_value(const rapidjson::Value& value) {
  return value.IsString() || value.IsNumber() || value.IsBool();
}

void write_annotation(JsonWriter& writer, const rapidjson::Value& value) {
  writer.StartObject();
  write_key(writer, "AnnotationValue");
  writer.StartObject();
  if (value.IsString()) {
    write_key(writer, "StringValue");
    write_text(writer, first_characters(text_of(value), max_annotation_value_characters));
  } else if (value.IsBool()) {
    write_key(writer, "BooleanValue");
    writer.Bool(value.GetBool());
  } else {
    write_key(writer, "NumberValue");
    writer.Double(value.GetDouble());
  }
  writer.EndObject();
  write_key(writer, "ServiceIds");
  writer.Null();
  writer.EndObject();
}

void write_annotations(JsonWriter& writer, const TraceTree& tree) {
  std::map<std::string_view, std::vector<const rapidjson::Value*>> annotations;
  std::size_t count = 0;
  for (const auto index : tree.in_order()) {
    const auto* object = member(*tree.entities[index].json, "annotations");
    if (object == nullptr || !object->IsObject()) continue;
    for (const auto& item : object->GetObject()) {
      const auto key = text_of(item.name);
      if (count == max_listed_annotations) break;
      if (!is_annotation_key(key) || !is_annotation_value(item.value)) continue;
      auto& values = annotations[key];
      // 1 and "1" and true are three values: RapidJSON's == looks at the type too.
      const bool known = std::any_of(values.begin(), values.end(),
                                     [&](const auto* value) { return *value == item.value; });
      if (known) continue;
      values.push_back(&item.value);
      ++count;
    }
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

// ---- what the segments say -------------------------------------------------------------------

void write_http(JsonWriter& writer, const Entity* root) {
  // Readers look into Http without asking whether it is there.
  write_key(writer, "Http");
  writer.StartObject();
  const auto* http = root == nullptr ? nullptr : member(*root->json, "http");
  if (http != nullptr) {
    if (const auto* request = member(*http, "request")) {
      struct Member {
        std::string_view key;
        std::string_view name;
        std::size_t max_characters;
      };
      constexpr std::array<Member, 4> members{{
          {"HttpURL", "url", max_url_characters},
          {"HttpMethod", "method", max_text_characters},
          {"UserAgent", "user_agent", max_url_characters},
          {"ClientIp", "client_ip", max_text_characters},
      }};
      for (const auto& [key, name, max_characters] : members) {
        if (const auto text = short_text_member(*request, name, max_characters)) {
          write_key(writer, key);
          write_text(writer, *text);
        }
      }
    }
    if (const auto* response = member(*http, "response")) {
      const auto* status = member(*response, "status");
      if (status != nullptr && status->IsInt()) {
        write_key(writer, "HttpStatus");
        writer.Int(status->GetInt());
      }
    }
  }
  writer.EndObject();
}

void write_users(JsonWriter& writer, const TraceTree& tree) {
  std::set<std::string_view> users;
  for (const auto index : tree.segments) {
    const auto user = short_text_member(*tree.entities[index].json, "user");
    if (user && !user->empty()) insert_bounded(users, *user);
  }
  write_key(writer, "Users");
  writer.StartArray();
  for (const auto user : users) {
    writer.StartObject();
    write_key(writer, "UserName");
    write_text(writer, user);
    write_key(writer, "ServiceIds");
    writer.Null();
    writer.EndObject();
  }
  writer.EndArray();
}

void write_services(JsonWriter& writer, const TraceTree& tree, const Entity* root) {
  std::set<Service> services;
  for (const auto index : tree.segments) insert_bounded(services, service_of(tree.entities[index]));
  // Whoever called the first service is a node too.
  if (root != nullptr) insert_bounded(services, Service{entity_name(*root), "client"});
  write_key(writer, "ServiceIds");
  writer.StartArray();
  for (const auto& service : services) write_service(writer, service);
  writer.EndArray();
}

void write_resources(JsonWriter& writer, const TraceTree& tree) {
  std::set<std::string_view> arns;
  std::set<std::string_view> instances;
  std::set<std::string_view> zones;
  for (const auto index : tree.segments) {
    const auto& json = *tree.entities[index].json;
    if (const auto arn = short_text_member(json, "resource_arn")) insert_bounded(arns, *arn);
    const auto* aws = member(json, "aws");
    const auto* ec2 = aws == nullptr ? nullptr : member(*aws, "ec2");
    if (ec2 == nullptr) continue;
    if (const auto id = short_text_member(*ec2, "instance_id")) insert_bounded(instances, *id);
    if (const auto zone = short_text_member(*ec2, "availability_zone")) {
      insert_bounded(zones, *zone);
    }
  }
  write_name_list(writer, "ResourceARNs", "ARN", arns);
  write_name_list(writer, "InstanceIds", "Id", instances);
  write_name_list(writer, "AvailabilityZones", "Name", zones);
}

void write_seconds(JsonWriter& writer, std::string_view key, std::optional<double> seconds) {
  write_key(writer, key);
  if (seconds) {
    writer.Double(*seconds);
  } else {
    writer.Null();
  }
}

// Times are unknown until the root has ended, and the flags are the root's alone.
void write_root(JsonWriter& writer, const Entity* root, const CompiledTrace& trace) {
  std::optional<double> duration;
  std::optional<double> response_time;
  if (root != nullptr && root->end) {
    duration = trace.duration;
    response_time = whole_microseconds(*root->end - root->start);
  }
  write_seconds(writer, "Duration", duration);
  write_seconds(writer, "ResponseTime", response_time);

  const auto has = [root](std::string_view flag) {
    return root != nullptr && flag_member(*root->json, flag);
  };
  write_key(writer, "HasFault");
  writer.Bool(has("fault"));
  write_key(writer, "HasError");
  writer.Bool(has("error") && !has("throttle"));
  write_key(writer, "HasThrottle");
  writer.Bool(has("throttle"));
}

}  // namespace

std::string trace_summary_json(const TraceTree& tree, const CompiledTrace& trace,
                               std::int64_t revision) {
  const Entity* root = tree.root ? &tree.entities[*tree.root] : nullptr;
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_key(writer, "Id");
  write_text(writer, trace.id.to_string());
  write_key(writer, "StartTime");
  writer.Double(std::floor(trace.started));
  write_root(writer, root, trace);
  const auto order = tree.in_order();
  write_key(writer, "IsPartial");
  writer.Bool(std::any_of(order.begin(), order.end(),
                          [&](std::size_t index) { return !tree.entities[index].end; }));
  write_http(writer, root);
  write_annotations(writer, tree);
  write_users(writer, tree);
  write_services(writer, tree, root);
  write_resources(writer, tree);
  write_key(writer, "EntryPoint");
  if (root != nullptr) {
    write_service(writer, service_of(*root));
  } else {
    writer.Null();
  }
  for (const std::string_view causes :
       {"FaultRootCauses", "ErrorRootCauses", "ResponseTimeRootCauses"}) {
    write_key(writer, causes);
    writer.StartArray();
    writer.EndArray();
  }
  write_key(writer, "Revision");
  writer.Int64(revision);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string_view entity_name(const Entity& entity) noexcept {
  return first_characters(text_member(*entity.json, "name").value_or(""), max_name_characters);
}

double whole_microseconds(double seconds) noexcept {
  constexpr double scale = 1e6;
  return std::max(0.0, std::round(seconds * scale) / scale);
}

}  // namespace xrayd::local
