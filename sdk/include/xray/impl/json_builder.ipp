#pragma once

#include <charconv>
#include <cmath>
#include <functional>
#include <string>
#include <string_view>

#include <xray/impl/diagnostics.hpp>
#include <xray/impl/exceptions.hpp>
#include <xray/impl/json_check.hpp>
#include <xray/impl/output.hpp>
#include <xray/impl/recorder.hpp>
#include <xray/json_builder.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Bytes of one builder's text.
inline constexpr std::size_t largest_built_json = std::size_t{1} << 20U;
/// What the mark of an incomplete object or array takes, and the closing brace.
inline constexpr std::size_t incomplete_mark_room = 32;

XRAY_DECL JsonText::JsonText(const JsonText& other) noexcept
    : empty_(other.empty_), depth_(other.depth_), complete_(other.complete_) {
  *this = other;
}

XRAY_DECL JsonText& JsonText::operator=(const JsonText& other) noexcept {
  if (this == &other) return *this;
  XRAY_TRY {
    // The room for the mark comes along.
    if (!other.text_.empty()) text_.reserve(other.text_.size() + incomplete_mark_room);
    text_ = other.text_;
    depth_ = other.depth_;
    complete_ = other.complete_;
  }
  XRAY_CATCH_BAD_ALLOC {
    text_.clear();
    depth_ = 1;
    complete_ = true;
    leave_out(true);
  }
  return *this;
}

/// Whether a text lies in this one, which is about to change: `object.add("self", object)`.
inline bool JsonText::is_own(std::string_view text) const noexcept {
  const std::less_equal<const char*> not_after;
  return !text.empty() && not_after(text_.data(), text.data()) &&
         not_after(text.data(), text_.data() + text_.size());
}

template <typename Add>
void JsonText::with_copy_of(std::string_view text, Add&& add) noexcept {
  XRAY_TRY {
    const std::string copy(text);
    add(std::string_view(copy));
  }
  XRAY_CATCH_BAD_ALLOC {
    leave_out(true);
  }
}

/// Room for `size` more, and always for the mark. False if there is none.
inline bool JsonText::make_room(std::size_t size) noexcept {
  const std::size_t wanted = text_.size() + size + incomplete_mark_room;
  if (wanted <= text_.capacity()) return true;
  XRAY_TRY {
    text_.reserve(wanted > 2 * text_.capacity() ? wanted : 2 * text_.capacity());
    return true;
  }
  XRAY_CATCH_BAD_ALLOC {
    return false;
  }
  return false;  // NOLINT: unreachable with exceptions
}

/// Marks the text, in the room kept for it; without any room complete() alone tells.
inline void JsonText::leave_out(bool no_memory) noexcept {
  if (no_memory) {
    say_no_memory();
  } else {
    count(counters.metadata_truncated);
    reports.metadata(
        "xray: a metadata value larger than 1 MiB or nested deeper than 256 was left incomplete");
  }
  if (!complete_) return;
  complete_ = false;
  const std::string_view mark = empty_[0] == '{' ? std::string_view("\"xray_incomplete\":true}")
                                                 : std::string_view("\"...\"]");
  if (text_.empty()) {
    if (!make_room(1)) return;
    text_.assign(1, empty_[0]);
  } else {
    text_.back() = ',';
  }
  text_.append(mark);
}

/// Adds a member or element of which `write` writes at most `most` bytes to where it is told and
/// returns the end. Nothing follows the mark of what was left out.
template <typename Write>
void JsonText::append(const std::string_view* key, std::size_t most, Write&& write) noexcept {
  if (!complete_) {
    leave_out(false);
    return;
  }
  const std::size_t key_size = key != nullptr ? key->size() : 0;
  if (text_.size() + key_size + incomplete_mark_room > largest_built_json) {
    leave_out(false);
    return;
  }
  if (key != nullptr && is_own(*key)) {
    with_copy_of(*key, [&](std::string_view copy) { append(&copy, most, write); });
    return;
  }
  const std::size_t before = text_.size();
  const std::size_t room = Output::largest_string(key_size) + most + 4;
  if (!make_room(room)) {
    leave_out(true);
    return;
  }
  text_.resize(before + room);
  char* const begin = text_.data();
  char* out = begin + (before != 0 ? before - 1 : 0);
  *out++ = before != 0 ? ',' : empty_[0];
  if (key != nullptr) {
    std::string_view rest = *key;
    out = Output::write_string(out, rest, static_cast<std::size_t>(-1));
    *out++ = ':';
  }
  out = write(out);
  *out++ = empty_[1];
  const auto size = static_cast<std::size_t>(out - begin);
  if (size + incomplete_mark_room > largest_built_json) {
    text_.resize(before);
    if (before != 0) text_.back() = empty_[1];
    leave_out(false);
    return;
  }
  text_.resize(size);
}

XRAY_DECL void JsonText::add_plain(const std::string_view* key, std::string_view text) noexcept {
  if (is_own(text)) {
    with_copy_of(text, [this, key](std::string_view copy) { add_plain(key, copy); });
    return;
  }
  append(key, text.size(), [text](char* out) { return out + text.copy(out, text.size()); });
}

XRAY_DECL void JsonText::add_text(const std::string_view* key, std::string_view text,
                                  unsigned depth) noexcept {
  if (depth + 1 > deepest_json) {
    leave_out(false);
    return;
  }
  const std::size_t before = text_.size();
  add_plain(key, text);
  if (complete_ && text_.size() != before && depth + 1 > depth_) depth_ = depth + 1;
}

XRAY_DECL void JsonText::add_string(const std::string_view* key, std::string_view value) noexcept {
  if (value.size() > largest_built_json) {
    leave_out(false);
    return;
  }
  if (is_own(value)) {
    with_copy_of(value, [this, key](std::string_view copy) { add_string(key, copy); });
    return;
  }
  append(key, Output::largest_string(value.size()), [&value](char* out) {
    return Output::write_string(out, value, static_cast<std::size_t>(-1));
  });
}

XRAY_DECL void JsonText::add_json(const std::string_view* key, std::string_view text) noexcept {
  if (text.size() > largest_built_json) {
    leave_out(false);
    return;
  }
  const JsonShape shape = json_shape(text);
  if (shape.valid) {
    add_text(key, text, shape.depth);
    return;
  }
  count(counters.metadata_invalid);
  reports.metadata("xray: metadata that JSON can't hold was recorded as a string");
  add_string(key, text);
}

XRAY_DECL void JsonText::add_double(const std::string_view* key, double value) noexcept {
  if (!std::isfinite(value)) {
    count(counters.metadata_invalid);
    reports.metadata("xray: metadata that JSON can't hold was recorded as a string");
    add_string(key, std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    return;
  }
  append(key, 32, [value](char* out) { return std::to_chars(out, out + 32, value).ptr; });
}

XRAY_DECL void JsonText::add_integer(const std::string_view* key, std::int64_t value) noexcept {
  append(key, 24, [value](char* out) { return std::to_chars(out, out + 24, value).ptr; });
}

XRAY_DECL void JsonText::add_unsigned(const std::string_view* key, std::uint64_t value) noexcept {
  append(key, 24, [value](char* out) { return std::to_chars(out, out + 24, value).ptr; });
}

}  // namespace detail
XRAY_NAMESPACE_END
