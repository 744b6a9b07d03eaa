// Everything that an account keeps on disk besides traces and sampling rules.
#pragma once

#include <string>
#include <string_view>

#include "local/account/groups.hpp"
#include "local/account/resource_policies.hpp"

namespace xrayd::local {

/// How many traces X-Ray indexes. All are indexed here, whatever is asked for.
struct IndexingRule {
  /// Asked for, in percent; X-Ray's own default.
  double percentage = 1;
  /// Seconds since 1970.
  double modified_at = 0;
};

/// The only one there is.
inline constexpr std::string_view indexing_rule_name = "Default";

/// Given back as stored: traces stay here.
inline constexpr std::string_view default_destination = "XRay";

struct AccountState {
  Groups groups;
  ResourcePolicies policies;
  /// The KMS key, as it was given; empty where there is none. Nothing is encrypted here.
  std::string encryption_key;
  IndexingRule indexing_rule;
  std::string destination{default_destination};
};

}  // namespace xrayd::local
