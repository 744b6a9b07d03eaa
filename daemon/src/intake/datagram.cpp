#include "intake/datagram.hpp"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <exception>

#include "ascii.hpp"

namespace xrayd::intake {
namespace {

/// Watches the outermost object's `format` and `version`; of a repeated key the last one counts.
class HeaderHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, HeaderHandler> {
 public:
  [[nodiscard]] bool good() const { return format_ && version_; }

  bool Default() { return value(false, false); }
  bool Int(int number) { return value(false, number == 1); }
  bool Uint(unsigned number) { return value(false, number == 1); }
  bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    return value(same_in_any_case({text, size}, "json"), false);
  }
  bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    if (depth_ == 1) {
      const std::string_view key(text, size);
      member_ = same_in_any_case(key, "format")    ? Member::format
                : same_in_any_case(key, "version") ? Member::version
                                                   : Member::other;
    }
    return true;
  }
  bool StartObject() { return enter(depth_ == 0); }
  bool StartArray() { return enter(false); }
  bool EndObject(rapidjson::SizeType /*count*/) { return leave(); }
  bool EndArray(rapidjson::SizeType /*count*/) { return leave(); }

 private:
  enum class Member { other, format, version };

  bool value(bool is_json, bool is_one) {
    if (depth_ == 0) return false;
    if (depth_ == 1 && member_ == Member::format) format_ = is_json;
    if (depth_ == 1 && member_ == Member::version) version_ = is_one;
    return true;
  }
  bool enter(bool outermost) {
    constexpr int deepest = 16;
    if (!outermost && !value(false, false)) return false;
    return ++depth_ <= deepest;
  }
  bool leave() {
    --depth_;
    return true;
  }

  int depth_ = 0;
  Member member_ = Member::other;
  bool format_ = false;
  bool version_ = false;
};

bool is_good_header(std::string_view line) {
  // What the SDKs send, so that most datagrams cost one comparison. Ours ends in blanks where a
  // burst of datagrams is made of one length.
  line = line.substr(0, line.find_last_not_of(' ') + 1);
  if (line == R"({"format": "json", "version": 1})" || line == R"({"format":"json","version":1})") {
    return true;
  }
  // RapidJSON takes a NUL for the end of its input and would not see what follows.
  if (line.find('\0') != std::string_view::npos) return false;
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::MemoryStream stream(line.data(), line.size());
  rapidjson::Reader reader;
  HeaderHandler handler;
  return !reader.Parse<flags>(stream, handler).IsError() && handler.good();
}

}  // namespace

std::string_view to_string(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::none:
      return "none";
    case Refusal::empty:
      return "empty";
    case Refusal::missing_header:
      return "missing_header";
    case Refusal::bad_header:
      return "bad_header";
    case Refusal::empty_body:
      return "empty_body";
    case Refusal::too_large:
      break;
  }
  return "too_large";
}

Datagram split_datagram(std::string_view datagram) noexcept {
  if (datagram.empty()) return {{}, Refusal::empty};
  const std::size_t newline = datagram.find('\n');
  if (newline == std::string_view::npos) return {{}, Refusal::missing_header};
  try {
    if (!is_good_header(datagram.substr(0, newline))) return {{}, Refusal::bad_header};
  } catch (const std::exception&) {  // no memory for the parser's stack
    return {{}, Refusal::bad_header};
  }
  const std::string_view body = datagram.substr(newline + 1);
  if (body.empty()) return {{}, Refusal::empty_body};
  return {body, Refusal::none};
}

}  // namespace xrayd::intake
