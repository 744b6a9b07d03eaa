// C++20 coroutines: a context that goes along when a coroutine is suspended on one thread and
// resumed on another. Empty for compilers, or language versions, without coroutines.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_COROUTINE_HPP
#define XRAY_COROUTINE_HPP

#include <xray/context.hpp>

#if defined(__cpp_impl_coroutine)

#include <coroutine>
#include <exception>
#include <type_traits>
#include <utility>

#include <xray/impl/carried_context.hpp>

XRAY_NAMESPACE_BEGIN

namespace detail {

/// What `co_await` makes of an awaitable.
template <typename Awaitable>
decltype(auto) awaiter_of(Awaitable&& awaitable) {
  if constexpr (requires { std::forward<Awaitable>(awaitable).operator co_await(); }) {
    return std::forward<Awaitable>(awaitable).operator co_await();
  } else if constexpr (requires { operator co_await(std::forward<Awaitable>(awaitable)); }) {
    return operator co_await(std::forward<Awaitable>(awaitable));
  } else {
    return std::forward<Awaitable>(awaitable);
  }
}

/// Awaits what was given; between suspension and resumption the context is on no thread.
template <typename Awaiter>
class CarryingAwaiter {
 public:
  template <typename Awaitable>
  CarryingAwaiter(CarriedContext& context, Awaitable&& awaitable)
      : context_(context), awaiter_(awaiter_of(std::forward<Awaitable>(awaitable))) {}
  CarryingAwaiter(const CarryingAwaiter&) = delete;
  CarryingAwaiter& operator=(const CarryingAwaiter&) = delete;
  ~CarryingAwaiter() = default;

  bool await_ready() { return static_cast<bool>(awaiter_.await_ready()); }

  /// Leaves the thread first: once the operation has begun, another thread may resume the coroutine
  /// and destroy this. Never inlined, so that no local variable ends up in the coroutine's frame.
  template <typename Promise>
  [[gnu::noinline]] auto await_suspend(std::coroutine_handle<Promise> coroutine) {
    const Context context = current_context();
    context_.leave_thread();
#if defined(__cpp_exceptions)
    try {
#endif
      if constexpr (std::is_same_v<decltype(awaiter_.await_suspend(coroutine)), bool>) {
        if (begin(context, coroutine)) return true;
        context_.enter_thread();  // it is not suspended after all
        return false;
      } else {
        return begin(context, coroutine);
      }
#if defined(__cpp_exceptions)
    } catch (...) {
      context_.enter_thread();
      throw;
    }
#endif
  }

  decltype(auto) await_resume() {
    context_.enter_thread();
    return awaiter_.await_resume();
  }

 private:
  /// What the operation records, or sends along, as it begins belongs to who awaits it.
  template <typename Coroutine>
  auto begin(const Context& context, Coroutine coroutine) {
    const ContextScope scope(context);
    return awaiter_.await_suspend(coroutine);
  }

  CarriedContext& context_;
  Awaiter awaiter_;
};

/// What CoroutineScope::carry() returns.
template <typename Awaitable>
class [[nodiscard]] Carrying {
 public:
  Carrying(CarriedContext& context, Awaitable&& awaitable)
      : context_(context), awaitable_(std::forward<Awaitable>(awaitable)) {}

  auto operator co_await() && {
    using Awaiter = decltype(awaiter_of(std::declval<Awaitable>()));
    return CarryingAwaiter<Awaiter>(context_, std::forward<Awaitable>(awaitable_));
  }

 private:
  CarriedContext& context_;
  Awaitable awaitable_;
};

/// How a kind of awaitable is carried; <xray/asio.hpp> has its own way for Asio's.
template <typename Awaitable>
struct Carry {
  template <typename Given>
  static auto make(CarriedContext& context, Given&& awaitable) {
    // One that can't be moved stays where it is until awaited.
    constexpr bool kept = std::is_lvalue_reference_v<Given> || std::is_move_constructible_v<Given>;
    return Carrying<std::conditional_t<kept, Given, Given&&>>(context,
                                                              std::forward<Given>(awaitable));
  }
};

}  // namespace detail

/// A coroutine's own context. The first thing in every coroutine that is started by plain code, or
/// runs beside the one that started it (spawned, `when_all`); one that is merely awaited takes a
/// reference to the scope of who awaits it.
///
///     Task serve(Connection connection, xray::Context parent) {
///       xray::CoroutineScope scope(parent);
///       xray::Segment segment("checkout");
///       const Request request = co_await scope.carry(connection.read());
///       ...
///     }
///
/// What is begun below it is current in this coroutine alone: at each `carry()` the thread has back
/// what it had before it resumed the coroutine, and the coroutine goes on with its own wherever it
/// is resumed. At the end, by return, exception or destruction of the suspended frame,
/// (sub)segments end as they do anywhere and the thread has its own context back.
///
/// A plain `co_await` carries nothing: meanwhile the thread shows the coroutine's context to
/// unrelated work, and on another thread the coroutine has none of its own (said once). Where a
/// coroutine surely is resumed before its thread does anything else, such as by a child that
/// carries, the plain one is right. One scope serves one `co_await` at a time.
class CoroutineScope {
 public:
  /// Begins with the context that is current on the thread that starts the coroutine's body. For
  /// coroutines that are started lazily, or posted, hand over a context instead.
  CoroutineScope() noexcept : context_(current_context()) {}
  /// Begins with a context handed over, mostly as a parameter.
  explicit CoroutineScope(const Context& context) noexcept : context_(context) {}
  CoroutineScope(const CoroutineScope&) = delete;
  CoroutineScope& operator=(const CoroutineScope&) = delete;
  ~CoroutineScope() = default;

  /// `co_await scope.carry(awaitable)` is `co_await awaitable` with the context carried over the
  /// suspension. Takes anything that can be awaited, by member or free `operator co_await`; within
  /// a coroutine whose promise transforms what it awaits, what the promise takes unchanged. With
  /// <xray/asio.hpp> also Asio's awaitables and operations, in Asio's coroutines. A coroutine
  /// awaited so begins in no context, or in one of its own. Errors are those of `awaitable`.
  template <typename Awaitable>
  [[nodiscard]] auto carry(Awaitable&& awaitable) {
    return detail::Carry<std::remove_cv_t<std::remove_reference_t<Awaitable>>>::make(
        context_, std::forward<Awaitable>(awaitable));
  }

 private:
  detail::CarriedContext context_;
};

XRAY_NAMESPACE_END

#endif  // __cpp_impl_coroutine
#endif  // XRAY_COROUTINE_HPP
