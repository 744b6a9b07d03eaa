#include "credentials/iso_time.hpp"

#include <array>
#include <cstddef>
#include <cstdio>

#include "ascii.hpp"
#include "aws/http_date.hpp"

namespace xrayd::credentials {
namespace {

/// Takes what it reads off the front of a text; once something does not fit, nothing does.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (i >= text_.size() || !is_digit(text_[i])) return fail();
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(digits);
    return value;
  }

  bool skip(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!skip(c)) fail();
  }

  void skip_digits() {
    while (!text_.empty() && is_digit(text_.front())) text_.remove_prefix(1);
  }

  [[nodiscard]] bool fits() const { return fits_; }
  [[nodiscard]] bool at_end() const { return text_.empty(); }

 private:
  int fail() {
    fits_ = false;
    text_ = {};
    return 0;
  }

  std::string_view text_;
  bool fits_ = true;
};

}  // namespace

std::optional<std::chrono::sys_seconds> parse_iso_time(std::string_view text) {
  using namespace std::chrono;
  Reader reader(text);
  const year year_part(reader.number(4));
  reader.expect('-');
  const month month_part(static_cast<unsigned>(reader.number(2)));
  reader.expect('-');
  const day day_part(static_cast<unsigned>(reader.number(2)));
  if (!reader.skip('t')) reader.expect('T');
  const int hour = reader.number(2);
  reader.expect(':');
  const int minute = reader.number(2);
  reader.expect(':');
  const int second = reader.number(2);
  if (reader.skip('.')) reader.skip_digits();

  minutes offset{0};
  if (!reader.skip('Z') && !reader.skip('z')) {
    const bool west = reader.skip('-');
    if (!west) reader.expect('+');
    const int offset_hours = reader.number(2);
    reader.skip(':');
    const int offset_minutes = reader.number(2);
    if (offset_hours > 23 || offset_minutes > 59) return std::nullopt;
    offset = hours(offset_hours) + minutes(offset_minutes);
    if (west) offset = -offset;
  }
  const year_month_day date(year_part, month_part, day_part);
  // 60 is a leap second's.
  if (!reader.fits() || !reader.at_end() || !date.ok() || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  const sys_seconds time =
      sys_days(date) + hours(hour) + minutes(minute) + seconds(second) - offset;
  constexpr sys_seconds first = sys_days(year(1970) / 1 / 1);
  constexpr sys_seconds end = sys_days(year(10000) / 1 / 1);
  return time >= first && time < end ? std::optional(time) : std::nullopt;
}

std::string to_iso_time(std::chrono::sys_seconds time) {
  using namespace std::chrono;
  const auto day_part = floor<days>(time);
  const year_month_day date(day_part);
  const hh_mm_ss clock(time - day_part);
  std::array<char, 64> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return {text.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

std::chrono::sys_seconds by_our_clock(std::chrono::sys_seconds expiry, std::string_view date_header,
                                      std::chrono::sys_seconds now) {
  const auto theirs = aws::parse_http_date(date_header);
  if (!theirs) return expiry;
  const auto ahead = now - *theirs;
  const auto difference = ahead.count() < 0 ? -ahead : ahead;
  return difference <= std::chrono::minutes(1) ? expiry : expiry + ahead;
}

}  // namespace xrayd::credentials
