// The parts of a URL, and fields as a query and a form write them.
#pragma once

#include <cstddef>
#include <string_view>

#include <xray/fixed_text.hpp>

#include "text.hpp"

namespace xray::instrumentation {

/// Parts of a URL, borrowed. Userinfo and fragment are no part of it.
struct UrlParts {
  std::string_view host;  ///< IPv6 addresses in their brackets
  std::string_view port;
  std::string_view path;   ///< with its slash; as written
  std::string_view query;  ///< without the `?`; as written
};

/// Takes a URL apart: whole, without a scheme, or from the path on. Never fails: what has no host
/// has an empty one.
inline UrlParts parse_url(std::string_view url) noexcept {
  UrlParts parts;
  url = url.substr(0, url.find('#'));
  const std::size_t question = url.find('?');
  if (question != std::string_view::npos) {
    parts.query = url.substr(question + 1);
    url = url.substr(0, question);
  }
  if (!url.empty() && url.front() == '/') {
    parts.path = url;
    return parts;
  }
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  const std::size_t slash = url.find('/');
  if (slash != std::string_view::npos) parts.path = url.substr(slash);
  std::string_view authority = url.substr(0, slash);
  authority = take_last(authority, '@');
  const std::size_t colon = authority.rfind(':');
  const std::size_t bracket = authority.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || bracket < colon)) {
    parts.port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  parts.host = authority;
  return parts;
}

/// Appends `text` without its percent encoding; in forms a plus is a blank. False if it did not
/// fit; a `%` that begins no code is kept as it is.
template <std::size_t Capacity>
bool append_decoded(FixedText<Capacity>& out, std::string_view text, bool form) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    char character = text[i];
    if (character == '+' && form) character = ' ';
    if (character == '%' && i + 2 < text.size()) {
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        character = static_cast<char>(high * 16 + low);
        i += 2;
      }
    }
    if (!out.append({&character, 1})) return false;
  }
  return true;
}

/// Reads `name=value&...` field by field, as written.
class FormFields {
 public:
  /// `complete`: the text does not end in the middle, so that its last field counts.
  explicit FormFields(std::string_view text, bool complete = true) noexcept
      : rest_(text), complete_(complete) {}

  bool next(std::string_view& name, std::string_view& value) noexcept {
    while (!rest_.empty()) {
      if (!complete_ && rest_.find('&') == std::string_view::npos) return false;
      value = take_until(rest_, '&');
      name = take_until(value, '=');
      if (!name.empty()) return true;
    }
    return false;
  }

 private:
  std::string_view rest_;
  bool complete_;
};

/// The value of a field as written; `found` tells an empty one from none.
inline std::string_view form_field(FormFields fields, std::string_view wanted,
                                   bool* found = nullptr) noexcept {
  std::string_view name;
  std::string_view value;
  while (fields.next(name, value)) {
    if (name != wanted) continue;
    if (found != nullptr) *found = true;
    return value;
  }
  return {};
}

inline bool has_field(std::string_view query, std::string_view name) noexcept {
  bool found = false;
  form_field(FormFields(query), name, &found);
  return found;
}

}  // namespace xray::instrumentation
