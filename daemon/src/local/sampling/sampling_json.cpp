#include "local/sampling/sampling_json.hpp"

#include <utility>

namespace xrayd::local {
namespace {

constexpr std::size_t max_stored_depth = 10;

constexpr Lengths name_lengths{1, 32};
constexpr Lengths resource_arn_lengths{0, 500};
constexpr Lengths service_lengths{0, 64};
constexpr Lengths method_lengths{0, 10};
constexpr Lengths path_lengths{0, 128};
constexpr Lengths attribute_lengths{1, 32};
constexpr Lengths client_lengths{24, 24};
constexpr Range<double> rates{0.0, 1.0};
constexpr Range<std::int64_t> counts{0, std::nullopt};
constexpr std::size_t max_attributes = 5;

template <typename Value>
void assign(Value& member, std::optional<Value> value) {
  if (value) member = *std::move(value);
}

// What X-Ray says of each: "Map keys must satisfy constraint: [Member must have length ...]".
void check_attribute(std::string_view which, const rapidjson::Value& text, const std::string& path,
                     Violations& violations) {
  if (!text.IsString()) {
    violations.wrong_type(path, "a map of strings to strings");
    return;
  }
  if (length_violation(text_of(text), attribute_lengths).empty()) return;
  violations.add({}, path,
                 std::string(which) +
                     " must satisfy constraint: [Member must have length less than or equal to 32, "
                     "Member must have length greater than or equal to 1]");
}

std::optional<std::map<std::string, std::string>> read_attributes(Members& members,
                                                                  Violations& violations) {
  const auto* object = members.object("Attributes", Need::optional);
  if (object == nullptr) return std::nullopt;
  const auto path = members.path("Attributes");
  std::map<std::string, std::string> attributes;
  for (const auto& [key, value] : object->GetObject()) {
    check_attribute("Map keys", key, path, violations);
    check_attribute("Map value", value, path, violations);
    if (!value.IsString()) continue;
    attributes.insert_or_assign(std::string(text_of(key)), std::string(text_of(value)));
  }
  if (attributes.size() > max_attributes) {
    violations.add(
        {}, path,
        "Member must have length less than or equal to " + std::to_string(max_attributes));
  }
  return attributes;
}

std::optional<SamplingRateBoost> read_boost(Members& members, Violations& violations) {
  const auto* object = members.object("SamplingRateBoost", Need::optional);
  if (object == nullptr) return std::nullopt;
  Members boost(*object, members.path("SamplingRateBoost"), violations);
  SamplingRateBoost result;
  assign(result.max_rate, boost.number("MaxRate", Need::required, rates));
  assign(result.cooldown_minutes, boost.integer("CooldownWindowMinutes", Need::required, counts));
  return result;
}

void write_texts(JsonWriter& writer, const std::map<std::string, std::string>& texts) {
  writer.StartObject();
  for (const auto& [key, value] : texts) {
    write_key(writer, key);
    write_text(writer, value);
  }
  writer.EndObject();
}

void write_boost(JsonWriter& writer, const std::optional<SamplingRateBoost>& boost) {
  if (!boost) {
    writer.Null();
    return;
  }
  writer.StartObject();
  write_key(writer, "MaxRate");
  writer.Double(boost->max_rate);
  write_key(writer, "CooldownWindowMinutes");
  writer.Int64(boost->cooldown_minutes);
  writer.EndObject();
}

void write_rule(JsonWriter& writer, const SamplingRule& rule) {
  const auto text = [&writer](const char* key, std::string_view value) {
    write_key(writer, key);
    write_text(writer, value);
  };
  writer.StartObject();
  text("RuleName", rule.name);
  text("RuleARN", rule.arn());
  text("ResourceARN", rule.resource_arn);
  write_key(writer, "Priority");
  writer.Int64(rule.priority);
  write_key(writer, "FixedRate");
  writer.Double(rule.fixed_rate);
  write_key(writer, "ReservoirSize");
  writer.Int64(rule.reservoir_size);
  text("ServiceName", rule.service_name);
  text("ServiceType", rule.service_type);
  text("Host", rule.host);
  text("HTTPMethod", rule.http_method);
  text("URLPath", rule.url_path);
  write_key(writer, "Version");
  writer.Int64(rule_version);
  write_key(writer, "Attributes");
  write_texts(writer, rule.attributes);
  write_key(writer, "SamplingRateBoost");
  write_boost(writer, rule.boost);
  writer.EndObject();
}

void write_rule_and_times(JsonWriter& writer, const SamplingRule& rule) {
  write_key(writer, "SamplingRule");
  write_rule(writer, rule);
  write_key(writer, "CreatedAt");
  writer.Double(rule.created_at);
  write_key(writer, "ModifiedAt");
  writer.Double(rule.modified_at);
}

// Of Default only that is read that can be changed, for its priority is no rule's.
std::optional<SamplingRule> stored_default(const rapidjson::Value& rule_object) {
  Violations violations;
  Members members(rule_object, "samplingRule", violations);
  const auto rate = members.number("FixedRate", Need::required, rates);
  const auto reservoir = members.integer("ReservoirSize", Need::required, counts);
  if (!violations.none()) return std::nullopt;
  SamplingRules fresh;
  SamplingRule rule = *fresh.find(std::string(default_rule_name));
  rule.fixed_rate = *rate;
  rule.reservoir_size = *reservoir;
  return rule;
}

}  // namespace

SamplingRule read_new_rule(const rapidjson::Value& request, Violations& violations) {
  SamplingRule rule;
  Members outer(request, "", violations);
  if (const auto* object = outer.object("SamplingRule", Need::required)) {
    Members members(*object, "samplingRule", violations);
    assign(rule.name, members.text("RuleName", Need::required, name_lengths));
    assign(rule.resource_arn, members.text("ResourceARN", Need::required, resource_arn_lengths));
    assign(rule.priority,
           members.integer("Priority", Need::required, Range<std::int64_t>{1, 9999}));
    assign(rule.fixed_rate, members.number("FixedRate", Need::required, rates));
    assign(rule.reservoir_size, members.integer("ReservoirSize", Need::required, counts));
    assign(rule.service_name, members.text("ServiceName", Need::required, service_lengths));
    assign(rule.service_type, members.text("ServiceType", Need::required, service_lengths));
    assign(rule.host, members.text("Host", Need::required, service_lengths));
    assign(rule.http_method, members.text("HTTPMethod", Need::required, method_lengths));
    assign(rule.url_path, members.text("URLPath", Need::required, path_lengths));
    // There is one version only, whatever the model leaves open.
    (void)members.integer("Version", Need::required,
                          Range<std::int64_t>{rule_version, rule_version});
    assign(rule.attributes, read_attributes(members, violations));
    rule.boost = read_boost(members, violations);
  }
  rule.tags = read_tags(outer, Need::optional, violations);
  return rule;
}

SamplingRuleChange read_rule_change(const rapidjson::Value& request, Violations& violations) {
  SamplingRuleChange change;
  Members outer(request, "", violations);
  const auto* object = outer.object("SamplingRuleUpdate", Need::required);
  if (object == nullptr) return change;
  Members members(*object, "samplingRuleUpdate", violations);
  change.key.name = members.text("RuleName", Need::optional, name_lengths);
  change.key.arn = members.text("RuleARN", Need::optional);
  change.resource_arn = members.text("ResourceARN", Need::optional, resource_arn_lengths);
  change.priority = members.integer("Priority", Need::optional);
  change.fixed_rate = members.number("FixedRate", Need::optional);
  change.reservoir_size = members.integer("ReservoirSize", Need::optional);
  change.host = members.text("Host", Need::optional, service_lengths);
  change.service_name = members.text("ServiceName", Need::optional, service_lengths);
  change.service_type = members.text("ServiceType", Need::optional, service_lengths);
  change.http_method = members.text("HTTPMethod", Need::optional, method_lengths);
  change.url_path = members.text("URLPath", Need::optional, path_lengths);
  change.attributes = read_attributes(members, violations);
  change.boost = read_boost(members, violations);
  return change;
}

RuleKey read_rule_key(const rapidjson::Value& request, Violations& violations) {
  Members members(request, "", violations);
  RuleKey key;
  key.name = members.text("RuleName", Need::optional);
  key.arn = members.text("RuleARN", Need::optional);
  return key;
}

SamplingReport read_report(const rapidjson::Value& document, std::string path,
                           Violations& violations) {
  Members members(document, std::move(path), violations);
  SamplingReport report;
  assign(report.rule, members.text("RuleName", Need::required, name_lengths));
  assign(report.client, members.text("ClientID", Need::required, client_lengths));
  (void)members.number("Timestamp", Need::required);
  assign(report.counts.requests, members.integer("RequestCount", Need::required, counts));
  assign(report.counts.sampled, members.integer("SampledCount", Need::required, counts));
  assign(report.counts.borrowed, members.integer("BorrowCount", Need::optional, counts));
  return report;
}

std::string read_boost_report(const rapidjson::Value& document, std::string path,
                              Violations& violations) {
  Members members(document, std::move(path), violations);
  auto rule = members.text("RuleName", Need::required, name_lengths);
  (void)members.text("ServiceName", Need::required, service_lengths);
  (void)members.number("Timestamp", Need::required);
  (void)members.integer("AnomalyCount", Need::required, counts);
  (void)members.integer("TotalCount", Need::required, counts);
  (void)members.integer("SampledAnomalyCount", Need::required, counts);
  return rule.value_or("");
}

void write_rule_record(JsonWriter& writer, const SamplingRule& rule) {
  writer.StartObject();
  write_rule_and_times(writer, rule);
  writer.EndObject();
}

std::string rule_text(const SamplingRule& rule) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_rule_and_times(writer, rule);
  write_key(writer, "Tags");
  write_tags(writer, rule.tags);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::optional<SamplingRule> stored_rule(std::string_view text) {
  ParsedJson json;
  if (ParsedJson::parse(text, max_stored_depth, json) != JsonFault::none) return std::nullopt;
  Violations violations;
  Members members(json.value(), "", violations);
  const auto created = members.number("CreatedAt", Need::required);
  const auto modified = members.number("ModifiedAt", Need::required);
  const auto* object = members.object("SamplingRule", Need::required);
  if (!violations.none()) return std::nullopt;
  std::optional<SamplingRule> rule;
  if (text_member(*object, "RuleName") == default_rule_name) {
    rule = stored_default(*object);
    if (rule) rule->tags = read_tags(members, Need::optional, violations);
  } else {
    rule = read_new_rule(json.value(), violations);
  }
  if (!violations.none() || !rule) return std::nullopt;
  rule->created_at = *created;
  rule->modified_at = *modified;
  return rule;
}

}  // namespace xrayd::local
