// The client libraries of MySQL and MariaDB.
#pragma once

#include "patching/hook_table.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {

/// Named "mysql": libmariadb.so.3, and libmysqlclient.so of MySQL 8.0 (21) and 8.4 (24).
patching::Client client();

}  // namespace clients::mysql
XRAY_NAMESPACE_END
