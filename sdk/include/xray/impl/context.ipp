#pragma once

#include <xray/context.hpp>
#include <xray/impl/recorder.hpp>
#include <xray/impl/runtime.ipp>

XRAY_NAMESPACE_BEGIN

XRAY_DECL Context::Context(const Context& other) noexcept
    : record_(other.record_), node_(other.node_) {
  if (record_ != nullptr) detail::retain(record_);
}

XRAY_DECL Context::Context(Context&& other) noexcept : record_(other.record_), node_(other.node_) {
  other.record_ = nullptr;
  other.node_ = nullptr;
}

XRAY_DECL Context& Context::operator=(const Context& other) noexcept {
  if (this != &other) *this = Context(other);
  return *this;
}

XRAY_DECL Context& Context::operator=(Context&& other) noexcept {
  if (this != &other) {
    if (record_ != nullptr) detail::release(record_);
    record_ = other.record_;
    node_ = other.node_;
    other.record_ = nullptr;
    other.node_ = nullptr;
  }
  return *this;
}

XRAY_DECL Context::~Context() {
  if (record_ != nullptr) detail::release(record_);
}

XRAY_DECL Context current_context() noexcept {
  detail::ThreadState& thread = detail::thread_state;
  detail::leave_what_is_over(thread);
  if (thread.current.record != nullptr) detail::retain(thread.current.record);
  return {thread.current.record, thread.current.node};
}

XRAY_DECL TraceHeader current_trace_header() noexcept {
  detail::ThreadState& thread = detail::thread_state;
  detail::leave_what_is_over(thread);
  return detail::header_of(thread.current.record, thread.current.node);
}

XRAY_DECL ContextScope::ContextScope(const Context& context) noexcept {
  detail::ThreadState& thread = detail::thread_state;
  previous_record_ = thread.current.record;
  previous_node_ = thread.current.node;
  previous_strand_ = thread.current.strand;
  previous_scoped_ = thread.current.scoped;
  thread.current = detail::scoped_place(thread, context.record_, context.node_);
}

XRAY_DECL ContextScope::~ContextScope() {
  detail::ThreadState& thread = detail::thread_state;
  detail::Record* const current = thread.current.record;
  thread.current = {previous_record_, previous_node_,
                    static_cast<detail::Strand*>(previous_strand_), previous_scoped_};
  if (thread.current.record != nullptr) detail::adopt(thread, thread.current);
  if (current != nullptr) detail::release(current);
  detail::leave_what_is_over(thread);
}

XRAY_NAMESPACE_END
