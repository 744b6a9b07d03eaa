// What documents say about HTTP, as text to compare.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string>

#include "support/documents.hpp"

namespace support {

inline std::string json_text(const JsonValue& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return buffer.GetString();
}

/// A half of the `http` block; empty if there is none.
inline std::string http_request_of(const JsonValue& entity) {
  const auto http = entity.FindMember("http");
  if (http == entity.MemberEnd() || !http->value.HasMember("request")) return {};
  return json_text(http->value["request"]);
}
inline std::string http_response_of(const JsonValue& entity) {
  const auto http = entity.FindMember("http");
  if (http == entity.MemberEnd() || !http->value.HasMember("response")) return {};
  return json_text(http->value["response"]);
}

/// Which of the three flags are set: "error throttle", "fault", ...
inline std::string flags_of(const JsonValue& entity) {
  std::string result;
  for (const char* const flag : {"error", "throttle", "fault"}) {
    const auto member = entity.FindMember(flag);
    if (member == entity.MemberEnd() || !member->value.IsTrue()) continue;
    result += (result.empty() ? "" : " ") + std::string(flag);
  }
  return result;
}

/// Type and message of the first exception of the cause.
inline std::string cause_of(const JsonValue& entity) {
  const JsonValue& exceptions = at(at(entity, "cause"), "exceptions");
  if (!exceptions.IsArray() || exceptions.Empty()) return {};
  return text_of(at(exceptions[0], "type")) + ": " + text_of(at(exceptions[0], "message"));
}

}  // namespace support
