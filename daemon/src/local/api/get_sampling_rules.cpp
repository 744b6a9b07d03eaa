#include "local/api/operation.hpp"

namespace xrayd::local::api {

// All rules there can be fit one page, and X-Ray ignores tokens here.
std::string get_sampling_rules(Services& services, const rapidjson::Value& /*request*/) {
  services.sampling.count(SamplingCall::get_rules);
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_key(writer, "SamplingRuleRecords");
  writer.StartArray();
  for (const auto& rule : services.sampling.rules()) write_rule_record(writer, rule);
  writer.EndArray();
  write_key(writer, "NextToken");
  writer.Null();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace xrayd::local::api
