#pragma once

#include <xray/impl/context.ipp>
#include <xray/log.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

inline LogId log_id_of(const TraceHeader& header) noexcept {
  LogId id;
  if (!header.trace_id().valid()) return id;
  id.append(header.trace_id().to_string());
  id.append("@");
  id.append(header.parent_id().to_string());
  return id;
}

inline LogFields log_fields_of(const LogId& id) noexcept {
  LogFields fields;
  if (id.empty()) return fields;
  fields.append("AWS-XRAY-TRACE-ID: ");
  fields.append(id);
  return fields;
}

}  // namespace detail

XRAY_DECL LogFields log_fields() noexcept {
  return detail::log_fields_of(log_id());
}

XRAY_DECL LogFields log_fields(const Context& context) noexcept {
  return detail::log_fields_of(log_id(context));
}

XRAY_DECL LogId log_id() noexcept {
  return detail::log_id_of(current_trace_header());
}

XRAY_DECL LogId log_id(const Context& context) noexcept {
  const ContextScope scope(context);
  return log_id();
}

XRAY_NAMESPACE_END
