// Operations of services whose requests name them by method and path.
#pragma once

#include <string_view>

#include "recognised_call.hpp"
#include "url.hpp"

namespace xray::instrumentation {

/// Finds the operation of a request by a table of the most used REST services (S3 has its own
/// reader), and sets it and the parameters that are in the path. Smithy's RPC paths
/// (`/service/<service>/operation/<operation>`) need no table. False: not known.
bool read_rest_operation(std::string_view service, std::string_view method, const UrlParts& url,
                         RecognisedCall& call) noexcept;

}  // namespace xray::instrumentation
