// Which headers a proxy passes on.
#pragma once

#include <string_view>
#include <vector>

#include "aws/sigv4.hpp"
#include "net/http_client.hpp"

namespace xrayd::forward {

/// A client's headers that go to the service, in their order: not those about the connection, those
/// that the Connection header names, Host and Content-Length (which belong to the new request),
/// cookies (which this daemon gave, with its token in them) and an old signature. Views of
/// `headers`.
[[nodiscard]] std::vector<aws::HeaderView> request_headers_to_pass(
    const std::vector<net::Header>& headers);

/// Takes out of an answer what is about the connection, and Content-Length.
void keep_response_headers_to_pass(std::vector<net::Header>& headers);

}  // namespace xrayd::forward
