// Calls that return with their result.
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include <xray/config.hpp>

#include "clients/call.hpp"
#include "clients/keep_errno.hpp"
#include "clients/postgresql/libpq.hpp"
#include "clients/postgresql/recording.hpp"
#include "clients/postgresql/statement_text.hpp"
#include "clients/postgresql/underway.hpp"
#include "patching/depth_guard.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::postgresql {

/// The library throws away what was underway before it executes something else; in pipeline mode it
/// refuses to.
template <std::size_t Library>
void give_up_results(const Connection* connection) {
  if (!underway().empty() && !is_pipelined<Library>(connection)) give_up(connection);
}

/// The subsegment of a call whose result tells when it is over.
template <std::size_t Library>
class SyncCall {
 public:
  SyncCall(const Connection* connection, const Asked& asked)
      : connection_(connection),
        lasts_(begins_with_copy(asked.text())),
        has_one_result_(asked.kind() == SqlKind::statement || is_one_statement(asked.text())),
        subsegment_(begin<Library>(connection, asked,
                                   lasts_ ? SqlLasting::longer : SqlLasting::this_call)) {}

  void finish(const Result* result) {
    if (!subsegment_) return;
    if (result == nullptr) {
      set_client_error<Library>(*subsegment_, connection_);
    } else {
      const int status = StatusOfResult<Library>::original(result);
      if (lasts_ && is_copy(status)) {
        leave_open();
        return;
      }
      if (is_error(status)) set_result_error<Library>(*subsegment_, connection_, result);
    }
    subsegment_->end();
  }

 private:
  /// What is copied comes and goes by other calls, and then there is another result.
  void leave_open() {
    Commands one;
    one.emplace_back();
    one.back().kind = Command::Kind::query;
    one.back().has_one_result = has_one_result_;
    one.back().subsegment = std::move(subsegment_);
    enter_alone(connection_, BackendPid<Library>::original(connection_), std::move(one));
  }

  const Connection* connection_;
  bool lasts_;
  bool has_one_result_;
  std::optional<Subsegment> subsegment_;
};

/// `asked()` gives what is asked for, `call()` does it.
template <std::size_t Library, typename What, typename Call>
Result* call_at_once(Connection* connection, What&& asked, Call&& call) {
  const bool is_sampled = tracing() == Tracing::sampled;
  if (!is_sampled && underway().empty()) return call();
  const patching::DepthGuard<LibpqCalls> guard;
  if (!guard.is_outermost() || connection == nullptr) return call();
  std::optional<SyncCall<Library>> recorded;
  try {
    const KeepErrno keep;
    give_up_results<Library>(connection);
    if (is_sampled) recorded.emplace(connection, asked());
  } catch (const std::exception&) {
  }
  Result* const result = call();
  try {
    const KeepErrno keep;
    if (recorded) recorded->finish(result);
  } catch (const std::exception&) {
  }
  return result;
}

template <std::size_t Library>
struct Exec {
  static constexpr const char* symbol = "PQexec";
  static inline patching::Original<Result*(Connection*, const char*)> original;
  static Result* call(Connection* connection, const char* query) {
    return call_at_once<Library>(
        connection, [&] { return Asked::query(query); },
        [&] { return original(connection, query); });
  }
};

template <std::size_t Library>
struct ExecParams {
  static constexpr const char* symbol = "PQexecParams";
  static inline patching::Original<Result*(Connection*, const char*, int, const Oid*,
                                           const char* const*, const int*, const int*, int)>
      original;
  static Result* call(Connection* connection, const char* command, int count, const Oid* types,
                      const char* const* values, const int* lengths, const int* formats,
                      int result_format) {
    return call_at_once<Library>(
        connection, [&] { return Asked::query(command); },
        [&] {
          return original(connection, command, count, types, values, lengths, formats,
                          result_format);
        });
  }
};

template <std::size_t Library>
struct ExecPrepared {
  static constexpr const char* symbol = "PQexecPrepared";
  static inline patching::Original<Result*(Connection*, const char*, int, const char* const*,
                                           const int*, const int*, int)>
      original;
  static Result* call(Connection* connection, const char* name, int count,
                      const char* const* values, const int* lengths, const int* formats,
                      int result_format) {
    return call_at_once<Library>(
        connection, [&] { return Asked::statement<Library>(connection, name); },
        [&] { return original(connection, name, count, values, lengths, formats, result_format); });
  }
};

/// Not recorded: what is executed is. Its text is kept, whether anything is traced or not.
template <std::size_t Library>
struct Prepare {
  static constexpr const char* symbol = "PQprepare";
  static inline patching::Original<Result*(Connection*, const char*, const char*, int, const Oid*)>
      original;
  static Result* call(Connection* connection, const char* name, const char* query, int count,
                      const Oid* types) {
    const patching::DepthGuard<LibpqCalls> guard;
    if (guard.is_outermost() && connection != nullptr) {
      const KeepErrno keep;
      give_up_results<Library>(connection);
    }
    Result* const result = original(connection, name, query, count, types);
    if (guard.is_outermost() && StatusOfResult<Library>::original(result) == result_command_ok) {
      remember<Library>(connection, name, query);
    }
    return result;
  }
};

}  // namespace clients::postgresql
XRAY_NAMESPACE_END
