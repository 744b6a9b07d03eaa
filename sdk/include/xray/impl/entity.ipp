#pragma once

#include <xray/context.hpp>
#include <xray/entity.hpp>
#include <xray/impl/cause.hpp>
#include <xray/impl/recorder.hpp>
#include <xray/impl/runtime.ipp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Bytes of a value in the `aws` block.
inline constexpr std::size_t longest_aws_value = 2048;

/// Writes a text value behind the thing it belongs to; other kinds are in place.
inline Value text_value(char*& cursor, ValueKind kind, std::string_view text) noexcept {
  Value value;
  value.text = cursor;
  value.size = static_cast<std::uint32_t>(text.size());
  value.kind = kind;
  put(cursor, text);
  return value;
}

/// Any annotation. `text`: the value, where that is one.
[[gnu::noinline]] inline void annotate(Node* node, std::string_view key, Value value,
                                       std::string_view text = std::string_view()) noexcept {
  if (node == nullptr) return;
  // Keys are checked when the document is written; a longer one only has to be seen to be too long.
  key = key.substr(0, longest_annotation_key + 1);
  text = bounded(text, longest_annotation);
  auto* const entry = allocate_with_text<Annotation>(node, key.size() + text.size());
  if (entry == nullptr) return;
  char* cursor = reinterpret_cast<char*>(entry + 1);
  entry->key = put(cursor, key);
  entry->value = value.kind == ValueKind::text ? text_value(cursor, ValueKind::text, text) : value;
  entry->next = node->annotations;
  node->annotations = entry;
}

[[gnu::noinline]] inline void annotate_with_text(Node* node, std::string_view key,
                                                 std::string_view text) noexcept {
  Value value{};
  value.kind = ValueKind::text;
  annotate(node, key, value, text);
}

/// `omitted`: bytes of the text that are not kept.
template <typename MakeValue>
void add_metadata_value(Node* node, std::string_view key, std::string_view name_space,
                        std::size_t text_size, std::uint64_t omitted,
                        MakeValue&& make_value) noexcept {
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
  entry->omitted = omitted;
  link_detail(node, entry, Detail::Kind::metadata);
}

template <typename MakeValue>
void add_aws_value(Node* node, std::string_view key, std::size_t text_size,
                   MakeValue&& make_value) noexcept {
  if (node == nullptr || key.empty() || key == "xray") return;  // "xray" is the SDK's own
  key = bounded(key, longest_field);
  auto* const entry = allocate_with_text<AwsDetail>(node, key.size() + text_size);
  if (entry == nullptr) return;
  char* cursor = reinterpret_cast<char*>(entry + 1);
  entry->key = put(cursor, key);
  entry->value = make_value(cursor);
  link_detail(node, entry, Detail::Kind::aws);
}

inline void add_aws_text(Node* node, std::string_view key, std::string_view value) noexcept {
  if (value.empty()) return;
  value = value.substr(0, longest_aws_value);
  add_aws_value(node, key, value.size(),
                [value](char*& cursor) { return text_value(cursor, ValueKind::text, value); });
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

inline void set_text(Node* node, Detail::Kind kind, std::string_view text,
                     std::size_t longest = longest_field) noexcept {
  if (node == nullptr) return;
  text = bounded(text, longest);
  auto* const entry = allocate_with_text<TextDetail>(node, text.size());
  if (entry == nullptr) return;
  char* cursor = reinterpret_cast<char*>(entry + 1);
  entry->text = put(cursor, text);
  link_detail(node, entry, kind);
}

}  // namespace detail

/// The usual case in full, without a call: that is what makes it quick.
XRAY_DECL void Entity::add_annotation(std::string_view key, std::string_view value) noexcept {
  detail::Node* const node = node_;
  if (node == nullptr) return;
  detail::Chapter* const chapter = node->chapter;
  if (__builtin_expect(static_cast<long>(chapter->thread != &detail::thread_state), 0) != 0) {
    return detail::annotate_with_text(node, key, value);
  }
  detail::Arena& arena = chapter->arena;
  char* const memory = arena.cursor;
  constexpr std::size_t fixed = sizeof(detail::Annotation);
  const std::size_t size = (fixed + key.size() + value.size() + 7U) & ~std::size_t{7};
  if (__builtin_expect(
          static_cast<long>(key.size() > detail::short_text || value.size() > detail::short_text ||
                            static_cast<std::size_t>(arena.limit - memory) < size),
          0) != 0) {
    return detail::annotate_with_text(node, key, value);
  }
  arena.cursor = memory + size;
  auto* const entry = new (memory) detail::Annotation;
  char* const text = memory + fixed;
  entry->next = node->annotations;
  node->annotations = entry;
  entry->key.data = text;
  entry->key.size = static_cast<std::uint32_t>(key.size());
  entry->value.text = text + key.size();
  entry->value.size = static_cast<std::uint32_t>(value.size());
  entry->value.kind = detail::ValueKind::text;
  detail::copy_short_text(text, key.data(), key.size());
  detail::copy_short_text(text + key.size(), value.data(), value.size());
}

XRAY_DECL void Entity::add_annotation_bool(std::string_view key, bool value) noexcept {
  detail::annotate(node_, key, detail::bool_value(value));
}

XRAY_DECL void Entity::add_annotation_double(std::string_view key, double value) noexcept {
  detail::annotate(node_, key, detail::double_value(value));
}

