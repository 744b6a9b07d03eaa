#include "clients/redis/client.hpp"

#include "clients/redis/async_hooks.hpp"
#include "clients/redis/command_hooks.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace redis {

namespace {

template <template <std::size_t> class... Functions>
patching::Client made_of() {
  patching::Client client = patching::make_client<Functions...>("redis", sonames);
  client.libraries.back().only_with = function_since_1;
  client.libraries.push_back(patching::make_linked_library<linked_before_1, Functions...>());
  return client;
}

}  // namespace

patching::Client client() {
  return made_of<VCommand, Command, CommandArgv, VAppendCommand, AppendCommand, AppendCommandArgv,
                 AppendFormattedCommand, GetReply, GetReplyFromReader, Free, FreeKeepFd, Reconnect,
                 VAsyncCommand, AsyncCommand, AsyncCommandArgv, AsyncFormattedCommand, ReaderCreate,
                 ReaderFree>();
}

}  // namespace redis
}  // namespace clients
XRAY_NAMESPACE_END
