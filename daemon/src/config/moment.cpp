#include "config/moment.hpp"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <optional>
#include <system_error>

#include "config/value_readers.hpp"

namespace xrayd::config {
namespace {

constexpr double last_moment = 253402300800;  // the year 10000

/// Takes a number of `digits` digits from the front.
std::optional<unsigned> take_number(std::string_view& text, std::size_t digits) {
  unsigned number = 0;
  const auto part = text.substr(0, digits);
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
  if (part.size() != digits || error != std::errc{} || end != part.data() + digits) {
    return std::nullopt;
  }
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::sys_days> take_day(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<double> plain_number(std::string_view text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Seconds of a day: `15:12:41`, `15:12:41.25`, with a Z or without.
std::optional<double> time_of_day(std::string_view text) {
  constexpr unsigned hours = 24;
  constexpr unsigned sixty = 60;
  const auto hour = take_number(text, 2);
  if (!hour || *hour >= hours || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute >= sixty || !take(text, ':')) return std::nullopt;
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.size() < 2 || text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') {
    return std::nullopt;
  }
  const auto seconds = plain_number(text);
  if (!seconds || *seconds >= sixty) return std::nullopt;
  return (*hour * sixty + *minute) * sixty + *seconds;
}

std::optional<double> date_and_time(std::string_view text) {
  const auto day = take_day(text);
  if (!day) return std::nullopt;
  const std::chrono::duration<double> midnight = day->time_since_epoch();
  if (text.empty()) return midnight.count();
  if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
  const auto time = time_of_day(text);
  if (!time) return std::nullopt;
  return midnight.count() + *time;
}

}  // namespace

double moment(std::string_view text, double now) {
  std::optional<double> seconds = plain_number(text);
  if (!seconds) seconds = date_and_time(text);
  if (!seconds) {
    try {
      seconds = now - static_cast<double>(long_time(text).count());
    } catch (const BadValue&) {
      seconds = -1;
    }
  }
  if (!(*seconds >= 0 && *seconds < last_moment)) {
    throw BadValue(
        "it takes a time such as 2026-11-22T15:12:41Z, seconds since 1970, or 15m: "
        "so long ago");
  }
  return *seconds;
}

}  // namespace xrayd::config
