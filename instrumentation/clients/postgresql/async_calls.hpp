// Calls that send, and those that fetch what comes of it.
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

/// A command was sent that is not recorded.
template <std::size_t Library>
void note_unrecorded(const Connection* connection) noexcept {
  if (underway().empty()) return;
  const KeepErrno keep;
  try {
    if (is_pipelined<Library>(connection)) {
      enter_in_pipeline(connection, [](Underway& state) { state.sent_unrecorded(); });
    } else {
      give_up(connection);  // the library takes no command before it is done with the one before
    }
  } catch (const std::exception&) {
  }
}

/// The subsegment of a command whose result another call fetches.
template <std::size_t Library>
class SentCall {
 public:
  /// Nothing is recorded in a pipeline that we have not seen from its beginning: we could not tell
  /// whose result comes.
  SentCall(const Connection* connection, const Asked& asked)
      : connection_(connection), is_pipelined_(is_pipelined<Library>(connection)) {
    if (is_pipelined_ && !is_known(connection)) return;
    one_.emplace_back();
    one_.back().kind = Command::Kind::query;
    one_.back().has_one_result =
        is_pipelined_ || asked.kind() == SqlKind::statement || is_one_statement(asked.text());
    one_.back().subsegment = begin<Library>(connection, asked, SqlLasting::longer);
  }

  void finish(bool is_sent) {
    if (one_.empty() || !one_.back().subsegment) {
      if (is_sent) note_unrecorded<Library>(connection_);
    } else if (!is_sent) {
      set_client_error<Library>(*one_.back().subsegment, connection_);
      end_all(one_);
    } else if (is_pipelined_) {
      enter_in_pipeline(connection_, [this](Underway& state) { state.sent(std::move(one_)); });
    } else {
      enter_alone(connection_, BackendPid<Library>::original(connection_), std::move(one_));
    }
  }

 private:
  static bool is_known(const Connection* connection) noexcept {
    const int backend = BackendPid<Library>::original(connection);
    bool is_known = false;
    underway().with(connection, [&](const Underway& state) { is_known = state.is_of(backend); });
    return is_known;
  }

  const Connection* connection_;
  bool is_pipelined_;
  Commands one_;
};

/// `asked()` gives what is asked for, `call()` sends it.
template <std::size_t Library, typename What, typename Call>
int send(Connection* connection, What&& asked, Call&& call) {
  const bool is_sampled = tracing() == Tracing::sampled;
  if (!is_sampled && underway().empty()) return call();
  const patching::DepthGuard<LibpqCalls> guard;
  if (!guard.is_outermost() || connection == nullptr) return call();
  std::optional<SentCall<Library>> recorded;
  if (is_sampled) {
    const KeepErrno keep;
    try {
      recorded.emplace(connection, asked());
    } catch (const std::exception&) {
    }
  }
  const int is_sent = call();
  if (recorded) {
    const KeepErrno keep;
    try {
      recorded->finish(is_sent != 0);
    } catch (const std::exception&) {
    }
  } else if (is_sent != 0) {
    note_unrecorded<Library>(connection);
  }
  return is_sent;
}

/// The same for what is never recorded, but has its turn in a pipeline.
template <std::size_t Library, typename Call>
int send_unrecorded(Connection* connection, Call&& call) {
  if (underway().empty()) return call();
  const patching::DepthGuard<LibpqCalls> guard;
  const int is_sent = call();
  if (guard.is_outermost() && is_sent != 0) note_unrecorded<Library>(connection);
  return is_sent;
}

template <std::size_t Library>
struct SendQuery {
  static constexpr const char* symbol = "PQsendQuery";
  static inline patching::Original<int(Connection*, const char*)> original;
  static int call(Connection* connection, const char* query) {
    return send<Library>(
        connection, [&] { return Asked::query(query); },
        [&] { return original(connection, query); });
  }
};

template <std::size_t Library>
struct SendQueryParams {
  static constexpr const char* symbol = "PQsendQueryParams";
  static inline patching::Original<int(Connection*, const char*, int, const Oid*,
                                       const char* const*, const int*, const int*, int)>
      original;
  static int call(Connection* connection, const char* command, int count, const Oid* types,
                  const char* const* values, const int* lengths, const int* formats,
                  int result_format) {
    return send<Library>(
        connection, [&] { return Asked::query(command); },
        [&] {
          return original(connection, command, count, types, values, lengths, formats,
                          result_format);
        });
  }
};

