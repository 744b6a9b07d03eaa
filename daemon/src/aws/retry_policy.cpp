#include "aws/retry_policy.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "aws/http_date.hpp"

namespace xrayd::aws {
namespace {

constexpr std::chrono::hours century(24 * 365 * 100);

bool is_one_of(std::string_view code, std::span<const std::string_view> codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool is_expired_credentials_code(std::string_view code) {
  constexpr std::array<std::string_view, 4> codes = {"ExpiredToken", "ExpiredTokenException",
                                                     "RequestExpired", "TokenRefreshRequired"};
  return is_one_of(code, codes);
}

bool is_clock_code(std::string_view code) {
  constexpr std::array<std::string_view, 4> codes = {"RequestTimeTooSkewed", "RequestInTheFuture",
                                                     "InvalidSignatureException",
                                                     "SignatureDoesNotMatch"};
  return is_one_of(code, codes);
}

bool is_passing_code(std::string_view code) {
  constexpr std::array<std::string_view, 4> codes = {"RequestTimeout", "RequestTimeoutException",
                                                     "InternalError", "IDPCommunicationError"};
  return is_one_of(code, codes);
}

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool is_throttling_code(std::string_view error_code) {
  constexpr std::array<std::string_view, 14> codes = {"BandwidthLimitExceeded",
                                                      "EC2ThrottledException",
                                                      "LimitExceededException",
                                                      "PriorRequestNotComplete",
                                                      "ProvisionedThroughputExceededException",
                                                      "RequestLimitExceeded",
                                                      "RequestThrottled",
                                                      "RequestThrottledException",
                                                      "SlowDown",
                                                      "ThrottledException",
                                                      "Throttling",
                                                      "ThrottlingException",
                                                      "TooManyRequestsException",
                                                      "TransactionInProgressException"};
  return is_one_of(error_code, codes);
}

std::string_view bare_error_code(std::string_view text) {
  text = text.substr(0, text.find(':'));
  return text.substr(text.find('#') + 1);  // npos + 1 is 0
}

Verdict judge(const RequestOutcome& outcome) {
  switch (outcome.end) {
    case RequestEnd::refused:
    case RequestEnd::cut:
    case RequestEnd::timed_out:
    case RequestEnd::malformed_answer:
      return Verdict::retry;
    case RequestEnd::unknown_host:
    case RequestEnd::not_trusted:
      return Verdict::give_up;
    case RequestEnd::answered:
      break;
  }
  if (outcome.status >= 200 && outcome.status < 300) return Verdict::success;
  const std::string_view code = bare_error_code(outcome.error_code);
  if (outcome.status == 429 || is_throttling_code(code)) return Verdict::throttled;
  if (is_expired_credentials_code(code)) return Verdict::refresh_credentials;
  if (is_clock_code(code)) return Verdict::correct_clock;
  constexpr std::array<int, 5> passing = {408, 500, 502, 503, 504};
  const bool passes = std::find(passing.begin(), passing.end(), outcome.status) != passing.end();
  return passes || is_passing_code(code) ? Verdict::retry : Verdict::give_up;
}

bool RetryBudget::take(int cost) {
  if (cost > left_) return false;
  left_ -= cost;
  return true;
}

void RetryBudget::put_back(int cost) {
  left_ = cost > capacity_ - left_ ? capacity_ : left_ + cost;
}

RetryPolicy::RetryPolicy(const RetryOptions& options, WallClock clock, Generator generator)
    : options_(options),
      clock_(std::move(clock)),
      generator_(std::move(generator)),
      budget_(options.budget) {
}

std::optional<std::chrono::milliseconds> RetryPolicy::next_attempt(const RequestOutcome& outcome,
                                                                   int attempts_made) {
  const Verdict verdict = judge(outcome);
  if (verdict == Verdict::success || verdict == Verdict::give_up) return std::nullopt;
  if (attempts_made >= options_.attempts || !budget_.take(cost_of(outcome))) return std::nullopt;
  // What was wrong was here and has been put right: the service need not recover from it.
  if (verdict == Verdict::refresh_credentials || verdict == Verdict::correct_clock) {
    return std::chrono::milliseconds(0);
  }

  auto most = std::min(options_.base, options_.ceiling);
  for (int i = 1; i < attempts_made && most < options_.ceiling; ++i) {
    most = most > options_.ceiling / 2 ? options_.ceiling : most * 2;
  }
  const std::chrono::milliseconds wait(
      static_cast<std::int64_t>(generator_() * static_cast<double>(most.count())));
  const auto asked = parse_retry_after(outcome.retry_after, clock_());
  if (!asked) return wait;
  return std::max(wait, std::min(*asked, options_.retry_after_ceiling));
}

void RetryPolicy::succeeded(const std::optional<RequestOutcome>& after) {
  budget_.put_back(after ? cost_of(*after) : options_.success_gain);
}

int RetryPolicy::cost_of(const RequestOutcome& outcome) const {
  return outcome.end == RequestEnd::timed_out ? options_.timeout_cost : options_.retry_cost;
}

std::optional<std::chrono::milliseconds> parse_retry_after(
    std::string_view text, std::chrono::system_clock::time_point now) {
  text = trimmed(text);
  if (is_digits(text)) {
    std::int64_t seconds = 0;
    for (const char c : text) {
      seconds =
          std::min<std::int64_t>(seconds * 10 + (c - '0'), std::chrono::seconds(century).count());
    }
    return std::chrono::seconds(seconds);
  }
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  // Counted in seconds first: the year 9999 is too far away for a clock of nanoseconds.
  const auto this_second = std::chrono::floor<std::chrono::seconds>(now);
  const std::chrono::milliseconds begun =
      std::chrono::floor<std::chrono::milliseconds>(now - this_second);
  const std::chrono::seconds wait = std::min<std::chrono::seconds>(*date - this_second, century);
  return std::max(std::chrono::milliseconds(0), wait - begun);
}

}  // namespace xrayd::aws
