// Wrappers of what sends a command and waits for its reply, and of what appends one to a pipeline.
#pragma once

#include <cstdarg>
#include <cstddef>

#include "clients/redis/hooks.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace redis {

// Functions of variable arguments go on by their sisters that take a list: hiredis has both.

template <std::size_t Library>
struct VCommand {
  static constexpr const char* symbol = "redisvCommand";
  static inline patching::Original<void*(redisContext*, const char*, va_list)> original;
  static void* call(redisContext* context, const char* format, va_list arguments) {
    return run_command<Library>(
        context, [&] { return name_of_format(format, arguments); },
        [&] { return original(context, format, arguments); });
  }
};

template <std::size_t Library>
struct Command {
  static constexpr const char* symbol = "redisCommand";
  static inline patching::Original<void*(redisContext*, const char*, ...)> original;
  static void* call(redisContext* context, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    void* const reply = VCommand<Library>::call(context, format, arguments);
    va_end(arguments);
    return reply;
  }
};

template <std::size_t Library>
struct CommandArgv {
  static constexpr const char* symbol = "redisCommandArgv";
  static inline patching::Original<void*(redisContext*, int, const char**, const std::size_t*)>
      original;
  static void* call(redisContext* context, int count, const char** arguments,
                    const std::size_t* sizes) {
    return run_command<Library>(
        context, [&] { return name_of_arguments(count, arguments, sizes); },
        [&] { return original(context, count, arguments, sizes); });
  }
};

template <std::size_t Library>
struct VAppendCommand {
  static constexpr const char* symbol = "redisvAppendCommand";
  static inline patching::Original<int(redisContext*, const char*, va_list)> original;
  static int call(redisContext* context, const char* format, va_list arguments) {
    return run_append<Library>(
        context, [&] { return name_of_format(format, arguments); },
        [&] { return original(context, format, arguments); });
  }
};

template <std::size_t Library>
struct AppendCommand {
  static constexpr const char* symbol = "redisAppendCommand";
  static inline patching::Original<int(redisContext*, const char*, ...)> original;
  static int call(redisContext* context, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int status = VAppendCommand<Library>::call(context, format, arguments);
    va_end(arguments);
    return status;
  }
};

template <std::size_t Library>
struct AppendCommandArgv {
  static constexpr const char* symbol = "redisAppendCommandArgv";
  static inline patching::Original<int(redisContext*, int, const char**, const std::size_t*)>
      original;
  static int call(redisContext* context, int count, const char** arguments,
                  const std::size_t* sizes) {
    return run_append<Library>(
        context, [&] { return name_of_arguments(count, arguments, sizes); },
        [&] { return original(context, count, arguments, sizes); });
  }
};

template <std::size_t Library>
struct AppendFormattedCommand {
  static constexpr const char* symbol = "redisAppendFormattedCommand";
  static inline patching::Original<int(redisContext*, const char*, std::size_t)> original;
  static int call(redisContext* context, const char* text, std::size_t size) {
    return run_append<Library>(
        context, [&] { return name_of_wire(text, size); },
        [&] { return original(context, text, size); });
  }
};

/// Calls `get(reply)`, which gives hiredis' status, and counts the reply. `at_once`: null may mean
/// that there is none yet.
template <std::size_t Library, typename Get>
int run_get(redisContext* context, void** reply, bool at_once, Get&& get) {
  if (no_pipelines()) return get();
  const Depth depth;
  const int status = get();
  if (!depth.is_outermost()) return status;
  const KeepErrno keep;
  const Connection<Library> connection(context);
  if (status != ok) {
    reply_fetched(context, connection.answer(nullptr));
  } else if (reply == nullptr) {  // dropped unseen; where there need be none, there may be none
    if (!at_once && connection.has(blocking)) reply_fetched(context, Answer());
  } else if (*reply != nullptr && !connection.is_push(*reply)) {
    reply_fetched(context, connection.answer(*reply));
  }
  return status;
}

template <std::size_t Library>
struct GetReply {
  static constexpr const char* symbol = "redisGetReply";
  static inline patching::Original<int(redisContext*, void**)> original;
  static int call(redisContext* context, void** reply) {
    return run_get<Library>(context, reply, false, [=] { return original(context, reply); });
  }
};

/// What event loops ask that read and write themselves.
template <std::size_t Library>
struct GetReplyFromReader {
  static constexpr const char* symbol = "redisGetReplyFromReader";
  static inline patching::Original<int(redisContext*, void**)> original;
  static int call(redisContext* context, void** reply) {
    return run_get<Library>(context, reply, true, [=] { return original(context, reply); });
  }
};

template <std::size_t Library>
struct Free {
  static constexpr const char* symbol = "redisFree";
  static inline patching::Original<void(redisContext*)> original;
  static void call(redisContext* context) {
    if (!no_pipelines()) {
      const KeepErrno keep;
      connection_given_up(context);
    }
    original(context);
  }
};

template <std::size_t Library>
struct FreeKeepFd {
  static constexpr const char* symbol = "redisFreeKeepFd";
  static inline patching::Original<int(redisContext*)> original;
  static int call(redisContext* context) {
    if (!no_pipelines()) {
      const KeepErrno keep;
      connection_given_up(context);
    }
    return original(context);
  }
};

template <std::size_t Library>
struct Reconnect {
  static constexpr const char* symbol = "redisReconnect";
  static inline patching::Original<int(redisContext*)> original;
  static int call(redisContext* context) {
    if (!no_pipelines()) {
      const KeepErrno keep;
      connection_given_up(context);
    }
    return original(context);
  }
};

}  // namespace redis
}  // namespace clients
XRAY_NAMESPACE_END
