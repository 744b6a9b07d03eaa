// A document as the inside of a JSON string.
#pragma once

#include <string>
#include <string_view>

namespace xrayd::backlog {

/// Appends `text` as it stands between the quotes of a JSON string, with the very bytes that
/// Amazon's daemon sends: quote, backslash, line feed, carriage return and tab by their two
/// letters, other control characters, U+2028 and U+2029 as `\u....` in small hex digits, each byte
/// that is not part of valid UTF-8 as `\ufffd`, all else byte for byte (`<`, `>` and `&`, too). The
/// string grows as its append() does; at most 6 bytes for each of the text. Throws std::bad_alloc.
void append_escaped(std::string& out, std::string_view text);

/// The same without the processor's vectors: what other processors than x86-64 run, there for tests
/// on all.
void append_escaped_portably(std::string& out, std::string_view text);

}  // namespace xrayd::backlog
