#include "local/live/live_sums.hpp"

namespace xrayd::local {

void LiveSums::add(const TraceId& id, const LiveRecord& live) {
  if (!live.record) return;
  if (live.summed) {
    late_[id] = live;
    return;
  }
  auto& minute = minutes_[live.minute];
  minute.sum.add(*live.record);
  ++minute.traces;
}

void LiveSums::remove(const TraceId& id, const LiveRecord& live) {
  if (!live.record) return;
  if (live.summed) {
    late_.erase(id);
    return;
  }
  const auto found = minutes_.find(live.minute);
  if (found == minutes_.end()) return;
  if (--found->second.traces == 0) {
    minutes_.erase(found);
  } else {
    found->second.sum.subtract(*live.record);
  }
}

void LiveSums::clear() noexcept {
  minutes_.clear();
  late_.clear();
}

void LiveSums::add_to(std::int64_t begin, std::int64_t end,
                      const std::function<GraphSum&(std::int64_t minute)>& sum) const {
  const auto stop = minutes_.lower_bound(end);
  for (auto it = minutes_.lower_bound(begin); it != stop; ++it) sum(it->first) += it->second.sum;
  for (const auto& [id, live] : late_) {
    if (live.minute < begin || live.minute >= end) continue;
    auto& minute = sum(live.minute);
    minute.subtract(*live.summed);
    minute.add(*live.record);
  }
}

}  // namespace xrayd::local
