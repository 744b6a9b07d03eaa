// The list of all clients.
#pragma once

#include <vector>

#include "patching/hook_table.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {

/// What patch_all() patches: each client has its folder here, and is in this list.
std::vector<patching::Client> known_clients();

}  // namespace clients
XRAY_NAMESPACE_END
