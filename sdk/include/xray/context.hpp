// The current (sub)segment, and how it follows work to another thread.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_CONTEXT_HPP
#define XRAY_CONTEXT_HPP

#include <type_traits>
#include <utility>

#include <xray/trace_header.hpp>

XRAY_NAMESPACE_BEGIN

namespace detail {
class CarriedContext;
struct Node;
struct Record;
}  // namespace detail

/// A place in a trace: the (sub)segment that new subsegments become children of. Copying is cheap
/// (one reference count). A context may outlive its segment: what is recorded under it then leaves
/// as independent subsegments. An empty one stands for "no trace". Thread-safe as an int is.
class Context {
 public:
  Context() noexcept = default;
  XRAY_DECL Context(const Context& other) noexcept;
  XRAY_DECL Context(Context&& other) noexcept;
  XRAY_DECL Context& operator=(const Context& other) noexcept;
  XRAY_DECL Context& operator=(Context&& other) noexcept;
  XRAY_DECL ~Context();

  /// Whether there is a segment, sampled or not.
  explicit operator bool() const noexcept { return record_ != nullptr; }

 private:
  friend XRAY_DECL Context current_context() noexcept;
  friend class ContextScope;
  friend class detail::CarriedContext;
  friend class Entity;
  friend class Subsegment;
  /// Marks the constructor that takes hold of what it is given.
  struct Take {};
  XRAY_DECL Context(detail::Record* record, detail::Node* node, Take take) noexcept;

  detail::Record* record_ = nullptr;
  detail::Node* node_ = nullptr;
};

/// The calling thread's context, to be carried elsewhere.
XRAY_DECL Context current_context() noexcept;

namespace detail {
/// What the calling thread has, for instrumentation that asks before each call.
enum class CurrentTrace : unsigned char {
  none,
  unsampled,
  sampled,
  sending,  ///< it is inside an emitter, where nothing is traced
};
/// A few nanoseconds, and no reference is counted.
XRAY_DECL CurrentTrace current_trace() noexcept;

/// Ends, as of now, what is open below a segment of this process and current on no thread, so that
/// it leaves with the segment: for a process that is about to end, where nobody will be there to
/// send it later. To be called right before the segment ends. What ends after all is sent once
/// more, under the same id.
XRAY_DECL void end_open_calls(const Context& segment) noexcept;
}  // namespace detail

/// The header to send along with a call made now: the current (sub)segment as the parent. Empty
/// without a current segment.
XRAY_DECL TraceHeader current_trace_header() noexcept;

/// Makes a context the calling thread's current one until destroyed, then restores what was there.
/// Scopes nest and end in reverse order, on the thread they began on.
class ContextScope {
 public:
  XRAY_DECL explicit ContextScope(const Context& context) noexcept;
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;
  XRAY_DECL ~ContextScope();

 private:
  detail::Record* record_;
  detail::Node* node_;
  detail::Record* previous_record_;
  detail::Node* previous_node_;
  void* previous_strand_;
  bool previous_scoped_;
  detail::Node* previous_base_;
};

/// A callable and the context in which it runs: what bind_context() returns. Copies, moves and
/// takes arguments as the callable does, and returns what it returns. <xray/asio.hpp> makes it keep
/// what Asio associates with a handler.
template <typename Callable>
class BoundContext {
  static_assert(!std::is_member_pointer_v<Callable>, "wrap the call of a member in a lambda");

 public:
  template <typename Target>
  BoundContext(Context context, Target&& callable)
      : context_(std::move(context)), callable_(std::forward<Target>(callable)) {}

  template <typename... Arguments>
  std::invoke_result_t<Callable&, Arguments...> operator()(Arguments&&... arguments) & noexcept(
      std::is_nothrow_invocable_v<Callable&, Arguments...>) {
    const ContextScope scope(context_);
    return callable_(std::forward<Arguments>(arguments)...);
  }
  template <typename... Arguments>
  std::invoke_result_t<const Callable&, Arguments...> operator()(Arguments&&... arguments)
      const& noexcept(std::is_nothrow_invocable_v<const Callable&, Arguments...>) {
    const ContextScope scope(context_);
    return callable_(std::forward<Arguments>(arguments)...);
  }
  template <typename... Arguments>
  std::invoke_result_t<Callable, Arguments...> operator()(Arguments&&... arguments) && noexcept(
      std::is_nothrow_invocable_v<Callable, Arguments...>) {
    const ContextScope scope(context_);
    return std::move(callable_)(std::forward<Arguments>(arguments)...);
  }

  /// The context it runs in.
  [[nodiscard]] const Context& context() const noexcept { return context_; }
  /// What was wrapped.
  [[nodiscard]] Callable& target() noexcept { return callable_; }
  [[nodiscard]] const Callable& target() const noexcept { return callable_; }

 private:
  Context context_;
  Callable callable_;
};

/// Wraps a callable so that it runs in the context that is current now, wherever it is called; the
/// thread that calls it has its own context back afterwards, also where the callable began a
/// Segment that lives on. With <xray/asio.hpp> also for completion tokens.
template <typename Callable>
BoundContext<std::decay_t<Callable>> bind_context(Callable&& callable) {
  return BoundContext<std::decay_t<Callable>>(current_context(), std::forward<Callable>(callable));
}

XRAY_NAMESPACE_END

#endif  // XRAY_CONTEXT_HPP
