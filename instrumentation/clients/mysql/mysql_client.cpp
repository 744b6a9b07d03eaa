#include "clients/mysql/mysql_client.hpp"

#include "clients/mysql/connecting.hpp"
#include "clients/mysql/nonblocking_queries.hpp"
#include "clients/mysql/prepared_statements.hpp"
#include "clients/mysql/queries.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {

patching::Client client() {
  return patching::make_client<
      // wrapped
      Query, RealQuery, Commit, Rollback, SendQuery, ReadQueryResult, NextResult, QueryStart,
      QueryCont, RealQueryStart, RealQueryCont, CommitStart, CommitCont, RollbackStart,
      RollbackCont, SendQueryStart, SendQueryCont, ReadQueryResultStart, ReadQueryResultCont,
      NextResultStart, NextResultCont, StatementInit, StatementPrepare, StatementExecute,
      StatementExecuteDirect, StatementPrepareStart, StatementPrepareCont, StatementExecuteStart,
      StatementExecuteCont, StatementClose, StatementCloseStart, RealConnect, SelectDatabase,
      ChangeUser, Close, CloseStart,
      // called by wrappers
      GetInfo, EscapeQuote, ServerInfo, ClientInfo, CharacterSet, MoreResults, Errno, Error,
      SqlState, StatementErrno, StatementError, StatementSqlState>(
      "mysql", {"libmariadb.so.3", "libmysqlclient.so.21", "libmysqlclient.so.24"});
}

}  // namespace clients::mysql
XRAY_NAMESPACE_END
