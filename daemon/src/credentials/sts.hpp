// The service that gives credentials of a role for other credentials or for a token.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "aws/secret.hpp"
#include "credentials/environment.hpp"
#include "credentials/provider.hpp"

namespace xrayd::credentials {

/// Where STS is and what time it is. Copied freely.
struct StsSettings {
  Environment environment;
  WallClock clock;
  std::string region;
  bool fips = false;
  bool dual_stack = false;
  /// `sts_regional_endpoints = legacy` of a profile; AWS_STS_REGIONAL_ENDPOINTS comes before it.
  bool legacy = false;
};

struct RoleRequest {
  std::string arn;
  std::string session_name;
  /// Empty: none.
  std::string external_id = {};
  /// Nothing: what STS thinks right, an hour.
  std::optional<std::chrono::seconds> duration = std::nullopt;
};

/// How sessions are called that have no name of their own.
inline constexpr std::string_view default_session_name = "xray-daemon";

/// AssumeRole, signed with `source`. `origin` is the lease's. A clock that is wrong here is
/// corrected by the answer's Date, once.
[[nodiscard]] Answer assume_role(const StsSettings& settings, const aws::Credentials& source,
                                 const RoleRequest& request, const std::string& origin,
                                 Inquiry& inquiry);

/// AssumeRoleWithWebIdentity: the token is proof enough, nothing is signed.
[[nodiscard]] Answer assume_role_with_web_identity(const StsSettings& settings,
                                                   const aws::Secret& token,
                                                   const RoleRequest& request,
                                                   const std::string& origin, Inquiry& inquiry);

/// The token of a file, read anew, and the role for it.
[[nodiscard]] Answer take_web_identity(const StsSettings& settings, const std::string& token_file,
                                       const RoleRequest& request, const std::string& origin,
                                       Inquiry& inquiry);

}  // namespace xrayd::credentials
