// From the text of an option to its value, checked. Each throws BadValue that says what it takes.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "config/address.hpp"

namespace xrayd::config {

/// A value that an option can't take; what() says what it takes.
class BadValue : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Less memory for buffers than anything can be done with; what() is for the log.
class TooLittleMemory : public BadValue {
 public:
  using BadValue::BadValue;
};

/// `512MB`, `1GiB`, a number of bytes: positive, at most 1 PiB.
[[nodiscard]] std::uint64_t size_in_bytes(std::string_view text);

/// `90s`, `12h`, `7d`: positive, at most ten years.
[[nodiscard]] std::chrono::seconds long_time(std::string_view text);

/// `250ms`, `2s`, `1m`, within the bounds.
[[nodiscard]] std::chrono::milliseconds short_time(std::string_view text,
                                                   std::chrono::milliseconds least,
                                                   std::chrono::milliseconds most);

/// A whole number of seconds without unit, 1 to 300.
[[nodiscard]] std::chrono::seconds report_interval(std::string_view text);

/// A whole number within the bounds.
[[nodiscard]] std::int64_t whole_number(std::string_view text, std::int64_t least,
                                        std::int64_t most);

/// Megabytes to bytes; 0 is 0: to be computed. Throws TooLittleMemory for less than 3.
[[nodiscard]] std::uint64_t buffer_memory(std::string_view text);

/// 0 to 1.
[[nodiscard]] double rate(std::string_view text);

/// The words of Go's flags: 1, 0, t, f, T, F, true, false, TRUE, FALSE, True, False.
[[nodiscard]] bool boolean(std::string_view text);
/// `true` and `false` in any case: what AWS's variables take.
[[nodiscard]] bool any_case_boolean(std::string_view text);

[[nodiscard]] Address listen_address(std::string_view text);

/// Text of at most 16384 bytes without control characters; may be empty.
[[nodiscard]] std::string plain_text(std::string_view text);

/// The same as a path.
[[nodiscard]] std::filesystem::path path_value(std::string_view text);
[[nodiscard]] std::filesystem::path path_that_must_be(std::string_view text);

/// Begins with / and fits what the kernel keeps of a socket's path; may be empty.
[[nodiscard]] std::filesystem::path socket_path(std::string_view text);

/// A host as browsers write it in Host and Origin: IPv6 in brackets and in its shortest form.
[[nodiscard]] std::string host_name(std::string_view text);

/// The token travels in a cookie and in a query, so it holds only what both take unescaped. May be
/// empty.
[[nodiscard]] std::string token(std::string_view text);

/// A name of a region; may be empty.
[[nodiscard]] std::string region(std::string_view text);

/// `https://host:port`; may be empty.
[[nodiscard]] std::string endpoint(std::string_view text);

template <typename Value, std::size_t Count>
[[nodiscard]] Value one_of(std::string_view text,
                           const std::array<std::pair<std::string_view, Value>, Count>& words,
                           const char* expected) {
  for (const auto& [word, value] : words) {
    if (word == text) return value;
  }
  throw BadValue(expected);
}

}  // namespace xrayd::config
