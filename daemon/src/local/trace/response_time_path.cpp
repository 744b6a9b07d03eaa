#include "local/trace/response_time_path.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

namespace xrayd::local {
namespace {

// Parts that cover no more of the root's time than this didn't make it slow.
constexpr double least_coverage = 0.5;

// A millionth, as records are kept: so filters see the same before and after.
double as_kept(double coverage) {
  return std::round(coverage * 1e6) / 1e6;
}

// What somebody waited for: a part, as far as it lies within what it is a part of.
struct Waited {
  PathStep step;
  double start = 0;
  double end = 0;

  [[nodiscard]] double time() const noexcept { return end - start; }
};

class ResponseTimeWalk {
 public:
  explicit ResponseTimeWalk(const RootCausePlaces& places) : places_(places) {}

  std::vector<PathStep> walk() {
    const auto root = places_.tree().root;
    const auto step = root ? places_.step(*root) : std::nullopt;
    if (!step || !places_.entity(*root).end) return {};
    Waited at{*step, places_.entity(*root).start, *places_.entity(*root).end};
    response_time_ = at.time();
    if (!(response_time_ > 0)) return {};

    std::vector<PathStep> path;
    const auto is_new = [&](const PathStep& candidate) {
      return std::none_of(path.begin(), path.end(), [&](const PathStep& known) {
        return known.entity == candidate.entity && known.inferred == candidate.inferred;
      });
    };
    std::optional<Waited> next = at;
    while (next && path.size() < max_root_cause_entities && is_new(next->step)) {
      next->step.coverage = as_kept(next->time() / response_time_);
      path.push_back(next->step);
      next = next->step.inferred ? std::nullopt : slowest_part(*next);
    }
    return path.size() > 1 ? path : std::vector<PathStep>{};
  }

 private:
  // Who answered it, else the last of its parts that took long: the others had ended by then.
  [[nodiscard]] std::optional<Waited> slowest_part(const Waited& whole) const {
    if (auto callee = who_answered(whole)) return callee;
    std::optional<Waited> last;
    for (const std::size_t child : places_.entity(whole.step.entity).children) {
      const Entity& entity = places_.entity(child);
      const auto step = places_.step(child);
      if (!step || !entity.end) continue;
      const Waited part{*step, std::max(entity.start, whole.start),
                        std::min(*entity.end, whole.end)};
      if (is_slow(part) && (!last || part.end > last->end)) last = part;
    }
    return last;
  }

  // Another machine has another clock, so only how long it took is compared: what took longer than
  // the call went on after its answer, or was never waited for.
  [[nodiscard]] std::optional<Waited> who_answered(const Waited& call) const {
    if (const auto service = places_.inferred_callee(call.step.entity)) {
      return Waited{*service, call.start, call.end};
    }
    const auto top = places_.sent_callee(call.step.entity);
    if (!top || !places_.entity(*top).end) return std::nullopt;
    const Waited callee{*places_.step(*top), places_.entity(*top).start, *places_.entity(*top).end};
    return is_slow(callee) && callee.time() <= call.time() ? std::optional(callee) : std::nullopt;
  }

  [[nodiscard]] bool is_slow(const Waited& part) const noexcept {
    return part.time() > least_coverage * response_time_;
  }

  const RootCausePlaces& places_;
  double response_time_ = 0;
};

}  // namespace

std::vector<PathStep> response_time_path(const RootCausePlaces& places) {
  return ResponseTimeWalk(places).walk();
}

}  // namespace xrayd::local
