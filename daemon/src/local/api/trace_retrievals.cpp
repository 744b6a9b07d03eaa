#include "local/api/trace_retrievals.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <utility>

namespace xrayd::local::api {
namespace {

std::string new_token() {
  std::random_device device;
  const auto half = [&device] { return std::uint64_t{device()} << 32U | std::uint64_t{device()}; };
  return entity_id_text(half()) + entity_id_text(half());
}

}  // namespace

TraceRetrievals::TraceRetrievals(Clock clock) : clock_(std::move(clock)) {
}

std::string TraceRetrievals::start(std::vector<TraceId> traces) {
  Kept kept{{new_token(), std::move(traces)}, clock_()};
  std::string token = kept.retrieval.token;
  const std::lock_guard lock(mutex_);
  forget_old();
  if (kept_.size() >= max_kept) kept_.pop_front();
  kept_.push_back(std::move(kept));
  return token;
}

std::optional<TraceRetrieval> TraceRetrievals::find(std::string_view token) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept(token);
  if (found == kept_.end()) return std::nullopt;
  return found->retrieval;
}

bool TraceRetrievals::cancel(std::string_view token) {
  const std::lock_guard lock(mutex_);
  const auto found = kept(token);
  if (found == kept_.end()) return false;
  found->retrieval.cancelled = true;
  found->retrieval.traces.clear();
  return true;
}

std::list<TraceRetrievals::Kept>::iterator TraceRetrievals::kept(std::string_view token) const {
  forget_old();
  return std::find_if(kept_.begin(), kept_.end(),
                      [&](const Kept& kept) { return kept.retrieval.token == token; });
}

void TraceRetrievals::forget_old() const {
  const auto now = clock_();
  while (!kept_.empty() && now - kept_.front().since > max_age) kept_.pop_front();
}

}  // namespace xrayd::local::api
