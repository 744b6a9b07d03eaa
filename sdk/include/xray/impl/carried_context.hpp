// A place in a trace that leaves its thread with a coroutine and comes back on another.
#pragma once

#include <xray/context.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

struct ThreadState;

/// What a thread has current, and what a coroutine has, changing places. On a thread, this holds
/// what the thread had before; away from any, what was current in the coroutine. Used by one thread
/// at a time; handing it from one to the next is the business of who resumes the coroutine.
class CarriedContext {
 public:
  /// From here on `context` is current on the calling thread, until left.
  XRAY_DECL explicit CarriedContext(const Context& context) noexcept;
  CarriedContext(const CarriedContext&) = delete;
  CarriedContext& operator=(const CarriedContext&) = delete;
  /// Gives the thread back what it had, if this is on one.
  XRAY_DECL ~CarriedContext();

  /// Takes what is current away from the thread, which has back what it had before.
  XRAY_DECL void leave_thread() noexcept;
  /// Makes it current on the calling thread. Does nothing if it is on a thread.
  XRAY_DECL void enter_thread() noexcept;

 private:
  const Context held_;         ///< what it began with stays there to be pointed to
  const ThreadState* thread_;  ///< null while away
  // The other side's place.
  Record* record_;
  Node* node_;
  void* strand_;
  bool scoped_;
  Node* base_;
};

/// Away from its thread as long as this lives.
class Away {
 public:
  explicit Away(CarriedContext& context) noexcept : context_(context) { context_.leave_thread(); }
  Away(const Away&) = delete;
  Away& operator=(const Away&) = delete;
  ~Away() { context_.enter_thread(); }

 private:
  CarriedContext& context_;
};

}  // namespace detail
XRAY_NAMESPACE_END
