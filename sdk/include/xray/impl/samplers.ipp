#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <xray/impl/exceptions.hpp>
#include <xray/impl/random.hpp>
#include <xray/impl/sampling/local_rules.hpp>
#include <xray/impl/sampling/local_sampler.hpp>
#include <xray/impl/sampling/sampling_rate.hpp>
#include <xray/samplers.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Always, never, and what is between.
class RateSampler final : public Sampler {
 public:
  explicit RateSampler(double probability) noexcept : threshold_(rate_threshold(probability)) {}

  SamplingDecision decide(const SamplingRequest& /*request*/) noexcept override {
    SamplingDecision decision;
    decision.sampled = is_below(random_bits(thread_state), threshold_);
    return decision;
  }

 private:
  const RateThreshold threshold_;
};

/// Null if there is no memory.
template <typename Made, typename Argument>
std::shared_ptr<Sampler> make_sampler(const Argument& argument) noexcept {
  XRAY_TRY {
    return std::make_shared<Made>(argument);
  }
  XRAY_CATCH_BAD_ALLOC {
    return nullptr;
  }
}

/// A file's text; empty, and a reason, if it can't be had.
inline std::string read_rules_file(const std::string& path, std::string& reason) {
  std::string text;
  // A pipe put there must not hold this thread for ever.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) {
    reason = std::strerror(errno);
    return text;
  }
  XRAY_TRY {
    struct stat status {};
    if (::fstat(file, &status) != 0) {
      reason = std::strerror(errno);
    } else if (!S_ISREG(status.st_mode)) {
      reason = "not a regular file";
    }
    // One byte more than may be: then the parser says so.
    while (reason.empty() && text.size() <= largest_local_rules) {
      char bytes[4096];
      const ssize_t size = ::read(file, bytes, sizeof bytes);
      if (size > 0) {
        text.append(bytes, static_cast<std::size_t>(size));
      } else if (size == 0) {
        break;
      } else if (errno != EINTR) {
        reason = std::strerror(errno);
      }
    }
  }
  XRAY_CATCH_BAD_ALLOC {
    reason = "no memory";  // short: needs none
  }
  ::close(file);
  return text;
}

inline samplers::RulesResult no_memory_for_rules() noexcept {
  samplers::RulesResult result;
  result.error = "no memory";  // short: needs none
  return result;
}

}  // namespace detail

namespace samplers {

XRAY_DECL std::shared_ptr<Sampler> always() {
  return detail::make_sampler<detail::RateSampler>(1.0);
}

XRAY_DECL std::shared_ptr<Sampler> never() {
  return detail::make_sampler<detail::RateSampler>(0.0);
}

XRAY_DECL std::shared_ptr<Sampler> rate(double probability) {
  return detail::make_sampler<detail::RateSampler>(probability);
}

XRAY_DECL RulesResult rules(std::string_view json) {
  XRAY_TRY {
    RulesResult result;
    detail::LocalRulesResult parsed = detail::parse_local_rules(json);
    result.error = std::move(parsed.error);
    if (result.error.empty()) result.sampler = std::make_shared<detail::LocalSampler>(parsed.rules);
    return result;
  }
  XRAY_CATCH_BAD_ALLOC {
    return detail::no_memory_for_rules();
  }
}

XRAY_DECL RulesResult rules_from_file(const std::string& path) {
  XRAY_TRY {
    std::string reason;
    const std::string text = detail::read_rules_file(path, reason);
    RulesResult result;
    if (reason.empty()) {
      result = rules(text);
      reason = std::move(result.error);
    }
    if (!reason.empty()) result.error = path + ": " + reason;
    return result;
  }
  XRAY_CATCH_BAD_ALLOC {
    return detail::no_memory_for_rules();
  }
}

XRAY_DECL std::shared_ptr<Sampler> default_rules() {
  return detail::make_sampler<detail::LocalSampler>(detail::LocalRules());
}

}  // namespace samplers

XRAY_NAMESPACE_END
