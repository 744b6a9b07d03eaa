#pragma once

#include <functional>
#include <string>
#include <xray/xray.hpp>

#include "http_server.hpp"

namespace shop {

/// What a service does for a request, inside the segment that records it.
using Route = std::function<Response(const Request&, xray::Segment&)>;

/// Makes the handler that records one segment a request: it goes on with the caller's trace, or
/// begins one; a route that throws is answered with 500 and its exception recorded.
Handler traced(std::string service, Route route);

}  // namespace shop
