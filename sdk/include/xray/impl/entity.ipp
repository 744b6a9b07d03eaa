#pragma once

#include <xray/entity.hpp>
#include <xray/impl/cause.hpp>
#include <xray/impl/recorder.hpp>
#include <xray/impl/runtime.ipp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Writes a text value behind the thing it belongs to; other kinds are in place.
inline Value text_value(char*& cursor, ValueKind kind, std::string_view text) noexcept {
  Value value{};
  const Text copy = put(cursor, text);
  value.text = copy.data;
  value.size = copy.size;
  value.kind = kind;
  return value;
}

template <typename MakeValue>
void annotate(Node* node, std::string_view key, std::size_t text_size,
              MakeValue&& make_value) noexcept {
  if (node == nullptr) return;
  // Keys are checked when the document is written; a longer one only has to be seen to be too long.
  key = key.substr(0, longest_annotation_key + 1);
  auto* const entry = allocate_with_text<Annotation>(node, key.size() + text_size);
  if (entry == nullptr) return;
  char* cursor = reinterpret_cast<char*>(entry + 1);
  entry->key = put(cursor, key);
  entry->value = make_value(cursor);
  entry->next = node->annotations;
  node->annotations = entry;
}

template <typename MakeValue>
void add_metadata_value(Node* node, std::string_view key, std::string_view name_space,
                        std::size_t text_size, MakeValue&& make_value) noexcept {
  if (node == nullptr) return;
  if (name_space.substr(0, 4) == "AWS.") {
    count(counters.metadata_invalid);
    reports.metadata("xray: metadata in a namespace that begins with \"AWS.\" was refused");
    return;
  }
  key = bounded(key, longest_field);
  name_space = bounded(name_space, longest_field);
  auto* const entry =
      allocate_with_text<MetadataDetail>(node, key.size() + name_space.size() + text_size);
  if (entry == nullptr) return;
  char* cursor = reinterpret_cast<char*>(entry + 1);
  entry->key = put(cursor, key);
  entry->name_space = put(cursor, name_space);
  entry->value = make_value(cursor);
  link_detail(node, entry, Detail::Kind::metadata);
}

inline Value integer_value(std::int64_t number) noexcept {
  Value value{};
  value.integer = number;
  value.kind = ValueKind::integer;
  return value;
}

inline Value unsigned_value(std::uint64_t number) noexcept {
  Value value{};
  value.unsigned_integer = number;
  value.kind = ValueKind::unsigned_integer;
  return value;
}

inline Value double_value(double number) noexcept {
  Value value{};
  value.number = number;
  value.kind = ValueKind::number;
  return value;
}

inline Value bool_value(bool truth) noexcept {
  Value value{};
  value.boolean = truth;
  value.kind = ValueKind::boolean;
  return value;
}

inline void set_text(Node* node, Detail::Kind kind, std::string_view text) noexcept {
  if (node == nullptr) return;
  text = bounded(text, longest_field);
  auto* const entry = allocate_with_text<TextDetail>(node, text.size());
  if (entry == nullptr) return;
  char* cursor = reinterpret_cast<char*>(entry + 1);
  entry->text = put(cursor, text);
  link_detail(node, entry, kind);
}

}  // namespace detail

XRAY_DECL void Entity::add_annotation(std::string_view key, std::string_view value) noexcept {
  value = detail::bounded(value, detail::longest_annotation);
  detail::annotate(node_, key, value.size(), [value](char*& cursor) {
    return detail::text_value(cursor, detail::ValueKind::text, value);
  });
}

XRAY_DECL void Entity::add_annotation_bool(std::string_view key, bool value) noexcept {
  detail::annotate(node_, key, 0, [value](char*&) { return detail::bool_value(value); });
}

XRAY_DECL void Entity::add_annotation_double(std::string_view key, double value) noexcept {
  detail::annotate(node_, key, 0, [value](char*&) { return detail::double_value(value); });
}

XRAY_DECL void Entity::add_annotation_integer(std::string_view key, std::int64_t value) noexcept {
  detail::annotate(node_, key, 0, [value](char*&) { return detail::integer_value(value); });
}

XRAY_DECL void Entity::add_annotation_unsigned(std::string_view key, std::uint64_t value) noexcept {
  detail::annotate(node_, key, 0, [value](char*&) { return detail::unsigned_value(value); });
}

XRAY_DECL void Entity::add_metadata(std::string_view key, std::string_view value,
                                    std::string_view name_space) noexcept {
  value = value.substr(0, detail::largest_document + 1);  // more can't leave anyway
  detail::add_metadata_value(node_, key, name_space, value.size(), [value](char*& cursor) {
    return detail::text_value(cursor, detail::ValueKind::text, value);
  });
}

