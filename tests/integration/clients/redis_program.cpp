// A program that uses Redis in every way hiredis knows. Its own tracing: patch_all() and a segment.
//
//     redis_program PORT SOCKET
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include <xray/patch.hpp>
#include <xray/xray.hpp>

#include "support/poll_loop.hpp"

namespace {

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::exit(1);
}

Context connected(redisContext* context) {
  require(context != nullptr && context->err == 0, "no connection");
  return Context(context);
}

/// The reply's text, freed.
std::string text_of(void* reply) {
  require(reply != nullptr, "no reply");
  auto* const known = static_cast<redisReply*>(reply);
  std::string text =
      known->str != nullptr ? std::string(known->str, known->len) : std::to_string(known->integer);
  freeReplyObject(reply);
  return text;
}

void use_synchronously(redisContext* redis) {
  require(text_of(redisCommand(redis, "SET %s %s", "secret-key", "secret-value")) == "OK", "SET");
  require(text_of(redisCommand(redis, "GET secret-key")) == "secret-value", "GET");
  const char* words[] = {"rpush", "secret-list", "secret", "other\0secret"};
  const std::size_t sizes[] = {5, 11, 6, 12};
  require(text_of(redisCommandArgv(redis, 4, words, sizes)) == "2", "RPUSH");
  require(text_of(redisCommand(redis, "INCR secret-list")).substr(0, 9) == "WRONGTYPE", "INCR");
}

void use_a_pipeline(redisContext* redis) {
  for (int i = 0; i < 10; ++i) redisAppendCommand(redis, "SET secret-%d %d", i, i);
  redisAppendCommand(redis, "GET secret-%d", 7);
  void* reply = nullptr;
  for (int i = 0; i < 11; ++i) {
    require(redisGetReply(redis, &reply) == REDIS_OK, "pipeline");
    require(text_of(reply) == (i < 10 ? "OK" : "7"), "reply of the pipeline");
  }
}

void use_asynchronously(int port) {
  redisAsyncContext* const redis = redisAsyncConnect("127.0.0.1", port);
  require(redis != nullptr && redis->err == 0, "no asynchronous connection");
  support::PollLoop loop(redis);
  static int replies;
  const auto count = [](redisAsyncContext* /*context*/, void* reply, void* data) {
    require(reply != nullptr, "no asynchronous reply");
    require(static_cast<redisReply*>(reply)->str == std::string(static_cast<const char*>(data)),
            "another asynchronous reply");
    ++replies;
  };
  char ok[] = "OK";
  char value[] = "secret-2";
  redisAsyncCommand(redis, count, ok, "SET secret-key %s", "secret-2");
  redisAsyncCommand(redis, count, value, "GET secret-key");
  require(loop.run([] { return replies == 2; }), "asynchronous replies");
}

void lose_a_connection(int port) {
  const Context victim = connected(redisConnect("127.0.0.1", port));
  const Context other = connected(redisConnect("127.0.0.1", port));
  const std::string id = text_of(redisCommand(victim.get(), "CLIENT ID"));
  require(text_of(redisCommand(other.get(), "CLIENT KILL ID %s", id.c_str())) == "1", "KILL");
  require(redisCommand(victim.get(), "PING") == nullptr, "the connection lives on");
  require(victim->err != 0, "no error");
  require(redisReconnect(victim.get()) == REDIS_OK, "not connected again");
  require(text_of(redisCommand(victim.get(), "PING")) == "PONG", "PING");
}

}  // namespace

int main(int argc, char** argv) {
  require(argc == 3, "redis_program PORT SOCKET");
  const int port = std::atoi(argv[1]);
  require(xray::patch_all().hooked("redis"), "not hooked");
  const xray::Segment segment("redis_program");
  const Context redis = connected(redisConnect("127.0.0.1", port));
  use_synchronously(redis.get());
  use_a_pipeline(redis.get());
  use_asynchronously(port);
  const Context local = connected(redisConnectUnix(argv[2]));
  require(text_of(redisCommand(local.get(), "PING")) == "PONG", "PING by the socket");
  lose_a_connection(port);
}
