// Whose the store is: its account, and the names of resources: ARNs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xrayd::local {

/// The account of services whose documents name none: what is answered, and what filters ask for.
inline constexpr std::string_view store_account = "000000000000";

/// The store belongs to no account and no region; those who parse ARNs want to see some.
inline constexpr std::string_view arn_prefix = "arn:aws:xray:us-east-1:000000000000:";

/// `<prefix><kind>/<name>`; `kind` is `group` or `sampling-rule`.
[[nodiscard]] inline std::string arn_of(std::string_view kind, std::string_view name) {
  std::string arn(arn_prefix);
  arn.append(kind).append("/").append(name);
  return arn;
}

/// What follows `<prefix><kind>/`, a view into `arn`; nothing if it begins otherwise.
[[nodiscard]] inline std::optional<std::string_view> resource_named(std::string_view arn,
                                                                    std::string_view kind) {
  if (!arn.starts_with(arn_prefix)) return std::nullopt;
  arn.remove_prefix(arn_prefix.size());
  if (!arn.starts_with(kind)) return std::nullopt;
  arn.remove_prefix(kind.size());
  if (!arn.starts_with('/')) return std::nullopt;
  return arn.substr(1);
}

}  // namespace xrayd::local