XRAY_DECL void Entity::add_annotation_integer(std::string_view key, std::int64_t value) noexcept {
  detail::annotate(node_, key, detail::integer_value(value));
}

XRAY_DECL void Entity::add_annotation_unsigned(std::string_view key, std::uint64_t value) noexcept {
  detail::annotate(node_, key, detail::unsigned_value(value));
}

namespace detail {
/// Text of metadata: more than a document holds is not copied.
inline void add_metadata_text(Node* node, std::string_view key, ValueKind kind,
                              std::string_view value, std::string_view name_space) noexcept {
  const std::string_view kept = value.substr(0, largest_document + 1);
  add_metadata_value(node, key, name_space, kept.size(), value.size() - kept.size(),
                     [kind, kept](char*& cursor) { return text_value(cursor, kind, kept); });
}
}  // namespace detail

XRAY_DECL void Entity::add_metadata(std::string_view key, std::string_view value,
                                    std::string_view name_space) noexcept {
  detail::add_metadata_text(node_, key, detail::ValueKind::text, value, name_space);
}

XRAY_DECL void Entity::add_metadata(std::string_view key, Json value,
                                    std::string_view name_space) noexcept {
  detail::add_metadata_text(node_, key, detail::ValueKind::json, value.text, name_space);
}

XRAY_DECL void Entity::add_metadata_bool(std::string_view key, bool value,
                                         std::string_view name_space) noexcept {
  detail::add_metadata_value(node_, key, name_space, 0, 0,
                             [value](char*&) { return detail::bool_value(value); });
}

XRAY_DECL void Entity::add_metadata_double(std::string_view key, double value,
                                           std::string_view name_space) noexcept {
  detail::add_metadata_value(node_, key, name_space, 0, 0,
                             [value](char*&) { return detail::double_value(value); });
}

XRAY_DECL void Entity::add_metadata_integer(std::string_view key, std::int64_t value,
                                            std::string_view name_space) noexcept {
  detail::add_metadata_value(node_, key, name_space, 0, 0,
                             [value](char*&) { return detail::integer_value(value); });
}

XRAY_DECL void Entity::add_metadata_unsigned(std::string_view key, std::uint64_t value,
                                             std::string_view name_space) noexcept {
  detail::add_metadata_value(node_, key, name_space, 0, 0,
                             [value](char*&) { return detail::unsigned_value(value); });
}

XRAY_DECL void Entity::add_aws(std::string_view key, std::string_view value) noexcept {
  detail::add_aws_text(node_, key, value);
}

XRAY_DECL void Entity::add_aws(std::string_view key, Json value) noexcept {
  const std::string_view text = value.text.substr(0, detail::longest_aws_value);
  detail::add_aws_value(node_, key, text.size(), [text](char*& cursor) {
    return detail::text_value(cursor, detail::ValueKind::json, text);
  });
}

XRAY_DECL void Entity::add_aws_integer(std::string_view key, std::int64_t value) noexcept {
  detail::add_aws_value(node_, key, 0, [value](char*&) { return detail::integer_value(value); });
}

XRAY_DECL void Entity::add_aws_bool(std::string_view key, bool value) noexcept {
  detail::add_aws_value(node_, key, 0, [value](char*&) { return detail::bool_value(value); });
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
  // Who is told that nothing is sampled sends no segment that X-Ray could wait for.
  entry->traced = request.traced && !node_->chapter->record->provisional;
  detail::link_detail(node_, entry, detail::Detail::Kind::http_request);
}

XRAY_DECL void Entity::set_http_response(int status, std::int64_t content_length) noexcept {
  if (node_ == nullptr) return;
  if (status >= 400 && status <= 499) node_->flags.error = true;
  if (status == 429) node_->flags.throttle = true;
  if (status >= 500 && status <= 599) node_->flags.fault = true;
  auto* const entry = detail::allocate_with_text<detail::HttpResponseDetail>(node_, 0);
  if (entry == nullptr) return;
  entry->status = status;
  entry->content_length = content_length;
  detail::link_detail(node_, entry, detail::Detail::Kind::http_response);
}

XRAY_DECL void Entity::set_error(bool on) noexcept {
  if (node_ != nullptr) node_->flags.error = on;
}

XRAY_DECL void Entity::set_fault(bool on) noexcept {
  if (node_ != nullptr) node_->flags.fault = on;
}

XRAY_DECL void Entity::set_throttle(bool on) noexcept {
  if (node_ == nullptr) return;
  node_->flags.throttle = on;
  if (on) node_->flags.error = true;
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

XRAY_DECL void Entity::announce() noexcept {
  if (node_ != nullptr) detail::announce(node_);
}

XRAY_DECL SegmentId Entity::id() const noexcept {
  return node_ != nullptr ? SegmentId(node_->id) : SegmentId();
}

XRAY_DECL Context Entity::context() const noexcept {
  if (node_ != nullptr) return {node_->chapter->record, node_, Context::Take()};
  if (record_ != nullptr) return {record_, nullptr, Context::Take()};
  return current_context();
}

XRAY_DECL TraceHeader Entity::trace_header() const noexcept {
  if (node_ != nullptr) return detail::header_of(node_->chapter->record, node_);
  if (record_ != nullptr) return detail::header_of(record_, nullptr);
  const detail::ThreadState& thread = detail::thread_state;
  return detail::header_of(thread.current.record, thread.current.node);
}

XRAY_NAMESPACE_END
