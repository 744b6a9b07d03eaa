// Resource policies in requests and answers.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "ascii.hpp"
#include "local/account/resource_policies.hpp"
#include "local/api/answer.hpp"
#include "local/json/members.hpp"

namespace xrayd::local::api {

[[nodiscard]] inline bool is_policy_name(std::string_view text) {
  constexpr std::string_view others = "_+=,.@-";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

/// The member PolicyName.
[[nodiscard]] inline std::optional<std::string> read_policy_name(Members& members) {
  return members.text("PolicyName", Need::required, {1, 128}, {"[\\w+=,.@-]+", is_policy_name});
}

inline void write_policy(JsonWriter& writer, const ResourcePolicy& policy) {
  writer.StartObject();
  write_member(writer, "PolicyName", policy.name);
  write_member(writer, "PolicyDocument", policy.document);
  write_member(writer, "PolicyRevisionId", policy.revision_id());
  write_key(writer, "LastUpdatedTime");
  writer.Double(policy.updated_at);
  writer.EndObject();
}

}  // namespace xrayd::local::api
