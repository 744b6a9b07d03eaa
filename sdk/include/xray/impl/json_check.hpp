// Whether a text is JSON.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Nested deeper than this, metadata is kept as text: readers of documents have limits too.
inline constexpr unsigned deepest_json = 256;

/// Accepts every event but too deep a nesting, and text that no UTF-8 can hold.
struct JsonGuard : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, JsonGuard> {
  unsigned depth = 0;
  unsigned deepest = 0;
  bool open() {
    ++depth;
    if (depth > deepest) deepest = depth;
    return depth <= deepest_json;
  }
  bool StartObject() { return open(); }
  bool StartArray() { return open(); }
  bool EndObject(rapidjson::SizeType /*members*/) {
    --depth;
    return true;
  }
  bool EndArray(rapidjson::SizeType /*elements*/) {
    --depth;
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool copy) {
    return String(text, size, copy);
  }
  /// RapidJSON refuses the escape of half a character where it is the first half; here the second
  /// half alone shows itself.
  bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    const char* const end = text + size;
    while (text != end) {
      text =
          static_cast<const char*>(std::memchr(text, 0xED, static_cast<std::size_t>(end - text)));
      if (text == nullptr) return true;
      if (end - text > 1 && static_cast<unsigned char>(text[1]) >= 0xA0U) return false;
      ++text;
    }
    return true;
  }
};

struct JsonShape {
  bool valid = false;
  unsigned depth = 0;  ///< of objects and arrays; 0 for a scalar
};

/// One JSON value in UTF-8 and nothing after it, nested no deeper than deepest_json.
inline JsonShape json_shape(std::string_view text) {
  // RapidJSON takes a zero byte for the end, whatever follows it.
  if (text.find('\0') != std::string_view::npos) return {};
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  JsonGuard guard;
  const bool valid = !reader.Parse<flags>(stream, guard).IsError();
  return {valid, guard.deepest};
}

inline bool is_json(std::string_view text) {
  return json_shape(text).valid;
}

}  // namespace detail
XRAY_NAMESPACE_END
