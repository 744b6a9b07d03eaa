#include "backlog/escape.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace xrayd::backlog {
namespace {

constexpr std::size_t width = 16;

/// Which of 16 bytes want more than copying: a bit each, the first byte's the lowest.
struct Marks {
  /// Quotes and backslashes: a backslash goes before them.
  std::uint32_t simple;
  /// Control characters, and bytes of characters beyond ASCII.
  std::uint32_t hard;
};

constexpr std::array<std::uint8_t, 256> classes = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = i < 0x20 || i >= 0x80 ? 2 : 0;
  table['"'] = 1;
  table['\\'] = 1;
  return table;
}();

std::uint8_t byte_at(const char* in) {
  return static_cast<std::uint8_t>(*in);
}

struct Table {
  static Marks look(const char* in) {
    Marks marks{0, 0};
    for (std::size_t i = 0; i < width; ++i) {
      const std::uint32_t kind = classes[byte_at(in + i)];
      marks.simple |= (kind & 1U) << i;
      marks.hard |= (kind >> 1U) << i;
    }
    return marks;
  }
};

#if defined(__SSE2__)
struct Vector {
  static Marks look(const char* in) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
    const __m128i simple = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                        _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    // As signed numbers bytes beyond ASCII are below zero.
    const __m128i hard = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
    return {static_cast<std::uint32_t>(_mm_movemask_epi8(simple)),
            static_cast<std::uint32_t>(_mm_movemask_epi8(hard))};
  }
};
using Best = Vector;
#else
using Best = Table;
#endif

/// Bytes of the valid UTF-8 character, beyond ASCII, that `in` begins with; 0 where there is none.
std::size_t utf8_length(const char* in, const char* end) {
  const std::uint8_t lead = byte_at(in);
  std::size_t length = 0;
  // The second byte's bounds keep out long forms, surrogates and what is beyond U+10FFFF.
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  } else {
    return 0;
  }
  if (static_cast<std::size_t>(end - in) < length) return 0;
  if (byte_at(in + 1) < low || byte_at(in + 1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (byte_at(in + i) < 0x80 || byte_at(in + i) > 0xbf) return 0;
  }
  return length;
}

char* put(char* to, std::string_view text) {
  return std::copy(text.begin(), text.end(), to);
}

char* put_control(char* to, std::uint8_t byte) {
  constexpr std::string_view hex = "0123456789abcdef";
  if (byte == '\n') return put(to, "\\n");
  if (byte == '\r') return put(to, "\\r");
  if (byte == '\t') return put(to, "\\t");
  to = put(to, "\\u00");
  *to++ = hex[byte >> 4U];
  *to++ = hex[byte & 15U];
  return to;
}

/// One character, whatever it is; moves both ends on. Six bytes at most for each that is read.
void one_character(const char*& in, const char* end, char*& to) {
  const std::uint8_t byte = byte_at(in);
  if (byte < 0x80) {
    ++in;
    if (byte < 0x20) {
      to = put_control(to, byte);
      return;
    }
    if (byte == '"' || byte == '\\') *to++ = '\\';
    *to++ = static_cast<char>(byte);
    return;
  }
  const std::size_t length = utf8_length(in, end);
  if (length == 0) {
    ++in;
    to = put(to, "\\ufffd");
    return;
  }
  const std::string_view character(in, length);
  if (character == "\xe2\x80\xa8") {
    to = put(to, "\\u2028");
  } else if (character == "\xe2\x80\xa9") {
    to = put(to, "\\u2029");
  } else {
    to = put(to, character);
  }
  in += length;
}

/// 16 bytes, up to the first hard one. Writes up to 16 more than it moves on.
template <class Scanner>
bool up_to_hard(const char*& in, char*& to) {
  const Marks marks = Scanner::look(in);
  const unsigned limit =
      marks.hard == 0 ? unsigned{width} : static_cast<unsigned>(std::countr_zero(marks.hard));
  std::uint32_t simple = marks.simple & ((1U << limit) - 1U);
  unsigned from = 0;
  for (; simple != 0; simple &= simple - 1) {
    const auto at = static_cast<unsigned>(std::countr_zero(simple));
    std::memcpy(to, in + from, width);
    to += at - from;
    *to++ = '\\';
    from = at;  // the character itself goes with what follows it
  }
  std::memcpy(to, in + from, width);
  to += limit - from;
  in += limit;
  return marks.hard != 0;
}

template <class Scanner>
void append(std::string& out, std::string_view text) {
  // A piece at a time passes through the first-level cache, so that the string's growth follows
  // what is written and not the worst that could be.
  constexpr std::size_t piece = 1024;
  std::array<char, (piece + 2 * width) * 6 + 2 * width> stage;  // no need to fill it first
  const char* in = text.data();
  const char* const end = in + text.size();
  while (in < end) {
    const char* const stop = in + std::min(piece, static_cast<std::size_t>(end - in));
    char* to = stage.data();
    while (in < stop) {
      // Copies begin within the 16 bytes looked at, and are 16 long.
      if (static_cast<std::size_t>(end - in) < 2 * width) {
        one_character(in, end, to);
      } else if (up_to_hard<Scanner>(in, to)) {
        do {
          one_character(in, end, to);
        } while (in < stop && classes[byte_at(in)] == 2);
      }
    }
    out.append(stage.data(), static_cast<std::size_t>(to - stage.data()));
  }
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  append<Best>(out, text);
}

void append_escaped_portably(std::string& out, std::string_view text) {
  append<Table>(out, text);
}

}  // namespace xrayd::backlog
