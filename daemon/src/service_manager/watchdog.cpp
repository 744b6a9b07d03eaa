#include "service_manager/watchdog.hpp"

#include <algorithm>

namespace xrayd::service_manager {

using namespace std::chrono_literals;
using std::chrono::microseconds;

Watchdog::Watchdog(Notifier& notifier, std::optional<microseconds> timeout) : notifier_(notifier) {
  // Half, so that one late turn of the main loop costs nothing.
  if (timeout) interval_ = std::max<microseconds>(*timeout / 2, 1ms);
}

void Watchdog::tick(bool all_is_well, Clock::time_point now) {
  if (!interval_ || !all_is_well) return;
  // A tick that comes a little early, as one of a timer of interval() may, is not left for the
  // next: that one would be too late.
  if (last_ && now - *last_ < *interval_ / 2) return;
  last_ = now;
  notifier_.alive();
}

}  // namespace xrayd::service_manager