XRAY_DECL void Entity::add_metadata(std::string_view key, Json value,
                                    std::string_view name_space) noexcept {
  value.text = value.text.substr(0, detail::largest_document + 1);
  detail::add_metadata_value(node_, key, name_space, value.text.size(), [value](char*& cursor) {
    return detail::text_value(cursor, detail::ValueKind::json, value.text);
  });
}

XRAY_DECL void Entity::add_metadata_bool(std::string_view key, bool value,
                                         std::string_view name_space) noexcept {
  detail::add_metadata_value(node_, key, name_space, 0,
                             [value](char*&) { return detail::bool_value(value); });
}

XRAY_DECL void Entity::add_metadata_double(std::string_view key, double value,
                                           std::string_view name_space) noexcept {
  detail::add_metadata_value(node_, key, name_space, 0,
                             [value](char*&) { return detail::double_value(value); });
}

XRAY_DECL void Entity::add_metadata_integer(std::string_view key, std::int64_t value,
                                            std::string_view name_space) noexcept {
  detail::add_metadata_value(node_, key, name_space, 0,
                             [value](char*&) { return detail::integer_value(value); });
}

XRAY_DECL void Entity::add_metadata_unsigned(std::string_view key, std::uint64_t value,
                                             std::string_view name_space) noexcept {
  detail::add_metadata_value(node_, key, name_space, 0,
                             [value](char*&) { return detail::unsigned_value(value); });
}

XRAY_DECL void Entity::set_http_request(const HttpRequest& request) noexcept {
  if (node_ == nullptr) return;
  const std::string_view method = detail::bounded(request.method, detail::longest_field);
  const std::string_view url = detail::bounded(request.url, detail::longest_field);
  const std::string_view user_agent = detail::bounded(request.user_agent, detail::longest_field);
  const std::string_view client_ip = detail::bounded(request.client_ip, detail::longest_field);
  auto* const entry = detail::allocate_with_text<detail::HttpRequestDetail>(
      node_, method.size() + url.size() + user_agent.size() + client_ip.size());
  if (entry == nullptr) return;
  char* cursor = reinterpret_cast<char*>(entry + 1);
  entry->method = detail::put(cursor, method);
  entry->url = detail::put(cursor, url);
  entry->user_agent = detail::put(cursor, user_agent);
  entry->client_ip = detail::put(cursor, client_ip);
  entry->x_forwarded_for = request.x_forwarded_for;
  entry->traced = request.traced;
  detail::link_detail(node_, entry, detail::Detail::Kind::http_request);
}

XRAY_DECL void Entity::set_http_response(int status, std::int64_t content_length) noexcept {
  if (node_ == nullptr) return;
  if (status >= 400 && status <= 499) node_->error = true;
  if (status == 429) node_->throttle = true;
  if (status >= 500 && status <= 599) node_->fault = true;
  auto* const entry = detail::allocate_with_text<detail::HttpResponseDetail>(node_, 0);
  if (entry == nullptr) return;
  entry->status = status;
  entry->content_length = content_length;
  detail::link_detail(node_, entry, detail::Detail::Kind::http_response);
}

XRAY_DECL void Entity::set_error(bool on) noexcept {
  if (node_ != nullptr) node_->error = on;
}

XRAY_DECL void Entity::set_fault(bool on) noexcept {
  if (node_ != nullptr) node_->fault = on;
}

XRAY_DECL void Entity::set_throttle(bool on) noexcept {
  if (node_ == nullptr) return;
  node_->throttle = on;
  if (on) node_->error = true;
}

// Declared not to be inlined, so that the return address is in the caller: stacks begin there.
void Entity::add_exception(const std::exception_ptr& exception) noexcept {
  if (node_ == nullptr || !exception) return;
  detail::record_cause(node_, exception, __builtin_return_address(0));
}

void Entity::add_exception(const std::exception& exception) noexcept {
  if (node_ == nullptr) return;
  detail::record_cause(node_, exception, __builtin_return_address(0));
}

XRAY_DECL void Entity::add_remote_exception(std::string_view type,
                                            std::string_view message) noexcept {
  if (node_ == nullptr) return;
  detail::record_remote_cause(node_, type, message);
}

XRAY_DECL SegmentId Entity::id() const noexcept {
  return node_ != nullptr ? SegmentId(node_->id) : SegmentId();
}

XRAY_DECL TraceHeader Entity::trace_header() const noexcept {
  if (node_ != nullptr) return detail::header_of(node_->strand->record, node_);
  const detail::ThreadState& thread = detail::thread_state;
  return detail::header_of(thread.current.record, thread.current.node);
}

XRAY_NAMESPACE_END
