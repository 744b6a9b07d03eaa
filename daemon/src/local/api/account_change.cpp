#include "local/api/account_change.hpp"

namespace xrayd::local::api {

ApiError api_error(const AccountError& error) {
  constexpr int bad_request = 400;
  switch (error.kind()) {
    case AccountError::Kind::not_found:
      return resource_not_found(error.what(), error.resource());
    case AccountError::Kind::policy_revision:
      return {bad_request, "InvalidPolicyRevisionIdException", error.what()};
    case AccountError::Kind::malformed_policy:
      return {bad_request, "MalformedPolicyDocumentException", error.what()};
    case AccountError::Kind::policy_lockout:
      return {bad_request, "LockoutPreventionException", error.what()};
    case AccountError::Kind::policy_size:
      return {bad_request, "PolicySizeLimitExceededException", error.what()};
    case AccountError::Kind::too_many_policies:
      return {bad_request, "PolicyCountLimitExceededException", error.what()};
    case AccountError::Kind::invalid:
      break;
  }
  return invalid_request(error.what());
}

}  // namespace xrayd::local::api
