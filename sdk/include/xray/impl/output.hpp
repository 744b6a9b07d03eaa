// A growing buffer of JSON text, and the ways to write values into it.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <xray/impl/diagnostics.hpp>
#include <xray/impl/hex.hpp>
#include <xray/impl/utf8.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Characters that do not stand for themselves in a JSON string, or need a closer look.
struct SpecialCharacters {
  std::uint8_t special[256] = {};
  constexpr SpecialCharacters() noexcept {
    for (unsigned c = 0; c < 256; ++c)
      special[c] = c < 0x20U || c >= 0x80U || c == '"' || c == '\\';
  }
  constexpr unsigned operator[](unsigned char c) const noexcept { return special[c]; }
};
inline constexpr SpecialCharacters is_special;

/// Grows by doubling and never shrinks; when memory runs out it remembers that and writes no more.
class Output {
 public:
  Output() noexcept = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { std::free(data_); }

  void clear() noexcept {
    size_ = 0;
    failed_ = false;
  }
  void truncate(std::size_t size) noexcept { size_ = size; }
  void drop_last() noexcept {
    if (size_ != 0) --size_;
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] std::string_view view() const noexcept { return {data_, size_}; }

  void text(std::string_view text) noexcept {
    if (!reserve(text.size())) return;
    std::memcpy(data_ + size_, text.data(), text.size());
    size_ += text.size();
  }

  /// A literal: of known size, and so a move or two.
  template <std::size_t Size>
  void text(const char (&literal)[Size]) noexcept {
    if (!reserve(Size - 1)) return;
    std::memcpy(data_ + size_, literal, Size - 1);
    size_ += Size - 1;
  }

  void character(char c) noexcept {
    if (!reserve(1)) return;
    data_[size_++] = c;
  }

  /// `"key":`, of characters that need no escape.
  void plain_key(std::string_view key) noexcept {
    if (!reserve(key.size() + 3)) return;
    char* const to = data_ + size_;
    to[0] = '"';
    std::memcpy(to + 1, key.data(), key.size());
    to[1 + key.size()] = '"';
    to[2 + key.size()] = ':';
    size_ += key.size() + 3;
  }

  void hex(std::uint64_t value, unsigned digits) noexcept {
    if (!reserve(digits)) return;
    write_hex(data_ + size_, value, digits);
    size_ += digits;
  }

  template <typename Integer>
  void integer(Integer value) noexcept {
    if (!reserve(24)) return;
    const auto result = std::to_chars(data_ + size_, data_ + size_ + 24, value);
    size_ = static_cast<std::size_t>(result.ptr - data_);
  }

  /// A finite number, in the shortest form that reads back the same.
  void number(double value) noexcept {
    if (!reserve(32)) return;
    const auto result = std::to_chars(data_ + size_, data_ + size_ + 32, value);
    size_ = static_cast<std::size_t>(result.ptr - data_);
  }

