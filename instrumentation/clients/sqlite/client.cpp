#include "clients/sqlite/client.hpp"

#include "clients/sqlite/companions.hpp"
#include "clients/sqlite/wrappers.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::sqlite {

patching::Client client() {
  return patching::make_client<Step, Reset, Finalize, Exec, GetTable, Prepare, PrepareV2, PrepareV3,
                               Prepare16, Prepare16V2, Prepare16V3, DbHandle, Sql, StmtBusy,
                               DbFilename, DbMutex, MutexEnter, MutexLeave, Errmsg, Errstr,
                               ExtendedErrcode, Libversion>("sqlite3", {"libsqlite3.so.0"});
}

}  // namespace clients::sqlite
XRAY_NAMESPACE_END
