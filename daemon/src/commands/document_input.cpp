#include "commands/document_input.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "commands/byte_source.hpp"
#include "local/document/segment_document.hpp"

namespace xrayd::commands {
namespace {

using Use = std::function<void(InputItem&&)>;

constexpr std::size_t look_ahead = 256;
constexpr std::string_view too_long = "longer than 1 MiB, the largest document";

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// ---- answers of BatchGetTraces -----------------------------------------------------------------

/// The source as RapidJSON reads it. It ends early where a single value would fill the memory.
class AnswerStream {
 public:
  using Ch = char;

  explicit AnswerStream(ByteSource& source) : source_(source) {}

  char Peek() const { return is_too_long() ? '\0' : source_.peek(); }
  char Take() {
    if (is_too_long()) return '\0';
    ++position_;
    return source_.take();
  }
  std::size_t Tell() const { return position_; }
  // For streams that are written to.
  char* PutBegin() { return nullptr; }
  void Put(char /*c*/) {}
  void Flush() {}
  std::size_t PutEnd(char* /*begin*/) { return 0; }

  void new_value() { value_begin_ = position_; }
  [[nodiscard]] bool is_too_long() const { return position_ - value_begin_ > longest_value; }
  [[nodiscard]] std::size_t line() const { return source_.line(); }

 private:
  // Of a document as a string, each of whose bytes may be six.
  static constexpr std::size_t longest_value = 6 * local::max_document_bytes + 4096;

  ByteSource& source_;
  std::size_t position_ = 0;
  std::size_t value_begin_ = 0;
};

/// Finds `Traces[].Segments[].Document`.
class AnswerHandler {
 public:
  AnswerHandler(AnswerStream& stream, const Use& use) : stream_(stream), use_(use) {}

  bool Null() { return other(); }
  bool Bool(bool /*value*/) { return other(); }
  bool Int(int /*value*/) { return other(); }
  bool Uint(unsigned /*value*/) { return other(); }
  bool Int64(std::int64_t /*value*/) { return other(); }
  bool Uint64(std::uint64_t /*value*/) { return other(); }
  bool Double(double /*value*/) { return other(); }
  bool RawNumber(const char* /*text*/, rapidjson::SizeType /*size*/, bool /*copy*/) {
    return other();
  }
  bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    if (is_document()) use_({stream_.line(), std::string(text, size), {}, true});
    return other();
  }
  bool StartObject() { return begin(Place::object); }
  bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    const std::string_view key(text, size);
    if (key == "Traces") {
      path_.back() = Place::traces;
    } else if (key == "Segments") {
      path_.back() = Place::segments;
    } else {
      path_.back() = key == "Document" ? Place::document : Place::object;
    }
    return other();
  }
  bool EndObject(rapidjson::SizeType /*members*/) { return end(); }
  bool StartArray() { return begin(Place::array); }
  bool EndArray(rapidjson::SizeType /*elements*/) { return end(); }

 private:
  /// An object by its member that is being read, or an array.
  enum class Place { object, traces, segments, document, array };

  [[nodiscard]] bool is_document() const {
    static constexpr std::array<Place, 5> wanted = {Place::traces, Place::array, Place::segments,
                                                    Place::array, Place::document};
    return std::equal(path_.begin(), path_.end(), wanted.begin(), wanted.end());
  }
  bool other() {
    stream_.new_value();
    return true;
  }
  bool begin(Place place) {
    constexpr std::size_t deepest = 64;
    path_.push_back(place);
    return other() && path_.size() <= deepest;
  }
  bool end() {
    path_.pop_back();
    return other();
  }

  AnswerStream& stream_;
  const Use& use_;
  std::vector<Place> path_;
};

/// False if the rest makes no sense.
bool read_answer(ByteSource& source, const Use& use) {
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseStopWhenDoneFlag |
                             rapidjson::kParseValidateEncodingFlag;
  AnswerStream stream(source);
  AnswerHandler handler(stream, use);
  rapidjson::Reader reader;
  const auto result = reader.Parse<flags>(stream, handler);
  if (!result.IsError()) return true;
  std::string why = stream.is_too_long() ? "a value is too long"
                    : result.Code() == rapidjson::kParseErrorTermination
                        ? "it is too deep"
                        : rapidjson::GetParseError_En(result.Code());
  use({stream.line(), {}, "this answer can't be read on: " + why, true});
  return false;
}

// ---- documents ---------------------------------------------------------------------------------

void read_line(ByteSource& source, const Use& use) {
  InputItem item;
  item.line = source.line();
  while (!source.at_end()) {
    const char c = source.take();
    if (c == '\n') break;
    if (item.fault.empty()) item.document += c;
    if (item.document.size() <= local::max_document_bytes + 1) continue;
    item.document.clear();
    item.fault = too_long;
  }
  while (!item.document.empty() && is_blank(item.document.back())) item.document.pop_back();
  use(std::move(item));
}

/// An object on several lines. False if it has no end.
bool read_object(ByteSource& source, const Use& use) {
  InputItem item;
  item.line = source.line();
  std::size_t depth = 0;
  bool in_text = false;
  bool escaped = false;
  while (!source.at_end() && item.document.size() <= local::max_document_bytes) {
    const char c = source.take();
    item.document += c;
    if (escaped) {
      escaped = false;
    } else if (in_text) {
      escaped = c == '\\';
      in_text = c != '"';
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      use(std::move(item));
      return true;
    }
  }
  item.fault = source.at_end() ? "this object has no end" : too_long;
  item.document.clear();
  use(std::move(item));
  return false;
}

enum class Kind { line, object, answer };

Kind kind_of(std::string_view text) {
  if (!text.starts_with('{')) return Kind::line;
  text.remove_prefix(1);
  bool alone = false;
  while (!text.empty() && is_blank(text.front())) {
    alone = alone || text.front() == '\n';
    text.remove_prefix(1);
  }
  constexpr std::array<std::string_view, 4> members = {R"("Traces")", R"("UnprocessedTraceIds")",
                                                       R"("NextToken")", R"("ResponseMetadata")"};
  const bool answer = std::any_of(members.begin(), members.end(), [text](std::string_view member) {
    return text.starts_with(member);
  });
  if (answer) return Kind::answer;
  return alone ? Kind::object : Kind::line;
}

}  // namespace

void read_documents(std::istream& input, const std::function<void(InputItem&&)>& use) {
  ByteSource source(input);
  bool good = true;
  while (good) {
    while (is_blank(source.peek())) source.take();
    if (source.at_end()) return;
    switch (kind_of(source.ahead(look_ahead))) {
      case Kind::answer:
        good = read_answer(source, use);
        break;
      case Kind::object:
        good = read_object(source, use);
        break;
      case Kind::line:
        read_line(source, use);
        break;
    }
  }
}

}  // namespace xrayd::commands
