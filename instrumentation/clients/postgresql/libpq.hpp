// What we know of libpq, without its headers: nobody needs them to build this.
#pragma once

#include <cstddef>

#include <xray/config.hpp>

#include "patching/original.hpp"

// libpq's own names, so that these are its very types.
struct pg_conn;    // NOLINT(readability-identifier-naming)
struct pg_result;  // NOLINT(readability-identifier-naming)

XRAY_NAMESPACE_BEGIN
namespace clients::postgresql {

using Connection = ::pg_conn;
using Result = ::pg_result;
using Oid = unsigned int;

/// ExecStatusType.
enum ResultStatus : int {
  result_copy_out = 3,
  result_copy_in = 4,
  result_bad_response = 5,
  result_nonfatal_error = 6,
  result_fatal_error = 7,
  result_copy_both = 8,
  result_single_tuple = 9,
  result_pipeline_sync = 10,
  result_pipeline_aborted = 11,
  result_tuples_chunk = 12,  // since version 17
};

inline constexpr int result_command_ok = 1;
inline constexpr int connection_bad = 1;  // ConnStatusType
inline constexpr int pipeline_off = 0;    // PGpipelineStatus
inline constexpr int field_sqlstate = 'C';
inline constexpr int field_message = 'M';
inline constexpr int field_source_file = 'F';

constexpr bool is_error(int status) noexcept {
  return status == result_bad_response || status == result_nonfatal_error ||
         status == result_fatal_error || status == result_pipeline_aborted;
}

constexpr bool is_copy(int status) noexcept {
  return status == result_copy_out || status == result_copy_in || status == result_copy_both;
}

/// Whether another result of the same statement follows.
constexpr bool is_partial(int status) noexcept {
  return is_copy(status) || status == result_single_tuple || status == result_tuples_chunk;
}

// What wrappers ask the library. Enumerations are ints to us.
#define XRAY_LIBPQ_FUNCTION(Name, function, ...)            \
  template <std::size_t Library>                            \
  struct Name {                                             \
    static constexpr const char* symbol = function;         \
    static inline patching::Original<__VA_ARGS__> original; \
  };
XRAY_LIBPQ_FUNCTION(Host, "PQhost", char*(const Connection*))
XRAY_LIBPQ_FUNCTION(Port, "PQport", char*(const Connection*))
XRAY_LIBPQ_FUNCTION(DatabaseName, "PQdb", char*(const Connection*))
XRAY_LIBPQ_FUNCTION(User, "PQuser", char*(const Connection*))
XRAY_LIBPQ_FUNCTION(ParameterStatus, "PQparameterStatus",
                    const char*(const Connection*, const char*))
XRAY_LIBPQ_FUNCTION(ServerVersion, "PQserverVersion", int(const Connection*))
XRAY_LIBPQ_FUNCTION(LibraryVersion, "PQlibVersion", int())
XRAY_LIBPQ_FUNCTION(BackendPid, "PQbackendPID", int(const Connection*))
XRAY_LIBPQ_FUNCTION(Status, "PQstatus", int(const Connection*))
XRAY_LIBPQ_FUNCTION(ErrorMessage, "PQerrorMessage", char*(const Connection*))
XRAY_LIBPQ_FUNCTION(StatusOfResult, "PQresultStatus", int(const Result*))
XRAY_LIBPQ_FUNCTION(ErrorField, "PQresultErrorField", char*(const Result*, int))
XRAY_LIBPQ_FUNCTION(ErrorOfResult, "PQresultErrorMessage", char*(const Result*))
/// Null before version 14, which has no pipelines.
XRAY_LIBPQ_FUNCTION(PipelineStatus, "PQpipelineStatus", int(const Connection*))
#undef XRAY_LIBPQ_FUNCTION

template <std::size_t Library>
bool is_pipelined(const Connection* connection) {
  int (*const ask)(const Connection*) = PipelineStatus<Library>::original;
  return ask != nullptr && ask(connection) != pipeline_off;
}

}  // namespace clients::postgresql
XRAY_NAMESPACE_END