template <std::size_t Library>
struct SendQueryPrepared {
  static constexpr const char* symbol = "PQsendQueryPrepared";
  static inline patching::Original<int(Connection*, const char*, int, const char* const*,
                                       const int*, const int*, int)>
      original;
  static int call(Connection* connection, const char* name, int count, const char* const* values,
                  const int* lengths, const int* formats, int result_format) {
    return send<Library>(
        connection, [&] { return Asked::statement<Library>(connection, name); },
        [&] { return original(connection, name, count, values, lengths, formats, result_format); });
  }
};

template <std::size_t Library>
struct SendPrepare {
  static constexpr const char* symbol = "PQsendPrepare";
  static inline patching::Original<int(Connection*, const char*, const char*, int, const Oid*)>
      original;
  static int call(Connection* connection, const char* name, const char* query, int count,
                  const Oid* types) {
    const patching::DepthGuard<LibpqCalls> guard;
    const int is_sent = original(connection, name, query, count, types);
    if (guard.is_outermost() && is_sent != 0) {
      note_unrecorded<Library>(connection);
      remember<Library>(connection, name, query);
    }
    return is_sent;
  }
};

template <std::size_t Library, typename Function>
struct SendNamed {
  static inline patching::Original<int(Connection*, const char*)> original;
  static int call(Connection* connection, const char* name) {
    return send_unrecorded<Library>(connection, [&] { return original(connection, name); });
  }
};
template <std::size_t Library>
struct SendDescribePrepared : SendNamed<Library, SendDescribePrepared<Library>> {
  static constexpr const char* symbol = "PQsendDescribePrepared";
};
template <std::size_t Library>
struct SendDescribePortal : SendNamed<Library, SendDescribePortal<Library>> {
  static constexpr const char* symbol = "PQsendDescribePortal";
};
/// Since version 17, as the next.
template <std::size_t Library>
struct SendClosePrepared : SendNamed<Library, SendClosePrepared<Library>> {
  static constexpr const char* symbol = "PQsendClosePrepared";
};
template <std::size_t Library>
struct SendClosePortal : SendNamed<Library, SendClosePortal<Library>> {
  static constexpr const char* symbol = "PQsendClosePortal";
};

/// Ends what a result, or its absence, ends.
template <std::size_t Library>
void note_result(const Connection* connection, const Result* result) {
  const int backend = BackendPid<Library>::original(connection);
  const int status = result != nullptr ? StatusOfResult<Library>::original(result) : 0;
  const bool is_failed = result != nullptr && is_error(status);
  const bool is_lost = is_failed && Status<Library>::original(connection) == connection_bad;
  Commands ended;
  Commands lost;
  bool is_over = false;
  underway().with(connection, [&](Underway& state) {
    if (!state.is_of(backend)) {
      is_over = true;
      return;
    }
    if (result != nullptr) {
      state.answered(status, ended);
    } else {
      state.answered_with_null(ended);
    }
    if (is_lost) state.give_up(lost);
    is_over = state.is_over();
  });
  if (is_over) give_up(connection);
  for (Command& command : ended) {
    if (is_failed && command.subsegment) {
      set_result_error<Library>(*command.subsegment, connection, result);
    }
  }
  for (Command& command : lost) {
    if (command.subsegment) set_client_error<Library>(*command.subsegment, connection);
  }
  end_all(ended);
  end_all(lost);
}

template <std::size_t Library>
struct GetResult {
  static constexpr const char* symbol = "PQgetResult";
  static inline patching::Original<Result*(Connection*)> original;
  static Result* call(Connection* connection) {
    if (underway().empty()) return original(connection);
    const patching::DepthGuard<LibpqCalls> guard;
    Result* const result = original(connection);
    if (guard.is_outermost()) {
      const KeepErrno keep;
      try {
        note_result<Library>(connection, result);
      } catch (const std::exception&) {
      }
    }
    return result;
  }
};

/// The old way to the end of a copy: it fetches the result by itself.
template <std::size_t Library>
struct EndCopy {
  static constexpr const char* symbol = "PQendcopy";
  static inline patching::Original<int(Connection*)> original;
  static int call(Connection* connection) {
    if (underway().empty()) return original(connection);
    const patching::DepthGuard<LibpqCalls> guard;
    const int is_failed = original(connection);
    if (guard.is_outermost()) {
      const KeepErrno keep;
      std::optional<Underway> known = underway().take(connection);
      if (!known) return is_failed;
      Commands ended;
      known->give_up(ended);
      for (Command& command : ended) {
        if (is_failed != 0 && command.subsegment) {
          set_client_error<Library>(*command.subsegment, connection);
        }
      }
      end_all(ended);
    }
    return is_failed;
  }
};

}  // namespace clients::postgresql
XRAY_NAMESPACE_END
