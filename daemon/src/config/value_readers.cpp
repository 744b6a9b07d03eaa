#include "config/value_readers.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "ascii.hpp"
#include "aws/endpoints.hpp"

namespace xrayd::config {
namespace {

template <std::size_t Count>
using Units = std::array<std::pair<std::string_view, std::uint64_t>, Count>;

/// The whole of the text as a number; nothing if it is none or too large for the type.
template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// A whole number followed by one of the units, at most `most` in all.
template <std::size_t Count>
std::optional<std::uint64_t> scaled_number(std::string_view text, const Units<Count>& units,
                                           std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{}) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& [name, factor] : units) {
    if (unit == name && number <= most / factor) return number * factor;
  }
  return std::nullopt;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

std::string to_text(std::chrono::milliseconds time) {
  const auto count = time.count();
  return count % 1000 == 0 ? std::to_string(count / 1000) + "s" : std::to_string(count) + "ms";
}

}  // namespace

std::uint64_t size_in_bytes(std::string_view text) {
  constexpr std::uint64_t kilo = 1000;
  constexpr Units<8> units = {{
      {"", 1},
      {"B", 1},
      {"KB", kilo},
      {"MB", kilo * kilo},
      {"GB", kilo * kilo * kilo},
      {"KiB", std::uint64_t{1} << 10U},
      {"MiB", std::uint64_t{1} << 20U},
      {"GiB", std::uint64_t{1} << 30U},
  }};
  const auto size = scaled_number(text, units, std::uint64_t{1} << 50U);
  if (!size || *size == 0) throw BadValue("it takes a size such as 512MB or 1GiB");
  return *size;
}

