#include "retry_joiner.hpp"

namespace xray::instrumentation {

bool will_be_retried(const RecognisedCall& call) noexcept {
  const int most = call.most_attempts > 0 ? call.most_attempts : 3;
  if (call.attempt <= 0 || call.attempt >= most) return false;
  if (call.status == 0 || call.throttled) return true;
  if (call.status == 500 || (call.status >= 502 && call.status <= 504)) return true;
  return call.error_code.view() == "RequestTimeout" ||
         call.error_code.view() == "RequestTimeoutException";
}

std::chrono::milliseconds longest_pause_after(int attempt) noexcept {
  const int seconds = attempt < 1 ? 1 : attempt > 4 ? 20 : 1 << attempt;
  return std::chrono::seconds(seconds + 1);
}

}  // namespace xray::instrumentation
