// Wrappers of what sends a command whose reply a callback takes.
#pragma once

#include <cstdarg>
#include <cstddef>
#include <exception>
#include <memory>
#include <utility>

#include "clients/redis/hooks.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace redis {

/// What stands in hiredis' queue in place of the user's callback and data.
struct AwaitedReply {
  std::optional<Subsegment> subsegment;
  ReplyCallback* callback;
  void* data;
};

/// Takes the reply and hands it on. Where the connection has been told to monitor the server,
/// hiredis may put any callback back into its queue, and tells nobody whether it did: what it may
/// call again is kept, until it is called without a reply or, if it never is, for ever.
template <std::size_t Library>
void take_reply(redisAsyncContext* context, void* reply, void* data) {
  auto* const awaited = static_cast<AwaitedReply*>(data);
  struct Release {
    AwaitedReply* awaited;
    Connection<Library> connection;
    bool is_last;
    // The context lives as long as one of its callbacks runs.
    ~Release() {
      const KeepErrno keep;
      if (is_last || !connection.has(monitoring) || connection.has(being_freed)) delete awaited;
    }
  } const release{awaited, Connection<Library>(context), reply == nullptr};
  if (awaited->subsegment) {
    const KeepErrno keep;
    set_answer(*awaited->subsegment, release.connection.answer(reply));
    awaited->subsegment.reset();
  }
  if (awaited->callback != nullptr) awaited->callback(context, reply, awaited->data);
}

/// Null where the call is not recorded, or can't be.
template <std::size_t Library>
std::unique_ptr<AwaitedReply> await_reply(redisAsyncContext* context, ReplyCallback* callback,
                                          void* data, const CommandName& name) noexcept {
  const Connection<Library> connection(context);
  // A subscription's callback is called for each message; hiredis knows it by the command's name,
  // and so must we.
  if (name.empty() || opens_stream(name) || connection.has(subscribed) ||
      connection.has(monitoring)) {
    return nullptr;
  }
  // Nobody would free the reply: hiredis leaves that to callbacks, and there is none but ours.
  if (callback == nullptr && connection.has(replies_are_the_users)) return nullptr;
  std::optional<Subsegment> subsegment = begin_command(connection.endpoint(), Lasting::longer);
  if (!subsegment) return nullptr;
  set_command(*subsegment, name.view());
  try {
    return std::unique_ptr<AwaitedReply>(new AwaitedReply{std::move(subsegment), callback, data});
  } catch (const std::exception&) {
    return nullptr;
  }
}

/// Calls `send(callback, data)`, which gives hiredis' status.
template <std::size_t Library, typename Name, typename Send>
int run_async(redisAsyncContext* context, ReplyCallback* callback, void* data, Name&& name,
              Send&& send) {
  if (tracing() != Tracing::sampled || context == nullptr) return send(callback, data);
  const Depth depth;
  if (!depth.is_outermost()) return send(callback, data);
  std::unique_ptr<AwaitedReply> awaited;
  {
    const KeepErrno keep;
    awaited = await_reply<Library>(context, callback, data, name());
  }
  if (!awaited) return send(callback, data);
  const int status = send(&take_reply<Library>, awaited.get());
  if (status == ok) {
    static_cast<void>(awaited.release());  // the callback's, which may have freed it
    return status;
  }
  const KeepErrno keep;
  Answer answer;
  answer.kind = Answer::Kind::unsent;
  set_answer(*awaited->subsegment, answer);
  awaited.reset();
  return status;
}

template <std::size_t Library>
struct VAsyncCommand {
  static constexpr const char* symbol = "redisvAsyncCommand";
  static inline patching::Original<int(redisAsyncContext*, ReplyCallback*, void*, const char*,
                                       va_list)>
      original;
  static int call(redisAsyncContext* context, ReplyCallback* callback, void* data,
                  const char* format, va_list arguments) {
    return run_async<Library>(
        context, callback, data, [&] { return name_of_format(format, arguments); },
        [&](ReplyCallback* fn, void* with) {
          return original(context, fn, with, format, arguments);
        });
  }
};

template <std::size_t Library>
struct AsyncCommand {
  static constexpr const char* symbol = "redisAsyncCommand";
  static inline patching::Original<int(redisAsyncContext*, ReplyCallback*, void*, const char*, ...)>
      original;
  static int call(redisAsyncContext* context, ReplyCallback* callback, void* data,
                  const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int status = VAsyncCommand<Library>::call(context, callback, data, format, arguments);
    va_end(arguments);
    return status;
  }
};

template <std::size_t Library>
struct AsyncCommandArgv {
  static constexpr const char* symbol = "redisAsyncCommandArgv";
  static inline patching::Original<int(redisAsyncContext*, ReplyCallback*, void*, int, const char**,
                                       const std::size_t*)>
      original;
  static int call(redisAsyncContext* context, ReplyCallback* callback, void* data, int count,
                  const char** arguments, const std::size_t* sizes) {
    return run_async<Library>(
        context, callback, data, [&] { return name_of_arguments(count, arguments, sizes); },
        [&](ReplyCallback* fn, void* with) {
          return original(context, fn, with, count, arguments, sizes);
        });
  }
};

template <std::size_t Library>
struct AsyncFormattedCommand {
  static constexpr const char* symbol = "redisAsyncFormattedCommand";
  static inline patching::Original<int(redisAsyncContext*, ReplyCallback*, void*, const char*,
                                       std::size_t)>
      original;
  static int call(redisAsyncContext* context, ReplyCallback* callback, void* data, const char* text,
                  std::size_t size) {
    return run_async<Library>(
        context, callback, data, [&] { return name_of_wire(text, size); },
        [&](ReplyCallback* fn, void* with) { return original(context, fn, with, text, size); });
  }
};

}  // namespace redis
}  // namespace clients
XRAY_NAMESPACE_END
