// A request's header as it goes over the wire.
#pragma once

#include <optional>
#include <string>

#include "aws/endpoints.hpp"
#include "net/http_client.hpp"
#include "net/proxy_url.hpp"

namespace xrayd::net {

/// All but the body. `proxy`, unless null, gets the whole URL as target. Nothing if a part has
/// characters that would break out of it.
[[nodiscard]] std::optional<std::string> request_header(const aws::Endpoint& endpoint,
                                                        const HttpRequest& request,
                                                        const ProxyUrl* proxy);

/// What asks a proxy for a connection to `endpoint`.
[[nodiscard]] std::string connect_request(const aws::Endpoint& endpoint, const ProxyUrl& proxy);

}  // namespace xrayd::net
