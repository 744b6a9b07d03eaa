#include "forward/retries.hpp"

#include <algorithm>
#include <cstdint>

namespace xrayd::forward {
namespace {

std::mt19937_64 seeded() {
  std::random_device device;
  std::seed_seq seed{device(), device()};
  return std::mt19937_64(seed);
}

double unit(std::mt19937_64& generator) {
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

}  // namespace

Retries::Retries(const aws::RetryOptions& options)
    : options_(options),
      generator_(seeded()),
      policy_(
          options, [] { return std::chrono::system_clock::now(); },
          [this] { return unit(generator_); }) {
}

std::optional<std::chrono::milliseconds> Retries::next_attempt(const aws::RequestOutcome& outcome,
                                                               int attempts_made) {
  const std::lock_guard lock(mutex_);
  return policy_.next_attempt(outcome, attempts_made);
}

void Retries::succeeded(bool after_a_retry) {
  const std::lock_guard lock(mutex_);
  if (after_a_retry) {
    aws::RequestOutcome outcome;
    outcome.status = 503;
    policy_.succeeded(outcome);
  } else {
    policy_.succeeded();
  }
}

std::chrono::milliseconds Retries::throttle_pause(int times) {
  const std::lock_guard lock(mutex_);
  const auto most = std::min(options_.ceiling, options_.base * (1 << std::clamp(times - 1, 0, 16)));
  const double share = 0.25 + unit(generator_) * 0.75;
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(share * static_cast<double>(most.count())));
}

double Retries::random() {
  const std::lock_guard lock(mutex_);
  return unit(generator_);
}

}  // namespace xrayd::forward
