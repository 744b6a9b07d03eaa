// libcurl: easy and multi interface, in every TLS flavour that Debian has.
#pragma once

#include "patching/hook_table.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {

/// The client that users name "curl".
patching::Client client();

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
