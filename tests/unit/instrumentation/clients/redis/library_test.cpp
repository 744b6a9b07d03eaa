// What we say of hiredis against its own headers.
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <type_traits>

#include "clients/redis/async_hooks.hpp"
#include "clients/redis/client.hpp"
#include "clients/redis/command_hooks.hpp"

namespace {

using namespace xray::clients::redis;  // NOLINT(google-build-using-namespace)

#if HIREDIS_MAJOR == 0
constexpr std::size_t library = 1;
#else
constexpr std::size_t library = first_library_since_1;
#endif
using Layout = LayoutOf<library>;

template <typename Function>
constexpr bool agrees(Function* /*theirs*/, const xray::patching::Original<Function>& /*ours*/,
                      Function* /*wrapper*/) {
  return true;
}

#define EXPECT_AGREES(function, Hook)                                                 \
  static_assert(std::is_same_v<decltype(&function), decltype(&Hook<library>::call)>); \
  EXPECT_TRUE(agrees(&function, Hook<library>::original, &Hook<library>::call));      \
  EXPECT_EQ(std::string(Hook<library>::symbol), #function)

TEST(Library, functions_have_the_types_of_hiredis_own) {
  EXPECT_AGREES(redisvCommand, VCommand);
  EXPECT_AGREES(redisCommand, Command);
  EXPECT_AGREES(redisCommandArgv, CommandArgv);
  EXPECT_AGREES(redisvAppendCommand, VAppendCommand);
  EXPECT_AGREES(redisAppendCommand, AppendCommand);
  EXPECT_AGREES(redisAppendCommandArgv, AppendCommandArgv);
  EXPECT_AGREES(redisAppendFormattedCommand, AppendFormattedCommand);
  EXPECT_AGREES(redisGetReply, GetReply);
  EXPECT_AGREES(redisFree, Free);
  EXPECT_AGREES(redisReconnect, Reconnect);
  EXPECT_AGREES(redisvAsyncCommand, VAsyncCommand);
  EXPECT_AGREES(redisAsyncCommand, AsyncCommand);
  EXPECT_AGREES(redisAsyncCommandArgv, AsyncCommandArgv);
  EXPECT_AGREES(redisAsyncFormattedCommand, AsyncFormattedCommand);
  // redisFD is an int.
  static_assert(std::is_same_v<decltype(&redisFreeKeepFd), decltype(&FreeKeepFd<library>::call)>);
}

TEST(Library, what_is_read_of_a_context_is_where_hiredis_has_it) {
  using Ours = Layout::Context;
  static_assert(offsetof(Ours, error) == offsetof(redisContext, err));
  static_assert(offsetof(Ours, flags) == offsetof(redisContext, flags));
  static_assert(offsetof(Ours, reader) == offsetof(redisContext, reader));
  static_assert(offsetof(Ours, connection_type) == offsetof(redisContext, connection_type));
  static_assert(offsetof(Ours, tcp.host) == offsetof(redisContext, tcp.host));
  static_assert(offsetof(Ours, tcp.port) == offsetof(redisContext, tcp.port));
  static_assert(offsetof(Ours, socket.path) == offsetof(redisContext, unix_sock.path));
  static_assert(offsetof(redisAsyncContext, c) == 0);
}

TEST(Library, what_is_read_of_readers_and_replies_is_where_hiredis_has_it) {
  static_assert(offsetof(Layout::Reader, functions) == offsetof(redisReader, fn));
  static_assert(offsetof(Layout::Reply, type) == offsetof(redisReply, type));
  static_assert(offsetof(Layout::Reply, text) == offsetof(redisReply, str));
}

TEST(Library, constants_are_those_of_hiredis) {
  static_assert(ok == REDIS_OK);
  static_assert(reply_is_error == REDIS_REPLY_ERROR);
  static_assert(connection_by_tcp == REDIS_CONN_TCP);
  static_assert(connection_by_socket == REDIS_CONN_UNIX);
  static_assert(blocking == REDIS_BLOCK);
  static_assert(being_freed == REDIS_FREEING);
  static_assert(subscribed == REDIS_SUBSCRIBED);
  static_assert(monitoring == REDIS_MONITORING);
#ifdef REDIS_NO_AUTO_FREE_REPLIES
  static_assert(replies_are_the_users == REDIS_NO_AUTO_FREE_REPLIES);
#endif
}

}  // namespace
