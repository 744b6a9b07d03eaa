// SQLite as a client of patch_all().
#pragma once

#include <xray/config.hpp>

#include "patching/hook_table.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::sqlite {

patching::Client client();

}  // namespace clients::sqlite
XRAY_NAMESPACE_END
