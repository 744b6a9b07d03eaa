// Groups in requests and answers.
#pragma once

#include <string>

#include "local/account/groups.hpp"
#include "local/json/json.hpp"
#include "local/json/members.hpp"

namespace xrayd::local::api {

/// Of a name, as the service model has it.
inline constexpr Lengths group_name_lengths{1, 32};

/// The members GroupName and GroupARN.
[[nodiscard]] GroupKey read_group_key(Members& members);

/// The rest of an update: FilterExpression and InsightsConfiguration.
[[nodiscard]] GroupChange read_group_change(Members& members, Violations& violations);

/// A Group or GroupSummary.
void write_group(JsonWriter& writer, const Group& group);

/// `{"Group":...}`
[[nodiscard]] std::string group_answer(const Group& group);

}  // namespace xrayd::local::api