  /// Epoch seconds with six decimals from microseconds, never through a double. The seconds of one
  /// document are nearly always the same and written once.
  void seconds(std::int64_t microseconds) noexcept {
    auto fraction = static_cast<std::uint64_t>(microseconds - whole_seconds_);
    if (fraction >= 1'000'000 || whole_seconds_size_ == 0) {
      const std::int64_t positive = microseconds > 0 ? microseconds : 0;
      fraction = static_cast<std::uint64_t>(positive % 1'000'000);
      whole_seconds_ = positive - static_cast<std::int64_t>(fraction);
      const auto result =
          std::to_chars(whole_seconds_text_, whole_seconds_text_ + 20, whole_seconds_ / 1'000'000);
      *result.ptr = '.';
      whole_seconds_size_ = static_cast<std::size_t>(result.ptr - whole_seconds_text_) + 1;
    }
    if (!reserve(sizeof whole_seconds_text_ + 6)) return;
    std::memcpy(data_ + size_, whole_seconds_text_, sizeof whole_seconds_text_);
    char* const digits = data_ + size_ + whole_seconds_size_;
    const auto six = static_cast<std::uint32_t>(fraction);
    std::memcpy(digits, two_digits(six / 10'000), 2);
    std::memcpy(digits + 2, two_digits(six / 100 % 100), 2);
    std::memcpy(digits + 4, two_digits(six % 100), 2);
    size_ += whole_seconds_size_ + 6;
  }

  /// A JSON string of at most `most` characters; true if that was all of it. What is not UTF-8
  /// becomes U+FFFD.
  bool string(std::string_view value, std::size_t most = static_cast<std::size_t>(-1)) noexcept {
    if (!reserve(largest_string(value.size()))) return true;
    const char* const end = write_string(data_ + size_, value, most);
    size_ = static_cast<std::size_t>(end - data_);
    return value.empty();
  }

  /// What a string of `size` bytes may take: six for each, as \u00XX, and the quotes.
  static constexpr std::size_t largest_string(std::size_t size) noexcept { return size * 6 + 2; }

  /// The same to where there is room for it; takes from `value` what was written.
  static char* write_string(char* out, std::string_view& value, std::size_t most) noexcept {
    *out++ = '"';
    if (value.size() <= 16 && value.size() <= most) {
      unsigned special = 0;
      for (const char c : value) {
        special |= is_special[static_cast<unsigned char>(c)];
        *out++ = c;
      }
      if (__builtin_expect(static_cast<long>(special == 0), 1) != 0) {
        value = std::string_view();
        *out++ = '"';
        return out;
      }
      out -= value.size();
    }
    std::size_t characters = 0;
    while (!value.empty() && characters < most) {
      const std::size_t plain = plain_prefix(value, most - characters);
      std::memcpy(out, value.data(), plain);
      out += plain;
      characters += plain;
      value.remove_prefix(plain);
      if (value.empty() || characters == most) break;
      out = escaped(out, value);
      ++characters;
    }
    *out++ = '"';
    return out;
  }

 private:
  bool reserve(std::size_t more) noexcept {
    if (__builtin_expect(static_cast<long>(capacity_ - size_ >= more), 1) != 0) return true;
    return grow(more);
  }

  bool grow(std::size_t more) noexcept {
    if (failed_) return false;
    std::size_t wanted = capacity_ != 0 ? capacity_ * 2 : std::size_t{16} << 10U;
    if (wanted - size_ < more) wanted = size_ + more;
    auto* const memory = static_cast<char*>(std::realloc(data_, wanted));
    if (memory == nullptr) {
      failed_ = true;
      return false;
    }
    data_ = memory;
    capacity_ = wanted;
    return true;
  }

  /// How many bytes at the start are ASCII that stands for itself in a JSON string.
  static std::size_t plain_prefix(std::string_view value, std::size_t most) noexcept {
    const std::size_t end = value.size() < most ? value.size() : most;
    const char* const data = value.data();
    std::size_t i = 0;
#if defined(__SSE2__)
    for (; i + 16 <= end; i += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + i));
      // Signed: below 0x20 are the control characters and everything beyond ASCII.
      const __m128i special =
          _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)),
                       _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                    _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
      const auto mask = static_cast<unsigned>(_mm_movemask_epi8(special));
      if (mask != 0) return i + static_cast<std::size_t>(__builtin_ctz(mask));
    }
#endif
    for (; i < end; ++i) {
      const auto c = static_cast<unsigned char>(data[i]);
      if (c < 0x20U || c >= 0x80U || c == '"' || c == '\\') break;
    }
    return i;
  }

  /// Writes the character at the start of `value`, which needs care, and removes it.
  static char* escaped(char* out, std::string_view& value) noexcept {
    const char c = value.front();
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x80U) {
      value.remove_prefix(1);
      *out++ = '\\';
      switch (c) {
        case '"':
        case '\\':
          *out++ = c;
          return out;
        case '\n':
          *out++ = 'n';
          return out;
        case '\r':
          *out++ = 'r';
          return out;
        case '\t':
          *out++ = 't';
          return out;
        default:
          break;
      }
      *out++ = 'u';
      write_hex(out, code, 4);
      return out + 4;
    }
    const Character character = decode(value);
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    const std::string_view kept = character.valid ? value.substr(0, character.size) : replacement;
    value.remove_prefix(character.size);
    return out + kept.copy(out, kept.size());
  }

  static const char* two_digits(std::uint32_t number) noexcept {
    static constexpr char all[] =
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
        "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
        "8081828384858687888990919293949596979899";
    return all + std::size_t{2} * number;
  }

  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  bool failed_ = false;
  std::int64_t whole_seconds_ = 0;  ///< of the last time written, in microseconds
  std::size_t whole_seconds_size_ = 0;
  char whole_seconds_text_[24] = {};
};

}  // namespace detail
XRAY_NAMESPACE_END
