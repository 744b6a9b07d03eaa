#include "forward/aws_clock.hpp"

#include <cstdlib>
#include <string>

#include "aws/http_date.hpp"
#include "config/log.hpp"

namespace xrayd::forward {
namespace {

constexpr std::chrono::minutes tolerance(4);

std::chrono::sys_seconds this_second() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace

AwsClock::Time AwsClock::now() const noexcept {
  return std::chrono::system_clock::now() + std::chrono::seconds(offset_seconds_.load());
}

bool AwsClock::correct(std::string_view date, Time signed_for) noexcept {
  const auto theirs = aws::parse_http_date(date);
  if (!theirs) return false;
  // In whole seconds: the year 9999 is too far away for a clock of nanoseconds.
  const auto apart = *theirs - std::chrono::floor<std::chrono::seconds>(signed_for);
  if (apart <= tolerance && apart >= -tolerance) return false;
  const std::chrono::seconds offset = *theirs - this_second();
  const std::chrono::hours most(24 * 365 * 100);
  if (offset > most || offset < -most) return false;
  const auto before = std::chrono::seconds(offset_seconds_.exchange(offset.count()));
  const auto change = offset - before;
  // Several requests may have been under way: the first of them to come back says it.
  if (change > tolerance || change < -tolerance) {
    log::warn("The clock of this machine is " + std::to_string(std::abs(offset.count())) +
              " seconds " + (offset.count() > 0 ? "behind" : "ahead of") +
              " the service's; requests are signed with the service's time");
  }
  return true;
}

}  // namespace xrayd::forward
