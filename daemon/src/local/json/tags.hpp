// Tags of groups and sampling rules.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "local/json/json.hpp"
#include "local/json/members.hpp"

namespace xrayd::local {

using Tags = std::map<std::string, std::string>;

inline constexpr std::size_t max_tags_of_resource = 50;

/// The member `Tags`: none where it is absent. Of two with the same key the last one counts.
[[nodiscard]] Tags read_tags(Members& members, Need need, Violations& violations);

/// Why a resource can't have these, in a sentence for the caller; empty if it can. Keys and values
/// are letters, digits, spaces and `_.:/=+-@`; keys don't begin with `aws:`.
[[nodiscard]] std::string tags_fault(const Tags& tags);

/// A list of Key and Value.
void write_tags(JsonWriter& writer, const Tags& tags);

}  // namespace xrayd::local
