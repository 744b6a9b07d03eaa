// Calls that change what a connection is.
#pragma once

#include <cstddef>
#include <exception>

#include <xray/config.hpp>

#include "clients/keep_errno.hpp"
#include "clients/postgresql/async_calls.hpp"
#include "clients/postgresql/libpq.hpp"
#include "clients/postgresql/prepared_statements.hpp"
#include "clients/postgresql/recording.hpp"
#include "clients/postgresql/underway.hpp"
#include "patching/depth_guard.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::postgresql {

/// From here on every command is known: its results come in the order of sending.
template <std::size_t Library>
struct EnterPipelineMode {
  static constexpr const char* symbol = "PQenterPipelineMode";
  static inline patching::Original<int(Connection*)> original;
  static int call(Connection* connection) {
    const bool was_pipelined = is_pipelined<Library>(connection);
    const int is_done = original(connection);
    if (is_done == 0 || was_pipelined) return is_done;
    const KeepErrno keep;
    try {
      give_up(connection);
      underway().put(connection, Underway(BackendPid<Library>::original(connection), true));
    } catch (const std::exception&) {  // this pipeline is not recorded
    }
    return is_done;
  }
};

template <std::size_t Library>
struct ExitPipelineMode {
  static constexpr const char* symbol = "PQexitPipelineMode";
  static inline patching::Original<int(Connection*)> original;
  static int call(Connection* connection) {
    const int is_done = original(connection);
    if (is_done == 0) return is_done;
    const KeepErrno keep;
    give_up(connection);
    return is_done;
  }
};

template <std::size_t Library, typename Function>
struct Sync {
  static inline patching::Original<int(Connection*)> original;
  static int call(Connection* connection) {
    const int is_sent = original(connection);
    if (is_sent == 0 || underway().empty()) return is_sent;
    const KeepErrno keep;
    try {
      enter_in_pipeline(connection, [](Underway& state) { state.sent_sync(); });
    } catch (const std::exception&) {
    }
    return is_sent;
  }
};
template <std::size_t Library>
struct PipelineSync : Sync<Library, PipelineSync<Library>> {
  static constexpr const char* symbol = "PQpipelineSync";
};
/// Since version 17.
template <std::size_t Library>
struct SendPipelineSync : Sync<Library, SendPipelineSync<Library>> {
  static constexpr const char* symbol = "PQsendPipelineSync";
};

/// Before the connection's address may be another's, or its server's process another one.
inline void forget(const void* connection) noexcept {
  const KeepErrno keep;
  give_up(connection);
  forget_statements(connection);
}

template <std::size_t Library>
struct Finish {
  static constexpr const char* symbol = "PQfinish";
  static inline patching::Original<void(Connection*)> original;
  static void call(Connection* connection) {
    forget(connection);
    original(connection);
  }
};

template <std::size_t Library>
struct Reset {
  static constexpr const char* symbol = "PQreset";
  static inline patching::Original<void(Connection*)> original;
  static void call(Connection* connection) {
    forget(connection);
    original(connection);
  }
};

template <std::size_t Library>
struct ResetStart {
  static constexpr const char* symbol = "PQresetStart";
  static inline patching::Original<int(Connection*)> original;
  static int call(Connection* connection) {
    forget(connection);
    return original(connection);
  }
};

}  // namespace clients::postgresql
XRAY_NAMESPACE_END
