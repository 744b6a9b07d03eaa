// What is declared of libpq without its header is what its header says.
#include "clients/postgresql/libpq.hpp"

#include <libpq-fe.h>

#include <gtest/gtest.h>

#include <cstddef>
#include <tuple>
#include <type_traits>

#include "clients/postgresql/async_calls.hpp"
#include "clients/postgresql/connection_calls.hpp"
#include "clients/postgresql/sync_calls.hpp"

namespace {

using namespace xray::clients::postgresql;

/// Enumerations are ints to us.
template <typename Type>
struct AsInt {
  using Is = Type;
};
template <typename Type>
requires std::is_enum_v<Type>
struct AsInt<Type> {
  using Is = int;
};

template <typename Function>
struct Prototype;
template <typename Return, typename... Arguments>
struct Prototype<Return (*)(Arguments...)> {
  using Is = typename AsInt<Return>::Is(typename AsInt<Arguments>::Is...);
};

template <typename Function>
Function* function_of(const xray::patching::Original<Function>&);

template <template <std::size_t> class Declared, typename Real>
constexpr bool agrees =
    std::is_same_v<decltype(function_of(Declared<0>::original)), typename Prototype<Real>::Is*>;

/// What wraps a function is one of the same type.
template <template <std::size_t> class Wrapper, typename Real>
constexpr bool wraps =
    agrees<Wrapper, Real>&& std::is_same_v<typename Prototype<decltype(&Wrapper<0>::call)>::Is,
                                           typename Prototype<Real>::Is>;

static_assert(agrees<Host, decltype(&PQhost)>);
static_assert(agrees<Port, decltype(&PQport)>);
static_assert(agrees<DatabaseName, decltype(&PQdb)>);
static_assert(agrees<User, decltype(&PQuser)>);
static_assert(agrees<ParameterStatus, decltype(&PQparameterStatus)>);
static_assert(agrees<ServerVersion, decltype(&PQserverVersion)>);
static_assert(agrees<LibraryVersion, decltype(&PQlibVersion)>);
static_assert(agrees<BackendPid, decltype(&PQbackendPID)>);
static_assert(agrees<Status, decltype(&PQstatus)>);
static_assert(agrees<ErrorMessage, decltype(&PQerrorMessage)>);
static_assert(agrees<StatusOfResult, decltype(&PQresultStatus)>);
static_assert(agrees<ErrorField, decltype(&PQresultErrorField)>);
static_assert(agrees<ErrorOfResult, decltype(&PQresultErrorMessage)>);
static_assert(agrees<PipelineStatus, decltype(&PQpipelineStatus)>);

static_assert(wraps<Exec, decltype(&PQexec)>);
static_assert(wraps<ExecParams, decltype(&PQexecParams)>);
static_assert(wraps<ExecPrepared, decltype(&PQexecPrepared)>);
static_assert(wraps<Prepare, decltype(&PQprepare)>);
static_assert(wraps<SendQuery, decltype(&PQsendQuery)>);
static_assert(wraps<SendQueryParams, decltype(&PQsendQueryParams)>);
static_assert(wraps<SendQueryPrepared, decltype(&PQsendQueryPrepared)>);
static_assert(wraps<SendPrepare, decltype(&PQsendPrepare)>);
static_assert(wraps<SendDescribePrepared, decltype(&PQsendDescribePrepared)>);
static_assert(wraps<SendDescribePortal, decltype(&PQsendDescribePortal)>);
static_assert(wraps<GetResult, decltype(&PQgetResult)>);
static_assert(wraps<EndCopy, decltype(&PQendcopy)>);
static_assert(wraps<EnterPipelineMode, decltype(&PQenterPipelineMode)>);
static_assert(wraps<ExitPipelineMode, decltype(&PQexitPipelineMode)>);
static_assert(wraps<PipelineSync, decltype(&PQpipelineSync)>);
static_assert(wraps<Finish, decltype(&PQfinish)>);
static_assert(wraps<Reset, decltype(&PQreset)>);
static_assert(wraps<ResetStart, decltype(&PQresetStart)>);

static_assert(result_command_ok == int{PGRES_COMMAND_OK});
static_assert(result_copy_out == int{PGRES_COPY_OUT});
static_assert(result_copy_in == int{PGRES_COPY_IN});
static_assert(result_bad_response == int{PGRES_BAD_RESPONSE});
static_assert(result_nonfatal_error == int{PGRES_NONFATAL_ERROR});
static_assert(result_fatal_error == int{PGRES_FATAL_ERROR});
static_assert(result_copy_both == int{PGRES_COPY_BOTH});
static_assert(result_single_tuple == int{PGRES_SINGLE_TUPLE});
static_assert(result_pipeline_sync == int{PGRES_PIPELINE_SYNC});
static_assert(result_pipeline_aborted == int{PGRES_PIPELINE_ABORTED});
static_assert(connection_bad == int{CONNECTION_BAD});
static_assert(pipeline_off == int{PQ_PIPELINE_OFF});
static_assert(field_sqlstate == PG_DIAG_SQLSTATE);
static_assert(field_message == PG_DIAG_MESSAGE_PRIMARY);
static_assert(field_source_file == PG_DIAG_SOURCE_FILE);
static_assert(std::is_same_v<xray::clients::postgresql::Oid, ::Oid>);

}  // namespace

TEST(Libpq, results_are_told_apart) {
  for (const int status : {PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_PIPELINE_ABORTED}) {
    EXPECT_TRUE(is_error(status));
    EXPECT_FALSE(is_partial(status));
  }
  for (const int status : {PGRES_SINGLE_TUPLE, PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH}) {
    EXPECT_FALSE(is_error(status));
    EXPECT_TRUE(is_partial(status));
  }
  for (const int status : {PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY}) {
    EXPECT_FALSE(is_error(status));
    EXPECT_FALSE(is_partial(status));
  }
}
