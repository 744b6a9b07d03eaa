// What every wrapper of hiredis' functions does first.
#pragma once

#include <cstddef>
#include <optional>

#include "clients/call.hpp"
#include "clients/keep_errno.hpp"
#include "clients/redis/connection.hpp"
#include "clients/redis/pipeline.hpp"
#include "patching/depth_guard.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace redis {

struct DepthTag;
using Depth = patching::DepthGuard<DepthTag>;

/// Whether a call must be looked at: one that is recorded, or may be a pipeline's.
inline bool concerns_us(const redisContext* context) noexcept {
  return (tracing() == Tracing::sampled || !no_pipelines()) && context != nullptr;
}

/// Calls `append()`, which gives hiredis' status, and counts the command. `name()` is asked before,
/// as hiredis uses lists of arguments up.
template <std::size_t Library, typename Name, typename Append>
int run_append(redisContext* context, Name&& name, Append&& append) {
  if (!concerns_us(context)) return append();
  const Depth depth;
  if (!depth.is_outermost()) return append();
  const CommandName known = name();
  const int status = append();
  if (status == ok) {
    const KeepErrno keep;
    command_appended(context, Connection<Library>(context).endpoint(), known);
  }
  return status;
}

/// Calls `command()`, which gives the reply, and records it.
template <std::size_t Library, typename Name, typename Send>
void* run_command(redisContext* context, Name&& name, Send&& command) {
  if (!concerns_us(context)) return command();
  const Depth depth;
  if (!depth.is_outermost()) return command();
  const Connection<Library> connection(context);
  const CommandName known = name();
  if (!connection.has(blocking)) {  // it only appends, and gives no reply
    void* const nothing = command();
    const KeepErrno keep;
    if (connection.error() == 0) command_appended(context, connection.endpoint(), known);
    return nothing;
  }
  std::optional<Subsegment> subsegment;
  if (tracing() == Tracing::sampled && !opens_stream(known)) {
    const KeepErrno keep;
    subsegment = begin_command(connection.endpoint(), Lasting::this_call);
    if (subsegment) set_command(*subsegment, known.view());
  }
  void* const reply = command();
  if (subsegment) {
    const KeepErrno keep;
    set_answer(*subsegment, connection.answer(reply));
    subsegment.reset();
  }
  return reply;
}

}  // namespace redis
}  // namespace clients
XRAY_NAMESPACE_END
