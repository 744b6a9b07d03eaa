// Names of AWS services.
#pragma once

#include <string_view>

#include "url.hpp"

namespace xray::instrumentation {

/// The name that AWS's SDKs have for the service behind a signing name ("DynamoDB" for `dynamodb`).
/// Services that share one are told apart by the target (`X-Amz-Target`) or URL. A service that is
/// not in the table keeps its signing name.
std::string_view service_name(std::string_view signing_name, std::string_view target,
                              const UrlParts& url) noexcept;

/// Whether a signed request goes to what somebody built behind one of AWS's front doors (an API of
/// API Gateway, a function's URL, a GraphQL API, VPC Lattice): a call like any other to a host.
bool is_somebodys_own(std::string_view signing_name, const UrlParts& url) noexcept;

}  // namespace xray::instrumentation
