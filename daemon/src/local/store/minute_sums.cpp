#include "local/store/minute_sums.hpp"

#include <algorithm>
#include <limits>

#include "local/graph/packed_graph.hpp"

namespace xrayd::local {
namespace {

constexpr std::int64_t block_minutes = 10;
// Eight hours: longer than the API lets anybody ask for at once.
constexpr std::size_t max_blocks = 48;

std::int64_t block_of(std::int64_t minute) {
  return minute / block_minutes;
}

}  // namespace

// ---- writer's thread
// -----------------------------------------------------------------------------

void MinuteSums::apply(std::span<const SumChange> changes, const Load& load) {
  const std::lock_guard lock(mutex_);
  for (const auto& change : changes) {
    const auto [place, inserted] = minutes_.try_emplace(change.minute);
    auto& minute = place->second;
    if (inserted && stored_.contains(change.minute)) {
      load(change.minute, change.minute + 1, [&](std::int64_t, std::span<const std::byte> packed) {
        // A damaged sum is wrong until its minute is gone: no reason to lose traces.
        static_cast<void>(add_packed_graph(packed, minute.sum));
      });
    }
    change.gain ? minute.sum.add(*change.record) : minute.sum.subtract(*change.record);
    minute.written = false;
    blocks_.erase(block_of(change.minute));
  }
}

std::vector<std::pair<std::int64_t, std::string>> MinuteSums::unwritten(bool all) const {
  std::vector<std::pair<std::int64_t, std::string>> packed;
  const std::lock_guard lock(mutex_);
  for (auto it = minutes_.begin(); it != minutes_.end(); ++it) {
    if (it->second.written || (!all && std::next(it) == minutes_.end())) continue;
    packed.emplace_back(it->first, std::string());
    // Without nodes and edges that no record has any more.
    GraphSum used;
    used += it->second.sum;
    pack_graph(used, packed.back().second);
  }
  return packed;
}

void MinuteSums::written(std::span<const std::pair<std::int64_t, std::string>> minutes) {
  const std::lock_guard lock(mutex_);
  for (const auto& [minute, packed] : minutes) {
    stored_.insert(minute);
    const auto found = minutes_.find(minute);
    if (found == minutes_.end()) continue;
    found->second.written = true;
    if (std::next(found) != minutes_.end()) minutes_.erase(found);
  }
}

std::int64_t MinuteSums::oldest_unwritten(
    std::span<const std::pair<std::int64_t, std::string>> written) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [minute, held] : minutes_) {
    const bool is_written = held.written || std::any_of(written.begin(), written.end(),
                                                        [now = minute](const auto& entry) {
                                                          return entry.first == now;
                                                        });
    if (!is_written) return minute;
  }
  return std::numeric_limits<std::int64_t>::max();
}

// ---- any thread
// ----------------------------------------------------------------------------------

// Under the lock. Memory is newer than the file.
void MinuteSums::each(std::int64_t begin, std::int64_t end, const Load& load,
                      const std::function<void(std::int64_t, const GraphSum&)>& use) const {
  const auto first = minutes_.lower_bound(begin);
  for (auto it = first; it != minutes_.end() && it->first < end; ++it)
    use(it->first, it->second.sum);
  const auto stored = stored_.lower_bound(begin);
  if (stored == stored_.end() || *stored >= end) return;
  load(begin, end, [&](std::int64_t minute, std::span<const std::byte> packed) {
    if (minutes_.contains(minute)) return;
    GraphSum sum;
    if (add_packed_graph(packed, sum)) use(minute, sum);
  });
}

void MinuteSums::add_to(std::int64_t begin, std::int64_t end, const Load& load, GraphSum& sum) {
  const auto add = [&sum](std::int64_t, const GraphSum& minute) { sum += minute; };
  const std::lock_guard lock(mutex_);
  const auto first = std::min(minutes_.empty() ? end : minutes_.begin()->first,
                              stored_.empty() ? end : *stored_.begin());
  const auto last = std::max(minutes_.empty() ? begin : minutes_.rbegin()->first,
                             stored_.empty() ? begin : *stored_.rbegin());
  begin = std::max(begin, first);
  end = std::min(end, last + 1);
  while (begin < end) {
    const auto block = block_of(begin);
    const auto block_end = (block + 1) * block_minutes;
    const auto stop = std::min(end, block_end);
    const bool whole =
        begin == std::max(first, block * block_minutes) && stop == std::min(last + 1, block_end);
    const auto kept = blocks_.find(block);
    if (whole && kept != blocks_.end()) {
      sum += *kept->second;
    } else if (whole && minutes_.lower_bound(begin) == minutes_.lower_bound(stop)) {
      auto together = std::make_shared<GraphSum>();
      each(begin, stop, load, [&](std::int64_t, const GraphSum& minute) { *together += minute; });
      sum += *together;
      if (blocks_.size() >= max_blocks) blocks_.erase(blocks_.begin());
      blocks_[block] = std::move(together);
    } else {
      each(begin, stop, load, add);
    }
    begin = stop;
  }
}

void MinuteSums::add_each(std::int64_t begin, std::int64_t end, const Load& load,
                          std::map<std::int64_t, GraphSum>& sums) {
  const std::lock_guard lock(mutex_);
  each(begin, end, load,
       [&sums](std::int64_t minute, const GraphSum& sum) { sums[minute] += sum; });
}

}  // namespace xrayd::local
