#include "aws/http_date.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace xrayd::aws {
namespace {

/// Takes one piece after the other off the front; a piece that is not there fails the whole.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  /// Digits, from `least` to `most` of them.
  int number(std::size_t least, std::size_t most) {
    std::size_t size = 0;
    int value = 0;
    while (size < most && size < text_.size() && text_[size] >= '0' && text_[size] <= '9') {
      value = value * 10 + (text_[size] - '0');
      ++size;
    }
    if (size < least) failed_ = true;
    text_.remove_prefix(size);
    return value;
  }

  void literal(std::string_view expected) {
    if (text_.starts_with(expected)) {
      text_.remove_prefix(expected.size());
    } else {
      failed_ = true;
    }
  }

  /// 1 to 12.
  unsigned month() {
    constexpr std::array<std::string_view, 12> names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto found = std::find(names.begin(), names.end(), text_.substr(0, 3));
    if (found == names.end()) {
      failed_ = true;
      return 1;
    }
    text_.remove_prefix(3);
    return static_cast<unsigned>(found - names.begin()) + 1;
  }

  /// `08:49:37`, at most 23:59:60.
  std::chrono::seconds clock() {
    const int hours = number(2, 2);
    literal(":");
    const int minutes = number(2, 2);
    literal(":");
    const int seconds = number(2, 2);
    if (hours > 23 || minutes > 59 || seconds > 60) failed_ = true;
    return std::chrono::hours(hours) + std::chrono::minutes(minutes) +
           std::chrono::seconds(seconds);
  }

  [[nodiscard]] bool at_end() const { return !failed_ && text_.empty(); }

 private:
  std::string_view text_;
  bool failed_ = false;
};

std::optional<std::chrono::sys_seconds> time_of(const Scanner& scanner, int year, unsigned month,
                                                int day, std::chrono::seconds clock) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!scanner.at_end() || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + clock;
}

}  // namespace

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == text.npos) {
    // Sun Nov  6 08:49:37 1994
    Scanner scanner(text.substr(std::min<std::size_t>(3, text.size())));
    scanner.literal(" ");
    const unsigned month = scanner.month();
    scanner.literal(" ");
    const bool short_day = text.substr(0, 9).ends_with(' ');
    if (short_day) scanner.literal(" ");
    const int day = short_day ? scanner.number(1, 1) : scanner.number(2, 2);
    scanner.literal(" ");
    const auto clock = scanner.clock();
    scanner.literal(" ");
    const int year = scanner.number(4, 4);
    return time_of(scanner, year, month, day, clock);
  }

  Scanner scanner(text.substr(comma + 1));
  const bool long_name = comma > 3;
  const char* const separator = long_name ? "-" : " ";
  scanner.literal(" ");
  const int day = scanner.number(2, 2);
  scanner.literal(separator);
  const unsigned month = scanner.month();
  scanner.literal(separator);
  int year = long_name ? scanner.number(2, 2) : scanner.number(4, 4);
  if (long_name) year += year < 76 ? 2000 : 1900;
  scanner.literal(" ");
  const auto clock = scanner.clock();
  scanner.literal(" GMT");
  return time_of(scanner, year, month, day, clock);
}

}  // namespace xrayd::aws
