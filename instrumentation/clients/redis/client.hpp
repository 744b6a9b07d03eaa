// Redis, by way of hiredis.
#pragma once

#include "patching/hook_table.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace redis {

/// The client "redis". Commands become subsegments named `redis@host`; of a command nothing but its
/// name is recorded. Connecting is not recorded.
patching::Client client();

}  // namespace redis
}  // namespace clients
XRAY_NAMESPACE_END
