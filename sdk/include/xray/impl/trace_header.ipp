#pragma once

#include <xray/trace_header.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

inline bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

inline std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Compares with a lower-case ASCII name, ignoring case.
inline bool is_key(std::string_view text, std::string_view lower) noexcept {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower[i]) return false;
  }
  return true;
}

/// What may travel on: a control character could end the header line and begin another.
inline bool is_printable(std::string_view text) noexcept {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20U || c == 0x7f) return false;
  }
  return true;
}

}  // namespace detail

XRAY_DECL TraceHeader TraceHeader::parse(std::string_view text) noexcept {
  TraceHeader header;
  if (__builtin_expect(static_cast<long>(text.size() > longest_text), 0) != 0) {
    // Half a part could say something else than the whole one.
    const bool is_whole = text[longest_text] == ';';
    text = text.substr(0, longest_text);
    if (!is_whole) text = text.substr(0, text.rfind(';') + 1);
  }
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    const std::string_view part = detail::trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    const std::string_view key = detail::trimmed(part.substr(0, equals));
    const std::string_view value = detail::trimmed(part.substr(equals + 1));

    if (detail::is_key(key, "root")) {
      header.trace_id_ = TraceId::parse(value);
    } else if (detail::is_key(key, "parent")) {
      header.parent_id_ = SegmentId::parse(value);
    } else if (detail::is_key(key, "sampled")) {
      header.sampling_ = value == "1"   ? Sampling::sampled
                         : value == "0" ? Sampling::not_sampled
                         : value == "?" ? Sampling::requested
                                        : Sampling::unknown;
    } else if (!detail::is_key(key, "self") && detail::is_printable(part)) {
      const std::size_t separator = header.extras_.empty() ? 0 : 1;
      const std::size_t size = separator + key.size() + 1 + value.size();
      if (size > extras_capacity - header.extras_.size()) continue;
      if (separator != 0) header.extras_.append(";");
      header.extras_.append(key);
      header.extras_.append("=");
      header.extras_.append(value);
    }
  }
  // A parent without its trace points nowhere.
  if (!header.trace_id_.valid()) header.parent_id_ = SegmentId();
  return header;
}

XRAY_DECL TraceHeader::Text TraceHeader::to_string() const noexcept {
  Text text;
  const auto separate = [&text] {
    if (!text.empty()) text.append(";");
  };
  if (trace_id_.valid()) {
    text.append("Root=");
    text.append(trace_id_.to_string());
  }
  if (parent_id_.valid()) {
    separate();
    text.append("Parent=");
    text.append(parent_id_.to_string());
  }
  if (sampling_ != Sampling::unknown) {
    separate();
    text.append(sampling_ == Sampling::sampled       ? "Sampled=1"
                : sampling_ == Sampling::not_sampled ? "Sampled=0"
                                                     : "Sampled=?");
  }
  if (!extras_.empty()) {
    separate();
    text.append(extras_);
  }
  return text;
}

XRAY_NAMESPACE_END
