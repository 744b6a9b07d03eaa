// Whether a text is JSON. Written here rather than asked of a library, for it must need no memory:
// it runs where documents are written, where memory may have run out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <xray/config.hpp>
#include <xray/impl/utf8.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Nested deeper than this, metadata is kept as text: readers of documents have limits too.
inline constexpr unsigned deepest_json = 256;

/// Reads one text. Iterative: a bit for each level says whether that is an object or an array.
class JsonCheck {
 public:
  explicit JsonCheck(std::string_view text) noexcept : left_(text) {}

  /// One JSON value in UTF-8 and nothing after it.
  bool passes() noexcept {
    while (true) {
      skip_blanks();
      if (left_.empty()) return false;
      const char c = left_.front();
      if (c == '{' || c == '[') {
        left_.remove_prefix(1);
        if (depth_ == deepest_json) return false;
        const bool object = c == '{';
        push(object);
        skip_blanks();
        if (!take(object ? '}' : ']')) {
          if (object && !key()) return false;
          continue;
        }
        --depth_;
      } else if (!scalar()) {
        return false;
      }
      // After a value: the ends of what holds it, then a comma or the end of everything.
      while (true) {
        skip_blanks();
        if (depth_ == 0) return left_.empty();
        if (!take(inside_object() ? '}' : ']')) break;
        --depth_;
      }
      if (!take(',')) return false;
      skip_blanks();
      if (inside_object() && !key()) return false;
    }
  }

  /// How deep objects and arrays were nested, as far as was read.
  [[nodiscard]] unsigned deepest() const noexcept { return deepest_; }

 private:
  void push(bool object) noexcept {
    std::uint64_t& word = is_object_[depth_ / 64];
    const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
    word = object ? word | bit : word & ~bit;
    ++depth_;
    if (depth_ > deepest_) deepest_ = depth_;
  }
  [[nodiscard]] bool inside_object() const noexcept {
    return ((is_object_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64)) & 1U) != 0;
  }

  void skip_blanks() noexcept {
    while (!left_.empty() && (left_.front() == ' ' || left_.front() == '\n' ||
                              left_.front() == '\r' || left_.front() == '\t')) {
      left_.remove_prefix(1);
    }
  }
  bool take(char c) noexcept {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) noexcept {
    if (left_.substr(0, word.size()) != word) return false;
    left_.remove_prefix(word.size());
    return true;
  }

  bool key() noexcept {
    if (!string()) return false;
    skip_blanks();
    return take(':');
  }

  bool scalar() noexcept {
    switch (left_.front()) {
      case '"':
        return string();
      case 't':
        return take("true");
      case 'f':
        return take("false");
      case 'n':
        return take("null");
      default:
        return number();
    }
  }

  bool string() noexcept {
    if (!take('"')) return false;
    while (!left_.empty()) {
      const auto code = static_cast<unsigned char>(left_.front());
      if (code >= 0x80U) {
        const Character character = decode(left_);
        if (!character.valid) return false;
        left_.remove_prefix(character.size);
        continue;
      }
      left_.remove_prefix(1);
      if (code == '"') return true;
      if (code < 0x20U) return false;
      if (code == '\\' && !escape()) return false;
    }
    return false;
  }

  /// What follows a backslash. Halves of surrogate pairs stand only together: many readers refuse a
  /// whole document for one that is alone.
  bool escape() noexcept {
    if (left_.empty()) return false;
    const char c = left_.front();
    left_.remove_prefix(1);
    if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    std::uint32_t code = 0;
    if (!hex4(code) || (code >= 0xDC00U && code <= 0xDFFFU)) return false;
    if (code < 0xD800U || code > 0xDBFFU) return true;
    return take("\\u") && hex4(code) && code >= 0xDC00U && code <= 0xDFFFU;
  }

  bool hex4(std::uint32_t& code) noexcept {
    if (left_.size() < 4) return false;
    code = 0;
    for (const char c : left_.substr(0, 4)) {
      if (!is_digit(c) && (c < 'a' || c > 'f') && (c < 'A' || c > 'F')) return false;
      const char digit = is_digit(c) ? c : static_cast<char>((c & 0x0F) + 9);
      code = code * 16 + (static_cast<unsigned char>(digit) & 0x0FU);
    }
    left_.remove_prefix(4);
    return true;
  }

  static constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

  /// How many digits there are, which are removed.
  std::size_t digits() noexcept {
    std::size_t count = 0;
    while (count < left_.size() && is_digit(left_[count])) ++count;
    left_.remove_prefix(count);
    return count;
  }

  /// A number of JSON's grammar that a double can hold: readers refuse others, or make them
  /// infinite. Of those close to the largest double a few are turned away that would have passed.
  bool number() noexcept {
    take('-');
    const std::string_view from_here = left_;
    const std::size_t whole = digits();
    if (whole == 0 || (whole > 1 && from_here.front() == '0')) return false;
    if (take('.') && digits() == 0) return false;
    std::size_t exponent = 0;
    if (take('e') || take('E')) {
      const bool negative = !take('+') && take('-');
      const std::string_view text = left_;
      const std::size_t size = digits();
      if (size == 0) return false;
      for (const char c : text.substr(0, size)) {
        if (exponent < 10'000) exponent = exponent * 10 + static_cast<std::size_t>(c - '0');
      }
      if (negative) exponent = 0;
    }
    constexpr std::size_t largest_exponent = 308;
    if (whole + exponent <= largest_exponent) return true;
    return whole == 1 && exponent == largest_exponent && from_here.front() == '1' &&
           mantissa_fits(from_here);
  }

  /// Whether 1.ddd is at most that of the largest double.
  static bool mantissa_fits(std::string_view number) noexcept {
    constexpr std::string_view largest = "1.7976931348623157";
    for (std::size_t i = 1; i < largest.size(); ++i) {
      const bool has_digit = i < number.size() && (i == 1 ? number[1] == '.' : is_digit(number[i]));
      if (!has_digit) return true;
      if (number[i] != largest[i]) return number[i] < largest[i];
    }
    return true;
  }

  std::string_view left_;
  unsigned depth_ = 0;
  unsigned deepest_ = 0;
  std::uint64_t is_object_[deepest_json / 64] = {};
};

struct JsonShape {
  bool valid = false;
  unsigned depth = 0;  ///< of objects and arrays; 0 for a scalar
};

inline JsonShape json_shape(std::string_view text) noexcept {
  JsonCheck check(text);
  const bool valid = check.passes();
  return {valid, check.deepest()};
}

inline bool is_json(std::string_view text) noexcept {
  return json_shape(text).valid;
}

}  // namespace detail
XRAY_NAMESPACE_END
