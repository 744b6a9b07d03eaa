// The indexing rule in answers.
#pragma once

#include "local/account/account_state.hpp"
#include "local/api/answer.hpp"

namespace xrayd::local::api {

/// An IndexingRule.
inline void write_indexing_rule(JsonWriter& writer, const IndexingRule& rule) {
  constexpr double everything = 100;
  writer.StartObject();
  write_member(writer, "Name", indexing_rule_name);
  write_key(writer, "ModifiedAt");
  writer.Double(rule.modified_at);
  write_key(writer, "Rule");
  writer.StartObject();
  write_key(writer, "Probabilistic");
  writer.StartObject();
  write_key(writer, "DesiredSamplingPercentage");
  writer.Double(rule.percentage);
  // What is asked for, and what is: every trace can be found here.
  write_key(writer, "ActualSamplingPercentage");
  writer.Double(everything);
  writer.EndObject();
  writer.EndObject();
  writer.EndObject();
}

}  // namespace xrayd::local::api
