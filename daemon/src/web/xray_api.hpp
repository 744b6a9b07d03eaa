// The X-Ray API over HTTP: every operation is a POST of JSON to a path of its own.
#pragma once

#include "local/backend.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace xrayd::web {

/// Calls the backend for a path that it answers. Another path gets 404: in JSON, as AWS clients
/// expect, if it was posted to; in plain text otherwise. Blocks as Backend::call() does.
[[nodiscard]] Response xray_api(const Request& request, local::Backend& backend);

}  // namespace xrayd::web
