#pragma once

#include <xray/impl/carried_context.hpp>
#include <xray/impl/recorder.hpp>
#include <xray/impl/runtime.ipp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Gives back what a chain of places holds: segments that are open there live on in their handles.
inline void drop(Place place) noexcept {
  while (place.record != nullptr) {
    Record* const record = place.record;
    if (place.scoped) {
      place = {};
    } else {
      place = record->outer;
      record->outer = {};
      settle_own_strand(record);
    }
    release(record);
  }
}

XRAY_DECL CarriedContext::CarriedContext(const Context& context) noexcept : held_(context) {
  ThreadState& thread = thread_state;
  const Place before = thread.current;
  thread.current = scoped_place(thread, context.record_, context.node_);
  thread_ = &thread;
  record_ = before.record;
  node_ = before.node;
  strand_ = before.strand;
  scoped_ = before.scoped;
  base_ = before.base;
}

XRAY_DECL CarriedContext::~CarriedContext() {
  ThreadState& thread = thread_state;
  const Place other{record_, node_, static_cast<Strand*>(strand_), scoped_, base_};
  if (thread_ != &thread) {
    pin(held_.node_);  // for good: it is current there still
    drop(other);
    return;
  }
  const Place mine = thread.current;
  thread.current = other;
  go_up(thread.current);
  drop(mine);
  leave_what_is_over(thread);
}

XRAY_DECL void CarriedContext::leave_thread() noexcept {
  if (thread_ == nullptr) return;
  ThreadState& thread = thread_state;
  const Place other{record_, node_, static_cast<Strand*>(strand_), scoped_, base_};
  Place mine;
  if (thread_ == &thread) {
    leave_what_is_over(thread);
    mine = thread.current;
    thread.current = other;
    go_up(thread.current);
    leave_what_is_over(thread);
  } else {
    // What is current here is not the coroutine's, and what was is out of reach.
    reports.not_carried(
        "xray: a coroutine came to another thread without its context: wrap what it awaits in "
        "CoroutineScope::carry()");
    pin(held_.node_);  // for good: it is current there still
    drop(other);
  }
  thread_ = nullptr;
  record_ = mine.record;
  node_ = mine.node;
  strand_ = mine.strand;
  scoped_ = mine.scoped;
  base_ = mine.base;
}

XRAY_DECL void CarriedContext::enter_thread() noexcept {
  if (thread_ != nullptr) return;
  ThreadState& thread = thread_state;
  const Place other = thread.current;
  thread.current = {record_, node_, static_cast<Strand*>(strand_), scoped_, base_};
  if (thread.current.record != nullptr) {
    if (!thread.exit_hook_set) hook_thread_exit(thread);
    adopt(thread, thread.current);
    go_up(thread.current);
  }
  thread_ = &thread;
  record_ = other.record;
  node_ = other.node;
  strand_ = other.strand;
  scoped_ = other.scoped;
  base_ = other.base;
}

}  // namespace detail
XRAY_NAMESPACE_END
