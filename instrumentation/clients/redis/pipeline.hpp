// Commands that were appended to a connection and whose replies have not all been fetched.
#pragma once

#include "clients/redis/command.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace redis {

/// Whether there is no pipeline anywhere: a nanosecond.
[[nodiscard]] bool no_pipelines() noexcept;

/// A command was appended: the pipeline goes on, or begins if the call is to be recorded. Functions
/// of one connection are called by one thread at a time, as hiredis has it. They never throw.
void command_appended(const void* context, const Endpoint& endpoint,
                      const CommandName& name) noexcept;

/// A reply came, or none will come any more. The pipeline ends with its last one.
void reply_fetched(const void* context, const Answer& answer) noexcept;

/// The connection is given up, with its replies: the pipeline ends here.
void connection_given_up(const void* context) noexcept;

}  // namespace redis
}  // namespace clients
XRAY_NAMESPACE_END
