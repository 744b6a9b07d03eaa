// Any text as JSON metadata: a second opinion on whether it is JSON; and whatever is built with
// JsonObject and JsonArray is.
#include <rapidjson/document.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <xray/impl/json_check.hpp>
#include <xray/json_builder.hpp>
#include <xray/xray.hpp>

namespace {

/// RFC 8259, read once more: by hand, with a stack of its own.
class SecondOpinion {
 public:
  explicit SecondOpinion(std::string_view text) : text_(text) {}

  bool is_json() {
    blanks();
    if (!value()) return false;
    while (!open_.empty()) {
      blanks();
      const char closing = open_.back() == '{' ? '}' : ']';
      if (taken(closing)) {
        open_.pop_back();
        continue;
      }
      if (!taken(',')) return false;
      blanks();
      if (!member_or_element()) return false;
    }
    blanks();
    return text_.empty();
  }

 private:
  static constexpr std::size_t deepest = 256;

  bool taken(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool taken(std::string_view word) {
    if (text_.substr(0, word.size()) != word) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  void blanks() {
    while (taken(' ') || taken('\t') || taken('\n') || taken('\r')) {
    }
  }

  bool member_or_element() {
    if (open_.back() == '{') {
      if (!string()) return false;
      blanks();
      if (!taken(':')) return false;
      blanks();
    }
    return value();
  }

  /// A scalar, or the beginning of an object or array with its first member or element; nested ones
  /// are entered by going round again.
  bool value() {
    while (true) {
      const char c = text_.empty() ? '\0' : text_.front();
      if (c != '{' && c != '[') return scalar();
      text_.remove_prefix(1);
      open_.push_back(c);
      if (open_.size() > deepest) return false;
      blanks();
      if (taken(c == '{' ? '}' : ']')) {
        open_.pop_back();
        return true;
      }
      if (c == '{') {
        if (!string()) return false;
        blanks();
        if (!taken(':')) return false;
        blanks();
      }
    }
  }

  bool scalar() {
    if (!text_.empty() && text_.front() == '"') return string();
    return taken(std::string_view("true")) || taken(std::string_view("false")) ||
           taken(std::string_view("null")) || number();
  }

  std::size_t digits() {
    std::size_t count = 0;
    while (!text_.empty() && text_.front() >= '0' && text_.front() <= '9') {
      text_.remove_prefix(1);
      ++count;
    }
    return count;
  }

  bool number() {
    const std::string_view begin = text_;
    taken('-');
    if (!taken('0') && digits() == 0) return false;
    if (taken('.') && digits() == 0) return false;
    if (taken('e') || taken('E')) {
      if (!taken('+')) taken('-');
      if (digits() == 0) return false;
    }
    // RapidJSON refuses what is beyond a double.
    const std::string copy(begin.substr(0, begin.size() - text_.size()));
    const double number = std::strtod(copy.c_str(), nullptr);
    huge_ = huge_ || number > 1.7e308 || number < -1.7e308;
    return true;
  }

  unsigned four_digits() {
    unsigned code = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = text_.empty() ? '\0' : text_.front();
      const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                             : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
                             : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A' + 10)
                                                    : 99;
      if (digit == 99) return 0x110000;
      code = code * 16 + digit;
      text_.remove_prefix(1);
    }
    return code;
  }

  bool string() {
    if (!taken('"')) return false;
    while (!text_.empty()) {
      const auto c = static_cast<unsigned char>(text_.front());
      if (c == '"') return taken('"');
      if (c < 0x20) return false;
      if (c == '\\') {
        text_.remove_prefix(1);
        if (!escape()) return false;
      } else if (!character(c)) {
        return false;
      }
    }
    return false;
  }

  bool escape() {
    if (text_.empty()) return false;
    const char c = text_.front();
    text_.remove_prefix(1);
    if (c != 'u') return std::strchr("\"\\/bfnrt", c) != nullptr && c != '\0';
    const unsigned code = four_digits();
    if (code > 0xFFFF) return false;
    if (code >= 0xDC00 && code <= 0xDFFF) return false;
    if (code < 0xD800 || code > 0xDBFF) return true;
    if (!taken(std::string_view("\\u"))) return false;
    const unsigned second = four_digits();
    return second >= 0xDC00 && second <= 0xDFFF;
  }

  bool character(unsigned char first) {
    const std::size_t size = first < 0x80                    ? 1
                             : first >= 0xC2 && first < 0xE0 ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
    if (size == 0 || text_.size() < size) return false;
    for (std::size_t i = 1; i < size; ++i) {
      const auto c = static_cast<unsigned char>(text_[i]);
      if (c < 0x80 || c > 0xBF) return false;
    }
    const auto second = size > 1 ? static_cast<unsigned char>(text_[1]) : 0;
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
        (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) {
      return false;
    }
    text_.remove_prefix(size);
    return true;
  }

  std::string_view text_;
  std::vector<char> open_;
  bool huge_ = false;

 public:
  /// Has a number at the end of what a double holds, where opinions may differ.
  [[nodiscard]] bool is_doubtful() const { return huge_; }
};

class Pieces {
 public:
  Pieces(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  [[nodiscard]] bool empty() const { return size_ == 0; }
  std::uint8_t byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  std::string_view text() {
    std::size_t size = byte();
    if (size > size_) size = size_;
    const std::string_view result(reinterpret_cast<const char*>(data_), size);
    data_ += size;
    size_ -= size;
    return result;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

void build(xray::JsonArray& array, Pieces& pieces);

void build(xray::JsonObject& object, Pieces& pieces) {
  while (!pieces.empty()) {
    const std::string_view key = pieces.text();
    switch (pieces.byte() % 8) {
      case 0:
        object.add(key, pieces.text());
        break;
      case 1: {
        double number = 0;
        const std::string_view bytes = pieces.text();
        std::memcpy(&number, bytes.data(), bytes.size() < 8 ? bytes.size() : 8);
        object.add(key, number);
        break;
      }
      case 2:
        object.add(key, xray::Json(pieces.text()));
        break;
      case 3:
        object.add(key, object);
        break;
      case 4: {
        xray::JsonArray array;
        build(array, pieces);
        object.add(key, array);
        break;
      }
      case 5:
        object.add(object.text(), pieces.byte());
        break;
      case 6:
        object.add(key, nullptr);
        break;
      default:
        return;
    }
  }
}

void build(xray::JsonArray& array, Pieces& pieces) {
  while (!pieces.empty()) {
    switch (pieces.byte() % 6) {
      case 0:
        array.add(pieces.text());
        break;
      case 1:
        array.add(static_cast<int>(pieces.byte()) - 128);
        break;
      case 2:
        array.add(array);
        break;
      case 3: {
        xray::JsonObject object;
        build(object, pieces);
        array.add(object);
        break;
      }
      case 4:
        array.add(array.text());
        break;
      default:
        return;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool ready = [] {
    xray::Configuration configuration;
    configuration.log = [](std::string_view) {};
    return !xray::configure(configuration);
  }();
  if (!ready) std::abort();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  SecondOpinion opinion(text);
  const bool expected = opinion.is_json();
  if (!opinion.is_doubtful() && xray::detail::is_json(text) != expected) std::abort();

  Pieces pieces(data, size);
  xray::JsonObject object;
  build(object, pieces);
  if (object.text().size() > (std::size_t{1} << 20U)) std::abort();
  if (!xray::detail::is_json(object.text())) std::abort();
  if (!SecondOpinion(object.text()).is_json()) std::abort();
  return 0;
}
