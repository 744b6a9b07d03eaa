// Texts and values of OTLP as JSON that parsers take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "local/json/json.hpp"
#include "local/otlp/otlp_request.hpp"

namespace xrayd::local {

/// Characters that are kept of any text of an attribute.
inline constexpr std::size_t max_attribute_characters = 10'000;

/// The first `limit` characters; bytes that are no UTF-8 become U+FFFD each.
[[nodiscard]] std::string clean_text(std::string_view text,
                                     std::size_t limit = max_attribute_characters);
void write_clean(JsonWriter& writer, std::string_view text,
                 std::size_t limit = max_attribute_characters);
/// Key and text; nothing where the text is empty.
void write_member(JsonWriter& writer, std::string_view key, std::string_view text,
                  std::size_t limit = max_attribute_characters);
/// Bytes as hexadecimal digits; numbers that JSON has no form for as texts.
void write_value(JsonWriter& writer, const OtlpValue& value);

/// Two digits for each byte.
[[nodiscard]] std::string hex(std::string_view bytes);
/// True where bytes are an id of `size` bytes, not all of them 0.
[[nodiscard]] bool is_id(std::string_view bytes, std::size_t size) noexcept;
/// As X-Ray writes it: `1-<8 digits>-<24 digits>`. `bytes` must be 16.
[[nodiscard]] std::string xray_trace_id(std::string_view bytes);

}  // namespace xrayd::local