std::chrono::seconds long_time(std::string_view text) {
  constexpr Units<4> units = {{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};
  constexpr std::uint64_t ten_years = 3650ULL * 86400;
  const auto time = scaled_number(text, units, ten_years);
  if (!time || *time == 0) throw BadValue("it takes a time such as 12h or 7d");
  return std::chrono::seconds(*time);
}

std::chrono::milliseconds short_time(std::string_view text, std::chrono::milliseconds least,
                                     std::chrono::milliseconds most) {
  constexpr Units<3> units = {{{"ms", 1}, {"s", 1000}, {"m", 60'000}}};
  const auto time = scaled_number(text, units, static_cast<std::uint64_t>(most.count()));
  if (!time || *time < static_cast<std::uint64_t>(least.count())) {
    throw BadValue("it takes a time such as 250ms or 2s, " + to_text(least) + " to " +
                   to_text(most));
  }
  return std::chrono::milliseconds(*time);
}

std::chrono::seconds report_interval(std::string_view text) {
  constexpr std::int64_t longest = 300;
  const auto number = number_of<std::int64_t>(text);
  if (!number || *number < 1 || *number > longest) {
    throw BadValue("it takes a number of seconds, 1 to 300");
  }
  return std::chrono::seconds(*number);
}

std::int64_t whole_number(std::string_view text, std::int64_t least, std::int64_t most) {
  const auto number = number_of<std::int64_t>(text);
  if (!number || *number < least || *number > most) {
    throw BadValue("it takes a whole number, " + std::to_string(least) + " to " +
                   std::to_string(most));
  }
  return *number;
}

std::uint64_t buffer_memory(std::string_view text) {
  constexpr std::int64_t least_mb = 3;
  constexpr std::int64_t most_mb = std::int64_t{1} << 20U;
  const auto number = number_of<std::int64_t>(text);
  if (!number || *number > most_mb) {
    throw BadValue("it takes a number of megabytes, at least 3, or 0 for a part of the memory");
  }
  if (*number != 0 && *number < least_mb) {
    throw TooLittleMemory(
        "Not enough Buffers Memory Allocated. Min Buffers Memory required: 3 MB.");
  }
  return static_cast<std::uint64_t>(*number) << 20U;
}

double rate(std::string_view text) {
  const auto number = number_of<double>(text);
  // Written so that NaN fails, too.
  if (!number || !(*number >= 0 && *number <= 1)) {
    throw BadValue("it takes a number from 0 to 1, such as 0.05");
  }
  return *number;
}

bool boolean(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, bool>, 12> words = {{{"1", true},
                                                                        {"0", false},
                                                                        {"t", true},
                                                                        {"f", false},
                                                                        {"T", true},
                                                                        {"F", false},
                                                                        {"true", true},
                                                                        {"false", false},
                                                                        {"TRUE", true},
                                                                        {"FALSE", false},
                                                                        {"True", true},
                                                                        {"False", false}}};
  return one_of(text, words, "it takes true or false");
}

bool any_case_boolean(std::string_view text) {
  if (same_in_any_case(text, "true")) return true;
  if (same_in_any_case(text, "false")) return false;
  return boolean(text);
}

Address listen_address(std::string_view text) {
  auto address = parse_address(text);
  if (!address) throw BadValue("it takes host:port, [ipv6]:port or :port");
  return *std::move(address);
}

std::string plain_text(std::string_view text) {
  constexpr std::size_t longest = 16'384;
  if (text.size() > longest || std::any_of(text.begin(), text.end(), is_control)) {
    throw BadValue("it takes at most 16384 bytes without control characters");
  }
  return std::string(text);
}

std::filesystem::path path_value(std::string_view text) {
  if (text.size() > 4095 || text.find('\0') != std::string_view::npos) {
    throw BadValue("it takes a path");
  }
  return {text};
}

std::filesystem::path path_that_must_be(std::string_view text) {
  if (text.empty()) throw BadValue("it takes a path");
  return path_value(text);
}

std::filesystem::path socket_path(std::string_view text) {
  constexpr std::size_t longest = 107;
  if (text.empty()) return {};
  if (!text.starts_with('/') || text.size() > longest ||
      text.find('\0') != std::string_view::npos) {
    throw BadValue("it takes a path that begins with / and has at most 107 bytes");
  }
  return {text};
}

std::string host_name(std::string_view text) {
  constexpr std::size_t longest = 253;
  const bool bracketed = text.size() > 2 && text.starts_with('[') && text.ends_with(']');
  const std::string number(bracketed ? text.substr(1, text.size() - 2) : text);
  in6_addr ipv6{};
  if (inet_pton(AF_INET6, number.c_str(), &ipv6) == 1) {
    std::array<char, INET6_ADDRSTRLEN> shortest{};
    inet_ntop(AF_INET6, &ipv6, shortest.data(), shortest.size());
    return "[" + std::string(shortest.data()) + "]";
  }
  const bool fits =
      !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
      });
  if (!fits) throw BadValue("it takes a host name without a port");
  return std::string(text);
}

std::string token(std::string_view text) {
  constexpr std::size_t shortest = 8;
  constexpr std::size_t longest = 256;
  if (text.empty()) return {};
  const bool fits = text.size() >= shortest && text.size() <= longest &&
                    std::all_of(text.begin(), text.end(), [](char c) {
                      return is_alphanumeric(c) || c == '.' || c == '-' || c == '_' || c == '~';
                    });
  if (!fits) throw BadValue("it takes 8 to 256 letters, digits and .-_~");
  return std::string(text);
}

std::string region(std::string_view text) {
  if (!text.empty() && !aws::is_region(text)) {
    throw BadValue("it takes the name of a region, such as us-east-1");
  }
  return std::string(text);
}

std::string endpoint(std::string_view text) {
  if (text.empty()) return {};
  try {
    // The region is for signing only, and not known yet.
    static_cast<void>(aws::parse_endpoint(text, "us-east-1"));
  } catch (const aws::EndpointError& problem) {
    throw BadValue(std::string("unable to parse xray endpoint: ") + problem.what());
  }
  return std::string(text);
}

}  // namespace xrayd::config
