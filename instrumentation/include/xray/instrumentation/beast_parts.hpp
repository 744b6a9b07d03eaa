// What the adapters for Boost.Beast have in common.
#pragma once

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/message.hpp>

#include <cstdint>
#include <string_view>

#include <xray/instrumentation/http_parts.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Beast's string_view is Boost's or the standard library's, as it was built.
inline std::string_view from_beast(boost::beast::string_view text) noexcept {
  return {text.data(), text.size()};
}
inline boost::beast::string_view to_beast(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

template <typename Header>
std::string_view beast_field(const Header& header, std::string_view name) {
  const auto field = header.find(to_beast(name));
  return field == header.end() ? std::string_view() : from_beast(field->value());
}

/// What the header says (the answer to HEAD has no body), else the body's size, if Beast knows it.
template <bool IsRequest, typename Body, typename Fields>
std::int64_t beast_content_length(
    const boost::beast::http::message<IsRequest, Body, Fields>& message) {
  const std::string_view text = beast_field(message, "Content-Length");
  if (!text.empty()) return content_length(text);
  const auto size = message.payload_size();
  return size ? static_cast<std::int64_t>(*size) : -1;
}

}  // namespace detail
XRAY_NAMESPACE_END
