// PostgreSQL's client library.
#pragma once

#include "patching/hook_table.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {

/// "postgresql": libpq.so.5, whose header is not needed. A subsegment an execution, synchronous or
/// not, from sending to its last result; connecting and preparing are not recorded.
patching::Client postgresql_client();

}  // namespace clients
XRAY_NAMESPACE_END
