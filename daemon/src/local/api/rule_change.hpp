// What the three operations that change sampling rules have in common.
#pragma once

#include <string>
#include <utility>

#include "local/api/operation.hpp"

namespace xrayd::local::api {

/// Calls `change`, which gives a rule; answers its record.
template <typename Change>
std::string changed_rule(const Change& change) {
  try {
    const SamplingRule rule = change();
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    write_key(writer, "SamplingRuleRecord");
    write_rule_record(writer, rule);
    writer.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
  } catch (const SamplingRuleError& error) {
    if (error.kind() == SamplingRuleError::Kind::too_many) throw too_many_rules(error.what());
    throw invalid_request(error.what());
  } catch (const SqliteError& error) {
    throw internal_failure(std::string("The rule was not stored: ") + error.cause());
  }
}

}  // namespace xrayd::local::api
