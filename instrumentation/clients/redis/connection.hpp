// What hiredis itself knows of a connection and of a reply, read where the release's layout has it.
#pragma once

#include <atomic>
#include <cstring>
#include <string_view>

#include "clients/redis/command.hpp"
#include "clients/redis/library.hpp"
#include "patching/original.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace redis {

template <std::size_t Library>
struct ReaderCreate {
  static constexpr const char* symbol = "redisReaderCreate";
  static inline patching::Original<void*()> original;
};

template <std::size_t Library>
struct ReaderFree {
  static constexpr const char* symbol = "redisReaderFree";
  static inline patching::Original<void(void*)> original;
};

/// A view of a context, on the thread that uses it. An asynchronous one begins with a plain one.
template <std::size_t Library>
class Connection {
  using Context = typename LayoutOf<Library>::Context;
  using Reader = typename LayoutOf<Library>::Reader;
  using Reply = typename LayoutOf<Library>::Reply;

 public:
  explicit Connection(const void* context) noexcept
      : context_(*static_cast<const Context*>(context)) {}

  [[nodiscard]] bool has(int flag) const noexcept { return (context_.flags & flag) != 0; }
  [[nodiscard]] int error() const noexcept { return context_.error; }

  [[nodiscard]] Endpoint endpoint() const noexcept {
    Endpoint endpoint;
    if (context_.connection_type == connection_by_tcp && context_.tcp.host != nullptr) {
      endpoint.host = context_.tcp.host;
      endpoint.port = context_.tcp.port;
    }
    if (context_.connection_type == connection_by_socket && context_.socket.path != nullptr) {
      endpoint.socket_path = context_.socket.path;
    }
    return endpoint;
  }

  /// Whether it answers no command. To be asked of a reply only.
  [[nodiscard]] bool is_push(const void* reply) const noexcept {
    return makes_usual_replies() && static_cast<const Reply*>(reply)->type == reply_is_push;
  }

  /// `reply` null: there was none, if the connection is in order because it was closed meanwhile.
  [[nodiscard]] Answer answer(const void* reply) const noexcept {
    Answer answer;
    if (reply == nullptr) {
      answer.kind = Answer::Kind::none;
      answer.connection_error = context_.error;
      return answer;
    }
    if (!makes_usual_replies()) return answer;
    const auto& known = *static_cast<const Reply*>(reply);
    if (known.type != reply_is_error) return answer;
    answer.kind = Answer::Kind::refusal;
    if (known.text != nullptr) {
      const std::string_view text(known.text, ::strnlen(known.text, 40));
      answer.refusal = name_of_word(text.substr(0, text.find(' ')));
    }
    return answer;
  }

 private:
  /// Programs may have the reader make objects of their own instead of redisReply.
  [[nodiscard]] bool makes_usual_replies() const noexcept {
    if (context_.reader == nullptr) return false;
    const void* const usual = usual_functions();
    return usual != nullptr && static_cast<const Reader*>(context_.reader)->functions == usual;
  }

  static const void* usual_functions() noexcept {
    static std::atomic<const void*> known{nullptr};
    const void* functions = known.load(std::memory_order_relaxed);
    if (functions != nullptr) return functions;
    auto* const create = static_cast<void* (*)()>(ReaderCreate<Library>::original);
    auto* const free = static_cast<void (*)(void*)>(ReaderFree<Library>::original);
    if (create == nullptr || free == nullptr) return nullptr;
    void* const reader = create();
    if (reader == nullptr) return nullptr;
    functions = static_cast<const Reader*>(reader)->functions;
    free(reader);
    known.store(functions, std::memory_order_relaxed);
    return functions;
  }

  const Context& context_;
};

}  // namespace redis
}  // namespace clients
XRAY_NAMESPACE_END
