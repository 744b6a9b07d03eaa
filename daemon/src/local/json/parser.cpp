#include "local/json/parser.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace xrayd::local {
namespace {

using rapidjson::SizeType;
using rapidjson::Value;

static_assert(std::endian::native == std::endian::little, "the first byte of a word is its lowest");

constexpr std::uint64_t each_byte = 0x0101010101010101U;
constexpr std::uint64_t each_sign = each_byte * 0x80U;

// Marks bytes that are quotes, backslashes, control characters or no ASCII by their highest bits.
// Only the first mark is sure to be right.
std::uint64_t marks_of(std::uint64_t word) noexcept {
  const std::uint64_t quotes = word ^ (each_byte * '"');
  const std::uint64_t backslashes = word ^ (each_byte * '\\');
  return (((quotes - each_byte) & ~quotes) | ((backslashes - each_byte) & ~backslashes) |
          (word - each_byte * ' ') | word) &
         each_sign;
}

// How many bytes in front are an UTF-8 character that is no ASCII; 0 where they are none.
std::size_t character_size(const char* at, const char* end) noexcept {
  const auto byte = [&](std::ptrdiff_t i) { return static_cast<unsigned char>(at[i]); };
  const auto continues = [&](std::ptrdiff_t i) {
    return end - at > i && (byte(i) & 0xC0U) == 0x80U;
  };
  const unsigned first = byte(0);
  if (first < 0xC2U || first > 0xF4U || !continues(1)) return 0;
  if (first < 0xE0U) return 2;
  const unsigned second = byte(1);
  if (!continues(2)) return 0;
  if (first < 0xF0U) {
    // Not what fits into two bytes, and no half of a surrogate pair.
    const bool sound = (first != 0xE0U || second >= 0xA0U) && (first != 0xEDU || second <= 0x9FU);
    return sound ? 3 : 0;
  }
  const bool sound = (first != 0xF0U || second >= 0x90U) && (first != 0xF4U || second <= 0x8FU);
  return sound && continues(3) ? 4 : 0;
}

void append_utf8(unsigned code, std::string& out) {
  const auto put = [&out](unsigned byte) { out += static_cast<char>(byte); };
  const auto rest = [&](unsigned shift) { put(0x80U | ((code >> shift) & 0x3FU)); };
  if (code < 0x80U) {
    put(code);
  } else if (code < 0x800U) {
    put(0xC0U | (code >> 6U));
    rest(0);
  } else if (code < 0x10000U) {
    put(0xE0U | (code >> 12U));
    rest(6);
    rest(0);
  } else {
    put(0xF0U | (code >> 18U));
    rest(12);
    rest(6);
    rest(0);
  }
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_high_surrogate(unsigned unit) noexcept {
  return unit >= 0xD800U && unit <= 0xDBFFU;
}

bool is_low_surrogate(unsigned unit) noexcept {
  return unit >= 0xDC00U && unit <= 0xDFFFU;
}

template <typename Number>
bool takes_all(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

std::optional<double> to_double(std::string_view text) {
  double number = 0;
  if (takes_all(text, number)) return number;
  // Out of range. What is too small is nearly 0 (no locale is ever set); what is too large is none.
  number = std::strtod(std::string(text).c_str(), nullptr);
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

// A container that is open.
struct Frame {
  std::size_t count = 0;
  bool object = false;
};

// Kept from text to text, for they come by the thousand.
struct Scratch {
  std::vector<Frame> frames;
  std::string unescaped;

  void clear() {
    constexpr std::size_t usual = 4096;
    frames.clear();
    unescaped.capacity() > usual ? std::string().swap(unescaped) : unescaped.clear();
  }
};

class Parser {
 public:
  Parser(std::string_view text, std::size_t max_depth, rapidjson::Document& values,
         Scratch& scratch)
      : at_(text.data()),
        end_(text.data() + text.size()),
        max_depth_(max_depth),
        values_(values),
        scratch_(scratch) {}

  JsonFault parse() { return parse_all() ? JsonFault::none : fault_; }

 private:
  bool parse_all() {
    skip_space();
    do {
      // Where a container was opened, its first value is next.
      if (!parse_value()) return false;
    } while (opened_ || go_on());
    if (fault_ != JsonFault::none) return false;
    skip_space();
    return at_ == end_ || fail();
  }

  // A value, or the beginning of a container that has some.
  bool parse_value() {
    opened_ = false;
    if (at_ == end_) return fail();
    switch (*at_) {
      case '{':
        return open(true);
      case '[':
        return open(false);
      case '"':
        return parse_string();
      case 't':
        return literal("true") && values_.Bool(true);
      case 'f':
        return literal("false") && values_.Bool(false);
      case 'n':
        return literal("null") && values_.Null();
      default:
        return parse_number();
    }
  }

  // After a value: to the next one; false where there is none, because of a fault or not.
  bool go_on() {
    while (!scratch_.frames.empty()) {
      skip_space();
      if (at_ == end_) return fail();
      ++scratch_.frames.back().count;
      const bool object = scratch_.frames.back().object;
      const char c = *at_++;
      if (c == ',') {
        skip_space();
        return !object || parse_name();
      }
      if (c != (object ? '}' : ']')) return fail();
      close();
    }
    return false;
  }

  bool open(bool object) {
    if (scratch_.frames.size() >= max_depth_) return fail(JsonFault::too_deep);
    ++at_;
    scratch_.frames.push_back({0, object});
    object ? values_.StartObject() : values_.StartArray();
    skip_space();
    if (at_ != end_ && *at_ == (object ? '}' : ']')) {
      ++at_;
      close();
      return true;
    }
    opened_ = true;
    return !object || parse_name();
  }

  void close() {
    const Frame frame = scratch_.frames.back();
    scratch_.frames.pop_back();
    const auto count = static_cast<SizeType>(frame.count);
    frame.object ? values_.EndObject(count) : values_.EndArray(count);
  }

  // A member's name and the colon.
  bool parse_name() {
    if (at_ == end_ || *at_ != '"') return fail();
    if (!parse_string()) return false;
    skip_space();
    if (at_ == end_ || *at_ != ':') return fail();
    ++at_;
    skip_space();
    return true;
  }

  // ---- texts ---------------------------------------------------------------------------------

  bool parse_string() {
    const char* const begin = ++at_;
    if (!skip_plain()) return false;
    if (*at_ == '"') {
      add_text(begin, static_cast<std::size_t>(at_ - begin), false);
      ++at_;
      return true;
    }
    auto& text = scratch_.unescaped;
    text.assign(begin, at_);
    while (*at_ == '\\') {
      if (!parse_escape(text)) return false;
      const char* const rest = at_;
      if (!skip_plain()) return false;
      text.append(rest, at_);
    }
    ++at_;
    add_text(text.data(), text.size(), true);
    return true;
  }

  // To the quote or backslash that comes next.
  bool skip_plain() {
    for (;;) {
      std::uint64_t word = 0;
      while (static_cast<std::size_t>(end_ - at_) >= sizeof word) {
        std::memcpy(&word, at_, sizeof word);
        const std::uint64_t marks = marks_of(word);
        if (marks != 0) {
          at_ += std::countr_zero(marks) / 8;
          break;
        }
        at_ += sizeof word;
      }
      if (at_ == end_) return fail();
      const auto byte = static_cast<unsigned char>(*at_);
      if (byte == '"' || byte == '\\') return true;
      if (byte >= 0x80U) {
        const std::size_t size = character_size(at_, end_);
        if (size == 0) return fail(JsonFault::encoding);
        at_ += size;
      } else if (byte >= ' ') {
        ++at_;  // near the end, where no word is left
      } else {
        return fail();
      }
    }
  }

  bool parse_escape(std::string& out) {
    ++at_;
    if (at_ == end_) return fail();
    const char c = *at_++;
    switch (c) {
      case '"':
      case '\\':
      case '/':
        out += c;
        return true;
      case 'b':
        out += '\b';
        return true;
      case 'f':
        out += '\f';
        return true;
      case 'n':
        out += '\n';
        return true;
      case 'r':
        out += '\r';
        return true;
      case 't':
        out += '\t';
        return true;
      case 'u':
        return parse_unit(out);
      default:
        return fail();
    }
  }

  // Languages whose strings are UTF-16 cut them in the middle of a pair and write the half as an
  // escape. No UTF-8 stands for a half, so each becomes U+FFFD.
  bool parse_unit(std::string& out) {
    constexpr std::size_t digits = 4;
    const auto first = unit_at(at_);
    if (!first) return fail();
    at_ += digits;
    unsigned code = *first;
    if (is_high_surrogate(code)) {
      const bool escape = end_ - at_ >= 2 && at_[0] == '\\' && at_[1] == 'u';
      const auto second = escape ? unit_at(at_ + 2) : std::nullopt;
      if (second && is_low_surrogate(*second)) {
        code = 0x10000U + ((code - 0xD800U) << 10U) + (*second - 0xDC00U);
        at_ += 2 + digits;
      }
    }
    const bool half = is_high_surrogate(code) || is_low_surrogate(code);
    append_utf8(half ? 0xFFFDU : code, out);
    return true;
  }

  [[nodiscard]] std::optional<unsigned> unit_at(const char* digits) const {
    constexpr std::ptrdiff_t size = 4;
    if (end_ - digits < size) return std::nullopt;
    unsigned unit = 0;
    const auto [stop, error] = std::from_chars(digits, digits + size, unit, 16);
    if (error != std::errc{} || stop != digits + size) return std::nullopt;
    return unit;
  }

  void add_text(const char* text, std::size_t size, bool copy) {
    // These lie in the value itself.
    constexpr std::size_t short_text = 13;
    values_.String(text, static_cast<SizeType>(size), copy || size <= short_text);
  }

  // ---- numbers -------------------------------------------------------------------------------

  bool parse_number() {
    const char* const begin = at_;
    const bool negative = *at_ == '-';
    if (negative) ++at_;
    const char* const first_digit = at_;
    std::uint64_t digits = 0;  // wrong where there are too many of them
    skip_digits(digits);
    const auto whole = at_ - first_digit;
    if (whole == 0 || (whole > 1 && *first_digit == '0')) return fail();
    std::ptrdiff_t fraction = 0;
    if (at_ != end_ && *at_ == '.') {
      const char* const first = ++at_;
      skip_digits(digits);
      fraction = at_ - first;
      if (fraction == 0) return fail();
    }
    const bool exponent = at_ != end_ && (*at_ == 'e' || *at_ == 'E');
    if (exponent && !skip_exponent()) return false;

    constexpr std::ptrdiff_t safe_digits = 18;
    constexpr std::uint64_t exact = std::uint64_t{1} << 53U;
    const bool known = !exponent && whole + fraction <= safe_digits;
    if (known && fraction == 0) {
      const auto number = static_cast<std::int64_t>(digits);
      values_.Int64(negative ? -number : number);
      return true;
    }
    if (known && digits <= exact) {
      // Both are exact, so their quotient is the nearest double.
      const double number = static_cast<double>(digits) / power_of_ten(fraction);
      values_.Double(negative ? -number : number);
      return true;
    }
    return add_long_number({begin, static_cast<std::size_t>(at_ - begin)},
                           fraction > 0 || exponent);
  }

  bool add_long_number(std::string_view text, bool real) {
    std::int64_t with_sign = 0;
    std::uint64_t without = 0;
    if (!real && takes_all(text, with_sign)) {
      values_.Int64(with_sign);
    } else if (!real && takes_all(text, without)) {
      values_.Uint64(without);
    } else {
      const auto number = to_double(text);
      if (!number) return fail();
      values_.Double(*number);
    }
    return true;
  }

  void skip_digits(std::uint64_t& digits) {
    for (; at_ != end_ && is_digit(*at_); ++at_) {
      digits = digits * 10 + static_cast<std::uint64_t>(*at_ - '0');
    }
  }

  bool skip_exponent() {
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    std::uint64_t unused = 0;
    const char* const first = at_;
    skip_digits(unused);
    return at_ != first || fail();
  }

  static double power_of_ten(std::ptrdiff_t exponent) noexcept {
    constexpr double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
    return powers[exponent];
  }

  // ---- all -----------------------------------------------------------------------------------

  bool literal(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size() ||
        std::string_view(at_, word.size()) != word) {
      return fail();
    }
    at_ += word.size();
    return true;
  }

  void skip_space() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  bool fail(JsonFault fault = JsonFault::syntax) noexcept {
    fault_ = fault;
    return false;
  }

  const char* at_;
  const char* const end_;
  const std::size_t max_depth_;
  rapidjson::Document& values_;
  Scratch& scratch_;
  JsonFault fault_ = JsonFault::none;
  bool opened_ = false;
};

}  // namespace

std::size_t json_bytes(std::string_view text) noexcept {
  // Some stand in texts; then it is more than needed.
  std::size_t colons = 0;
  std::size_t commas = 0;
  std::size_t containers = 0;
  for (std::size_t at = 0; at < text.size();) {
    // So few that bytes can count them, many at a time.
    const auto block = text.substr(at, std::numeric_limits<std::uint8_t>::max());
    std::uint8_t block_colons = 0;
    std::uint8_t block_commas = 0;
    std::uint8_t block_containers = 0;
    for (const char c : block) {
      block_colons = static_cast<std::uint8_t>(block_colons + (c == ':'));
      block_commas = static_cast<std::uint8_t>(block_commas + (c == ','));
      block_containers = static_cast<std::uint8_t>(block_containers + ((c | 0x20) == '{'));
    }
    colons += block_colons;
    commas += block_commas;
    containers += block_containers;
    at += block.size();
  }
  const std::size_t elements = (commas > colons ? commas - colons : 0) + containers;
  return std::min(colons * 2 * sizeof(Value) + elements * sizeof(Value), 4 * text.size());
}

JsonFault parse_json(std::string_view text, std::size_t max_depth, JsonPool& pool,
                     rapidjson::Value& root) {
  thread_local Scratch scratch;
  scratch.clear();
  constexpr std::size_t usual_stack = 4096;
  rapidjson::CrtAllocator allocator;
  rapidjson::Document document(&pool, usual_stack, &allocator);
  JsonFault fault = JsonFault::none;
  auto generate = [&](rapidjson::Document& values) {
    fault = Parser(text, max_depth, values, scratch).parse();
    return fault == JsonFault::none;
  };
  document.Populate(generate);
  if (fault == JsonFault::none) root = std::move(static_cast<Value&>(document));
  return fault;
}

}  // namespace xrayd::local
