#include "local/trace/failure_paths.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>

#include "local/json/json.hpp"

namespace xrayd::local {
namespace {

using Index = std::size_t;

// Of those that come to something; most of them then come to what is known.
constexpr std::size_t max_walks = 10 * max_root_causes;

// What a walk from an entity on comes to: the greater, the rather it is walked.
enum class Worth : std::uint8_t { unknown, being_looked_at, nothing, exception, failed_service };

bool is_failure(const rapidjson::Value& json, FailureKind kind) {
  for (const auto& item : json.GetObject()) {
    if (!item.value.IsTrue()) continue;
    const auto name = text_of(item.name);
    if (kind == FailureKind::fault ? name == "fault" : name == "error" || name == "throttle") {
      return true;
    }
  }
  return false;
}

bool is_failure(const Outcome& outcome, FailureKind kind) {
  return kind == FailureKind::fault ? outcome.fault : outcome.error || outcome.throttle;
}

class FailureWalk {
 public:
  FailureWalk(const RootCausePlaces& places, FailureKind kind) : places_(places), kind_(kind) {}

  std::vector<FailurePath> walk() {
    if (!look_at_entities()) return {};
    std::vector<FailurePath> paths;
    std::set<std::pair<Index, bool>> ends;
    std::size_t walks = 0;
    for (const PathStep& start : starts()) {
      if (!start.inferred && worth_of(start.entity) == Worth::nothing) continue;
      // One path more than is wanted tells that there are too many.
      if (paths.size() > max_root_causes || ++walks > max_walks) break;
      FailurePath path = start.inferred ? FailurePath{{start}, false, false} : walk_from(start);
      if (path.steps.empty()) continue;
      path.from_root = !start.inferred && start.entity == places_.tree().root;
      const PathStep& end = path.steps.back();
      if (ends.emplace(end.entity, end.inferred).second) paths.push_back(std::move(path));
    }
    return paths;
  }

 private:
  struct Seen {
    bool failed = false;
    /// So did everything above it up to the segment.
    bool handed_on = false;
    Worth worth = Worth::unknown;
    /// The entity it stands in; of a segment that was called, its caller.
    std::optional<Index> above;
  };

  // False where nothing failed.
  bool look_at_entities() {
    order_ = places_.tree().in_order();
    seen_.resize(places_.tree().entities.size());
    bool any = false;
    for (const Index top : places_.tree().segments) seen_[top].handed_on = true;
    for (const Index index : order_) {
      Seen& seen = seen_[index];
      seen.failed = is_failure(*places_.entity(index).json, kind_);
      seen.handed_on = seen.handed_on && seen.failed;
      for (const Index child : places_.entity(index).children) {
        seen_[child].above = index;
        seen_[child].handed_on = seen.handed_on;
      }
      if (const auto callee = places_.sent_callee(index)) seen_[*callee].above = index;
      any = any || seen.failed || failed_service(index);
    }
    return any;
  }

  // The root and failed segments whose callers didn't hand the failure on.
  [[nodiscard]] std::vector<PathStep> starts() const {
    std::vector<PathStep> starts;
    const auto root = places_.tree().root;
    for (const Index index : order_) {
      const auto service = failed_service(index);
      if (service && !seen_[index].handed_on) starts.push_back(*service);
    }
    for (const Index top : places_.tree().segments) {
      const auto caller = seen_[top].above;
      const bool handed_on = caller && seen_[*caller].handed_on;
      const auto step = places_.step(top);
      if (seen_[top].failed && step && (top == root || !handed_on)) starts.push_back(*step);
    }
    std::stable_sort(starts.begin(), starts.end(), [&](const PathStep& a, const PathStep& b) {
      const auto rank = [&](const PathStep& step) {
        const bool is_root = !step.inferred && step.entity == root;
        return std::pair(!is_root, places_.entity(step.entity).start);
      };
      return rank(a) < rank(b);
    });
    return starts;
  }

  FailurePath walk_from(const PathStep& start) {
    FailurePath path;
    std::set<Index> visited;
    std::optional<PathStep> next = start;
    while (next) {
      if (path.steps.size() == max_root_cause_entities) {
        path.cut = true;
        return path;
      }
      path.steps.push_back(*next);
      if (next->inferred) break;
      visited.insert(next->entity);
      if (const auto target = redirection(next->entity); target && !visited.contains(*target)) {
        for (const Index between : way_down(next->entity, *target)) {
          if (path.steps.size() + 1 == max_root_cause_entities) break;
          if (visited.insert(between).second) path.steps.push_back(*places_.step(between));
        }
        next = places_.step(*target);
      } else {
        next = best_part(next->entity, visited);
      }
    }
    while (!path.steps.empty() && !is_end(path.steps.back())) path.steps.pop_back();
    return path;
  }

