// The subsegment of a command, or of a pipeline of them.
#pragma once

#include <optional>
#include <string_view>

#include <xray/subsegment.hpp>

#include "clients/redis/command_name.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace redis {

/// Where a connection goes, as hiredis was told. Empty where it was given a descriptor.
struct Endpoint {
  std::string_view host;
  int port = 0;
  std::string_view socket_path;
};

/// What came back.
struct Answer {
  enum class Kind : unsigned char {
    reply,
    refusal,  ///< an error reply
    none,     ///< the connection was lost, or closed before there was a reply
    unsent,   ///< hiredis did not take the command
  };
  Kind kind = Kind::reply;
  CommandName refusal;       ///< "WRONGTYPE"
  int connection_error = 0;  ///< hiredis' number
};

enum class Lasting : unsigned char { this_call, longer };

/// Begins the remote subsegment, named `redis@host`. None where nothing is recorded. Never throws.
[[nodiscard]] std::optional<Subsegment> begin_command(const Endpoint& endpoint,
                                                      Lasting lasting) noexcept;

/// Says which command it is.
void set_command(Subsegment& subsegment, std::string_view name) noexcept;

/// Marks what went wrong. Redis' messages repeat users' keys and values: only their first word is
/// recorded. Refusals that are the server's doing are faults, others errors; where a cluster sends
/// the client to another node is neither.
void set_answer(Subsegment& subsegment, const Answer& answer) noexcept;

}  // namespace redis
}  // namespace clients
XRAY_NAMESPACE_END
