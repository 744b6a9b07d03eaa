// Whether a request that failed is sent again, and when.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

namespace xrayd::aws {

/// How a request ended.
enum class RequestEnd {
  answered,         ///< with a status, good or bad
  refused,          ///< no connection
  cut,              ///< the connection broke before the answer was whole
  timed_out,        ///< the service may have taken the request
  unknown_host,     ///< the name does not resolve
  not_trusted,      ///< the certificate was not accepted
  malformed_answer  ///< what came back is no HTTP
};

/// Views are valid while the policy looks at them.
struct RequestOutcome {
  RequestEnd end = RequestEnd::answered;
  /// HTTP's, where `end` is answered.
  int status = 0;
  /// The error's name without namespace, as X-Amzn-ErrorType or the body's __type has it.
  std::string_view error_code = {};
  /// The header's value; empty if there was none.
  std::string_view retry_after = {};
};

/// What there is to do about it.
enum class Verdict {
  success,
  retry,                ///< the service, or the way to it, has a bad moment
  throttled,            ///< the same, and it wants less
  refresh_credentials,  ///< they have expired: once more with new ones
  correct_clock,        ///< our clock may be wrong: once more with the Date header's, if it differs
  give_up               ///< the same request would fail again
};

[[nodiscard]] Verdict judge(const RequestOutcome& outcome);

/// Whether an error code is one by which a service asks for less, for codes inside of answers, too
/// (those of UnprocessedTraceSegments).
[[nodiscard]] bool is_throttling_code(std::string_view error_code);

/// The error's name out of `com.amazonaws.xray#ThrottledException:http://...`.
[[nodiscard]] std::string_view bare_error_code(std::string_view text);

/// What all retries together may cost, so that a service in trouble is not called twice as often
/// as one that is well. For one thread at a time.
class RetryBudget {
 public:
  explicit RetryBudget(int capacity = 500) : capacity_(capacity), left_(capacity) {}

  /// Takes the cost, or nothing if there is not enough left.
  [[nodiscard]] bool take(int cost);
  void put_back(int cost);
  [[nodiscard]] int left() const { return left_; }

 private:
  int capacity_;
  int left_;
};

struct RetryOptions {
  /// The first one counts.
  int attempts = 2;
  /// The back-off before attempt n+1 is a random part of base * 2^(n-1), at most `ceiling`.
  std::chrono::milliseconds base{2000};
  std::chrono::milliseconds ceiling{20000};
  /// A service that asks for a longer wait is asked again after this.
  std::chrono::milliseconds retry_after_ceiling{60000};
  int budget = 500;
  int retry_cost = 5;
  /// A request that timed out has cost the service more.
  int timeout_cost = 10;
  int success_gain = 1;
};

/// Attempts, back-off with full jitter, and the budget. One for all requests to one service; for
/// one thread at a time.
class RetryPolicy {
 public:
  using WallClock = std::function<std::chrono::system_clock::time_point()>;
  /// A number from 0 to 1, 1 excluded.
  using Generator = std::function<double()>;

  RetryPolicy(const RetryOptions& options, WallClock clock, Generator generator);

  /// How long to wait before the next attempt, or nothing if there is none. `attempts_made` is 1
  /// after the first. What Retry-After says is waited at least, up to its ceiling. Each wait that
  /// is given has taken its cost from the budget.
  [[nodiscard]] std::optional<std::chrono::milliseconds> next_attempt(const RequestOutcome& outcome,
                                                                      int attempts_made);

  /// A request succeeded with the attempt after `outcome`, or with its first if that is nothing.
  void succeeded(const std::optional<RequestOutcome>& after = std::nullopt);

  [[nodiscard]] const RetryBudget& budget() const { return budget_; }

 private:
  [[nodiscard]] int cost_of(const RequestOutcome& outcome) const;

  RetryOptions options_;
  WallClock clock_;
  Generator generator_;
  RetryBudget budget_;
};

/// The wait that a Retry-After header asks for: seconds, or a date seen from `now` (0 if it has
/// passed). Nothing if it is neither. Seconds beyond a century are a century.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_retry_after(
    std::string_view text, std::chrono::system_clock::time_point now);

}  // namespace xrayd::aws
