#include "clients/postgresql/client.hpp"

#include "clients/postgresql/async_calls.hpp"
#include "clients/postgresql/connection_calls.hpp"
#include "clients/postgresql/libpq.hpp"
#include "clients/postgresql/sync_calls.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {

patching::Client postgresql_client() {
  using namespace postgresql;
  return patching::make_client<
      Exec, ExecParams, Prepare, ExecPrepared,  //
      SendQuery, SendQueryParams, SendPrepare, SendQueryPrepared, SendDescribePrepared,
      SendDescribePortal, SendClosePrepared, SendClosePortal, GetResult, EndCopy,  //
      EnterPipelineMode, ExitPipelineMode, PipelineSync, SendPipelineSync, Finish, Reset,
      ResetStart,  //
      Host, Port, DatabaseName, User, ParameterStatus, ServerVersion, LibraryVersion, BackendPid,
      Status, ErrorMessage, StatusOfResult, ErrorField, ErrorOfResult, PipelineStatus>(
      "postgresql", {"libpq.so.5"});
}

}  // namespace clients
XRAY_NAMESPACE_END
