// Settings of a session that change where its literals end.
#pragma once

#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {

/// Whether characters of this set, named as libraries name it, may contain a backslash, which then
/// escapes nothing.
[[nodiscard]] bool hides_backslashes(std::string_view character_set) noexcept;

/// Whether a statement may be a SET, so far as three bytes tell; `text` ends in a zero, or has
/// three bytes or more. Asked for every query, so it costs a nanosecond.
[[nodiscard]] inline bool may_set(const char* text) noexcept {
  const auto lower = [](char letter) { return static_cast<char>(letter | 0x20); };
  const char first = lower(text[0]);
  if (first < 'a' || first > 'z') return text[0] != '\0';  // white space, a comment
  return first == 's' && lower(text[1]) == 'e' && lower(text[2]) == 't';
}

/// Whether a statement for which may_set() holds may change how the session's literals are written:
/// sql_mode, or one of the character sets above. Its first 4 KiB are looked at.
[[nodiscard]] bool may_change_quoting(std::string_view statement) noexcept;

}  // namespace clients::mysql
XRAY_NAMESPACE_END
