// The members of a segment or subsegment that compiling looks at, found in one pass over them all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "local/json/json.hpp"

namespace xrayd::local {

/// By length of their names.
enum class EntityMember : std::uint8_t {
  id,
  aws,
  sql,
  name,
  http,
  user,
  error,
  fault,
  cause,
  links,
  origin,
  end_time,
  throttle,
  inferred,
  name_space,
  start_time,
  annotations,
  subsegments,
  resource_arn,
};

inline constexpr std::size_t entity_member_count = 19;

/// Points into the JSON that it was made of. Of several members of one name the first counts, and
/// JSON's null counts as absent, as it does for member().
class EntityMembers {
 public:
  EntityMembers() = default;
  /// What is no object has no members.
  explicit EntityMembers(const rapidjson::Value& entity);

  /// Null where there is none.
  [[nodiscard]] const rapidjson::Value* operator[](EntityMember which) const noexcept {
    return values_[static_cast<std::size_t>(which)];
  }
  /// Empty where there is no text.
  [[nodiscard]] std::string_view text(EntityMember which) const noexcept;
  [[nodiscard]] std::optional<double> number(EntityMember which) const noexcept;
  /// True only if the member is JSON's true.
  [[nodiscard]] bool flag(EntityMember which) const noexcept;

 private:
  std::array<const rapidjson::Value*, entity_member_count> values_{};
};

}  // namespace xrayd::local
