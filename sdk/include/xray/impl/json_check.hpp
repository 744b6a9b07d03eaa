// Whether a text is JSON.
#pragma once

#include <cstddef>
#include <string_view>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Nested deeper than this, metadata is kept as text: readers of documents have limits too.
inline constexpr unsigned deepest_json = 256;

/// Accepts every event but too deep a nesting.
struct DepthGuard : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, DepthGuard> {
  unsigned depth = 0;
  bool StartObject() { return ++depth <= deepest_json; }
  bool StartArray() { return ++depth <= deepest_json; }
  bool EndObject(rapidjson::SizeType /*members*/) {
    --depth;
    return true;
  }
  bool EndArray(rapidjson::SizeType /*elements*/) {
    --depth;
    return true;
  }
};

/// One JSON value in UTF-8 and nothing after it.
inline bool is_json(std::string_view text) {
  // RapidJSON takes a zero byte for the end, whatever follows it.
  if (text.find('\0') != std::string_view::npos) return false;
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  DepthGuard guard;
  return !reader.Parse<flags>(stream, guard).IsError();
}

}  // namespace detail
XRAY_NAMESPACE_END
