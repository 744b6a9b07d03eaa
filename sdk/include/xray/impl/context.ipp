#pragma once

#include <utility>

#include <xray/context.hpp>
#include <xray/impl/recorder.hpp>
#include <xray/impl/runtime.ipp>

XRAY_NAMESPACE_BEGIN

namespace detail {
inline void hold(Record* record, Node* node) noexcept {
  if (record == nullptr) return;
  retain(record);
  pin(node);
}
inline void let_go(Record* record, Node* node) noexcept {
  if (record == nullptr) return;
  unpin(node);
  release(record);
}
}  // namespace detail

XRAY_DECL Context::Context(detail::Record* record, detail::Node* node, Take /*take*/) noexcept
    : record_(record), node_(node) {
  detail::hold(record_, node_);
}

XRAY_DECL Context::Context(const Context& other) noexcept
    : Context(other.record_, other.node_, Take()) {
}

XRAY_DECL Context::Context(Context&& other) noexcept
    : record_(std::exchange(other.record_, nullptr)), node_(std::exchange(other.node_, nullptr)) {
}

XRAY_DECL Context& Context::operator=(const Context& other) noexcept {
  if (this != &other) *this = Context(other);
  return *this;
}

XRAY_DECL Context& Context::operator=(Context&& other) noexcept {
  if (this != &other) {
    detail::let_go(record_, node_);
    record_ = std::exchange(other.record_, nullptr);
    node_ = std::exchange(other.node_, nullptr);
  }
  return *this;
}

XRAY_DECL Context::~Context() {
  detail::let_go(record_, node_);
}

XRAY_DECL Context current_context() noexcept {
  detail::ThreadState& thread = detail::thread_state;
  detail::leave_what_is_over(thread);
  return {thread.current.record, thread.current.node, Context::Take()};
}

namespace detail {
XRAY_DECL CurrentTrace current_trace() noexcept {
  ThreadState& thread = thread_state;
  if (thread.sending) return CurrentTrace::sending;
  const Record* record = thread.current.record;
  if (record == nullptr) return CurrentTrace::none;
  if (is_over(record)) {
    leave_what_is_over(thread);
    record = thread.current.record;
    if (record == nullptr) return CurrentTrace::none;
  }
  return record->sampled ? CurrentTrace::sampled : CurrentTrace::unsampled;
}

XRAY_DECL void end_open_calls(const Context& segment) noexcept {
  const ContextScope scope(segment);
  Record* const record = thread_state.current.record;
  if (record == nullptr || !record->sampled || record->generation != fork_generation) return;
  for (Strand* strand = record->strands.load(std::memory_order_acquire); strand != nullptr;
       strand = strand->next) {
    const ChaptersInUse hold(*strand);
    for_each_node(*strand, [](Node* node) {
      NodeState before = NodeState::open;
      if (!node->flags.detached) return;
      if (!node->state.compare_exchange_strong(before, NodeState::ended)) return;
      // Its own thread may be ending it at this moment.
      __atomic_store_n(&node->end_ticks, ticks_now(), __ATOMIC_RELAXED);
    });
  }
}
}  // namespace detail

XRAY_DECL TraceHeader current_trace_header() noexcept {
  detail::ThreadState& thread = detail::thread_state;
  detail::leave_what_is_over(thread);
  return detail::header_of(thread.current.record, thread.current.node);
}

XRAY_DECL ContextScope::ContextScope(const Context& context) noexcept
    : record_(context.record_), node_(context.node_) {
  detail::ThreadState& thread = detail::thread_state;
  previous_record_ = thread.current.record;
  previous_node_ = thread.current.node;
  previous_strand_ = thread.current.strand;
  previous_scoped_ = thread.current.scoped;
  previous_base_ = thread.current.base;
  thread.current = detail::scoped_place(thread, record_, node_);
  if (record_ != nullptr) detail::pin(node_);
}

XRAY_DECL ContextScope::~ContextScope() {
  detail::ThreadState& thread = detail::thread_state;
  // None where the thread has given back its places already, on its way out.
  detail::Record* const current = thread.current.record;
  thread.current = {previous_record_, previous_node_,
                    static_cast<detail::Strand*>(previous_strand_), previous_scoped_,
                    previous_base_};
  if (thread.current.record != nullptr) {
    detail::adopt(thread, thread.current);
    detail::go_up(thread.current);
  }
  if (current != nullptr && record_ != nullptr) detail::unpin(node_);
  if (current != nullptr) detail::release(current);
  detail::leave_what_is_over(thread);
}

XRAY_NAMESPACE_END