  std::optional<PathStep> best_part(Index index, const std::set<Index>& visited) {
    // Who was called comes first: of equals it is kept.
    if (const auto service = failed_service(index)) return service;
    std::optional<Index> best;
    Worth best_worth = Worth::nothing;
    for (const Index part : failed_parts(index)) {
      if (visited.contains(part)) continue;
      const Worth worth = worth_of(part);
      if (worth > best_worth || (best && worth == best_worth && end_of(part) > end_of(*best))) {
        best = part;
        best_worth = worth;
      }
    }
    return best ? places_.step(*best) : std::nullopt;
  }

  // The segment that answered it and its own parts, those that failed.
  [[nodiscard]] std::vector<Index> failed_parts(Index index) const {
    std::vector<Index> parts;
    const auto callee = places_.sent_callee(index);
    if (callee && seen_[*callee].failed) parts.push_back(*callee);
    for (const Index child : places_.entity(index).children) {
      if (seen_[child].failed && places_.step(child)) parts.push_back(child);
    }
    return parts;
  }

  // Each entity is looked at once. Not by recursion: calls may lead through any number of segments,
  // or in a circle.
  Worth worth_of(Index index) {
    std::vector<Index> open{index};
    while (!open.empty()) {
      const Index at = open.back();
      Worth& worth = seen_[at].worth;
      if (worth == Worth::unknown) {
        worth = Worth::being_looked_at;
        for (const Index part : failed_parts(at)) {
          if (seen_[part].worth == Worth::unknown) open.push_back(part);
        }
        continue;
      }
      open.pop_back();
      if (worth != Worth::being_looked_at) continue;
      worth = Worth::nothing;
      if (exceptions_of(places_.entity(at)) != nullptr || redirection(at)) worth = Worth::exception;
      if (failed_service(at)) worth = Worth::failed_service;
      for (const Index part : failed_parts(at)) worth = std::max(worth, seen_[part].worth);
    }
    return seen_[index].worth;
  }

  [[nodiscard]] std::optional<PathStep> failed_service(Index index) const {
    const auto service = places_.inferred_callee(index);
    const bool failed = service && is_failure(places_.segment(service->segment).outcome, kind_);
    return failed ? service : std::nullopt;
  }

  [[nodiscard]] bool is_end(const PathStep& step) const {
    return step.inferred || exceptions_of(places_.entity(step.entity)) != nullptr;
  }

  [[nodiscard]] double end_of(Index index) const {
    const Entity& entity = places_.entity(index);
    return entity.end.value_or(entity.start);
  }

  // ---- a cause that is told elsewhere --------------------------------------------------------

  // `cause` may be the id of an exception that another entity has.
  std::optional<Index> redirection(Index index) {
    const auto id = text_member(*places_.entity(index).json, "cause");
    const auto parsed = id ? parse_entity_id(*id) : std::nullopt;
    if (!parsed) return std::nullopt;
    if (!exceptions_known_) learn_exceptions();
    const auto found = exceptions_.find(*parsed);
    return found == exceptions_.end() ? std::nullopt : std::optional(found->second);
  }

  void learn_exceptions() {
    exceptions_known_ = true;
    for (const Index index : order_) {
      const auto* exceptions = exceptions_of(places_.entity(index));
      if (exceptions == nullptr || !places_.step(index)) continue;
      for (const auto& exception : exceptions->GetArray()) {
        const auto id = text_member(exception, "id");
        const auto parsed = id ? parse_entity_id(*id) : std::nullopt;
        if (parsed) exceptions_.try_emplace(*parsed, index);
      }
    }
  }

  // What lies between them, if the one is below the other.
  [[nodiscard]] std::vector<Index> way_down(Index from, Index to) const {
    std::vector<Index> way;
    auto above = seen_[to].above;
    while (above && *above != from) {
      if (way.size() == max_root_cause_entities || !places_.step(*above)) return {};
      way.push_back(*above);
      above = seen_[*above].above;
    }
    if (!above) return {};
    std::reverse(way.begin(), way.end());
    return way;
  }

  const RootCausePlaces& places_;
  FailureKind kind_;
  std::vector<Index> order_;
  std::vector<Seen> seen_;
  bool exceptions_known_ = false;
  std::unordered_map<EntityId, Index, EntityIdHash> exceptions_;
};

}  // namespace

std::vector<FailurePath> failure_paths(const RootCausePlaces& places, FailureKind kind) {
  return FailureWalk(places, kind).walk();
}

}  // namespace xrayd::local
