#pragma once

#include <utility>

#include <xray/configuration.hpp>
#include <xray/impl/cause.hpp>
#include <xray/impl/entity.ipp>
#include <xray/impl/exceptions.hpp>
#include <xray/impl/recorder.hpp>
#include <xray/impl/runtime.ipp>
#include <xray/subsegment.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Ends a subsegment that an exception leaves.
[[gnu::noinline]] inline void end_with_exception(Node* node, int exceptions_before) noexcept {
  if (record_leaving_exception(node, exceptions_before)) node->flags.fault = true;
  end_subsegment(thread_state, node);
}

/// Nothing is current: does what was asked for. Throws ContextMissing if that was it.
inline void context_is_missing() {
  const Runtime* const run = runtime();
  if (run == nullptr) return;
  count(counters.context_missing);
  switch (run->settings().context_missing) {
    case ContextMissingStrategy::ignore_error:
      return;
    case ContextMissingStrategy::log_error:
      break;
    case ContextMissingStrategy::runtime_error:
#if defined(__cpp_exceptions)
      throw ContextMissing();
#else
      break;
#endif
  }
  reports.context_missing(
      "xray: a subsegment was begun without a current segment and is not recorded");
}

}  // namespace detail

XRAY_DECL Subsegment::Subsegment(std::string_view name, Namespace name_space)
    : Entity(nullptr), exceptions_(0) {
  detail::ThreadState& thread = detail::thread_state;
  detail::Record* const record = thread.current.record;
  if (__builtin_expect(static_cast<long>(record != nullptr && !detail::is_over(record)), 1) != 0) {
    if (!record->sampled) return;
    node_ = detail::begin_as_usual(thread, record, name, name_space);
    if (__builtin_expect(static_cast<long>(node_ != nullptr), 1) != 0) {
      exceptions_ = detail::known_uncaught_exceptions(thread);
      return;
    }
  }
  begin_unusually(name, name_space);
}

XRAY_DECL void Subsegment::begin_unusually(std::string_view name, Namespace name_space) {
  node_ = detail::begin_elsewhere(detail::thread_state, name, name_space);
  if (node_ != nullptr) {
    exceptions_ = detail::uncaught_exceptions(detail::thread_state);
  } else if (detail::is_context_missing()) {
    detail::context_is_missing();
  }
}

XRAY_DECL Subsegment::Subsegment(std::string_view name, const Entity& parent,
                                 Namespace name_space) noexcept
    : Entity(nullptr), exceptions_(0) {
  if (parent.node_ != nullptr) {
    begin_under(name, parent.node_->chapter->record, parent.node_, name_space);
  } else if (parent.record_ != nullptr) {
    begin_under(name, parent.record_, nullptr, name_space);
  }
}

XRAY_DECL Subsegment::Subsegment(std::string_view name, const Context& parent, Namespace name_space)
    : Entity(nullptr), exceptions_(0) {
  if (parent) {
    begin_under(name, parent.record_, parent.node_, name_space);
  } else {
    detail::context_is_missing();
  }
}

XRAY_DECL void Subsegment::begin_under(std::string_view name, detail::Record* record,
                                       detail::Node* parent, Namespace name_space) noexcept {
  if (record->sampled) {
    node_ = detail::begin_detached(name, name_space, record, parent);
    if (node_ != nullptr) exceptions_ = detail::uncaught_exceptions(detail::thread_state);
  } else {
    detail::retain(record);
    record_ = record;
  }
}

XRAY_DECL Subsegment::Subsegment(Subsegment&& other) noexcept
    : Entity(std::move(other)), exceptions_(other.exceptions_) {
}

XRAY_DECL Subsegment& Subsegment::operator=(Subsegment&& other) noexcept {
  if (this != &other) {
    end();
    node_ = std::exchange(other.node_, nullptr);
    record_ = std::exchange(other.record_, nullptr);
    exceptions_ = other.exceptions_;
  }
  return *this;
}

XRAY_DECL Subsegment::~Subsegment() {
  detail::ThreadState& thread = detail::thread_state;
  if (node_ == nullptr) {
    if (record_ != nullptr) detail::release(record_);
  } else if (__builtin_expect(
                 static_cast<long>(thread.ready == 0 ||
                                   detail::known_uncaught_exceptions(thread) > exceptions_),
                 0) != 0) {
    detail::end_with_exception(node_, exceptions_);
  } else {
    detail::end_subsegment(thread, node_);
  }
}

XRAY_DECL void Subsegment::end() noexcept {
  if (node_ != nullptr) {
    detail::end_subsegment(detail::thread_state, std::exchange(node_, nullptr));
  } else if (record_ != nullptr) {
    detail::release(std::exchange(record_, nullptr));
  }
}

XRAY_DECL void Subsegment::set_aws(const AwsCall& call) noexcept {
  if (node_ == nullptr) return;
  detail::add_aws_text(node_, "operation", call.operation);
  detail::add_aws_text(node_, "region", call.region);
  detail::add_aws_text(node_, "request_id", call.request_id);
  detail::add_aws_text(node_, "account_id", call.account_id);
  detail::add_aws_text(node_, "queue_url", call.queue_url);
  detail::add_aws_text(node_, "table_name", call.table_name);
  if (call.retries >= 0) add_aws("retries", call.retries);
}

XRAY_DECL void Subsegment::add_precursor(SegmentId id) noexcept {
  if (node_ == nullptr || !id.valid()) return;
  auto* const entry = detail::allocate_with_text<detail::PrecursorDetail>(node_, 0);
  if (entry == nullptr) return;
  entry->id = id.value();
  detail::link_detail(node_, entry, detail::Detail::Kind::precursor);
}

XRAY_DECL void Subsegment::set_sql(const SqlQuery& query) noexcept {
  if (node_ == nullptr) return;
  constexpr std::size_t longest_query = 8192;
  const std::string_view texts[] = {
      detail::bounded(query.url, detail::longest_field),
      detail::bounded(query.connection_string, detail::longest_field),
      detail::bounded(query.sanitized_query, longest_query),
      detail::bounded(query.database_type, detail::longest_field),
      detail::bounded(query.database_version, detail::longest_field),
      detail::bounded(query.driver_version, detail::longest_field),
      detail::bounded(query.user, detail::longest_field),
      detail::bounded(query.preparation, detail::longest_field),
  };
  std::size_t size = 0;
  for (const std::string_view text : texts) size += text.size();
  auto* const entry = detail::allocate_with_text<detail::SqlDetail>(node_, size);
  if (entry == nullptr) return;
  char* cursor = reinterpret_cast<char*>(entry + 1);
  entry->url = detail::put(cursor, texts[0]);
  entry->connection_string = detail::put(cursor, texts[1]);
  entry->sanitized_query = detail::put(cursor, texts[2]);
  entry->database_type = detail::put(cursor, texts[3]);
  entry->database_version = detail::put(cursor, texts[4]);
  entry->driver_version = detail::put(cursor, texts[5]);
  entry->user = detail::put(cursor, texts[6]);
  entry->preparation = detail::put(cursor, texts[7]);
  detail::link_detail(node_, entry, detail::Detail::Kind::sql);
}

XRAY_NAMESPACE_END
