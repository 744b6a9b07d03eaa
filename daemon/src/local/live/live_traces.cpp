#include "local/live/live_traces.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace xrayd::local {
namespace {

// The text, what RapidJSON makes of it, and what stands around both.
std::uint64_t memory_of(const SegmentDocument& document) {
  constexpr std::uint64_t around = 600;
  return 4 * document.text.size() + around;
}

constexpr std::uint64_t trace_memory = 600;

// Those who ask, and those who flush, needn't wait for the rest of a large batch.
constexpr std::size_t documents_at_once = 100;
constexpr std::size_t stored_at_once = 50;

}  // namespace

// ---- in ----------------------------------------------------------------------------------------

LiveTraces::Trace& LiveTraces::trace_of(const SegmentDocument& document, std::int64_t received_ms,
                                        Clock::time_point now, const MaybeStored& maybe_stored) {
  auto& slot = traces_[document.trace_id];
  if (slot) return *slot;
  try {
    slot = std::make_unique<Trace>();
    slot->id = document.trace_id;
    slot->first_received_ms = received_ms;
    slot->first_seen = now;
    slot->maybe_stored = maybe_stored(document.trace_id);
    slot->base = ++changes_;
    if (slot->maybe_stored) late_.insert(slot.get());
    slot->by_age = by_age_.insert(by_age_.end(), slot.get());
  } catch (...) {
    late_.erase(slot.get());
    traces_.erase(document.trace_id);
    throw;
  }
  slot->bytes = trace_memory;
  bytes_ += trace_memory;
  return *slot;
}

LiveTraces::Counts LiveTraces::add(std::vector<SegmentDocument>&& documents, JournalNumber journal,
                                   std::int64_t received_ms, Clock::time_point now,
                                   const MaybeStored& maybe_stored, Promise promise) {
  Counts counts;
  {
    const std::lock_guard lock(mutex_);
    ++batches_;
  }
  for (std::span<SegmentDocument> left(documents); !left.empty();) {
    const auto some = left.first(std::min(left.size(), documents_at_once));
    add_some(some, journal, received_ms, now, maybe_stored, promise, counts);
    left = left.subspan(some.size());
  }
  return counts;
}

void LiveTraces::add_some(std::span<SegmentDocument> documents, JournalNumber journal,
                          std::int64_t received_ms, Clock::time_point now,
                          const MaybeStored& maybe_stored, Promise promise, Counts& counts) {
  std::size_t released = 0;
  const std::lock_guard lock(mutex_);
  for (auto& document : documents) {
    Trace& trace = trace_of(document, received_ms, now, maybe_stored);
    const bool counted = !trace.maybe_stored;
    const bool was_full = trace.documents.full();
    const auto memory = memory_of(document);
    std::uint64_t replaced = 0;
    const auto placement =
        trace.documents.add(std::make_shared<const SegmentDocument>(std::move(document)),
                            trace.origins.size(), replaced);
    const bool kept = placement == Placement::stored || placement == Placement::replaced;
    if (kept) {
      trace.origins.push_back({journal, changes_ + 1, counted});
      trace.bytes += memory;
      bytes_ += memory;
    } else {
      ++released;
    }
    if (placement == Placement::replaced) {
      // What it replaced is counted, here, as what it was.
      journals_.release(trace.origins[replaced].journal, 1);
      recount_bytes(trace);
    }
    // The store's answer for what came again here can't differ.
    if (counted && placement == Placement::stored) ++counts.stored;
    if (placement == Placement::replaced) ++counts.replaced;
    if (placement == Placement::duplicate) ++counts.duplicates;
    if (placement == Placement::trace_full) ++counts.trace_full;
    if (kept || (!was_full && trace.documents.full())) change(trace, now);
    // Also where it came again: the first may not have been promised to anybody.
    if (promise == Promise::visible_at_once) trace.promised = trace.unmade;
    trace.last_seen = now;
    sort_in(trace);
  }
  if (released > 0) journals_.release(journal, released);
}

void LiveTraces::change(Trace& trace, Clock::time_point now) {
  trace.change = ++changes_;
  if (trace.batch != batches_) ++trace.revision;
  trace.batch = batches_;
  wait_for_record(trace, now);
}

void LiveTraces::wait_for_record(Trace& trace, Clock::time_point now) {
  trace.changed = now;
  if (trace.unmade) {
    by_change_.splice(by_change_.end(), by_change_, trace.by_change);
    return;
  }
  trace.by_change = by_change_.insert(by_change_.end(), &trace);
  trace.unmade = true;
  trace.unmade_since = now;
}

void LiveTraces::recount_bytes(Trace& trace) {
  bytes_ -= trace.bytes;
  trace.bytes = trace_memory;
  for (const auto& entry : trace.documents.entries()) trace.bytes += memory_of(*entry.document);
  bytes_ += trace.bytes;
}

void LiveTraces::sort_in(Trace& trace) {
  const bool complete = trace.documents.complete();
  if (trace.is_quiet && !complete) {
    by_quiet_.erase(trace.by_quiet);
  } else if (trace.is_quiet) {
    by_quiet_.splice(by_quiet_.end(), by_quiet_, trace.by_quiet);
  } else if (complete) {
    trace.by_quiet = by_quiet_.insert(by_quiet_.end(), &trace);
  }
  trace.is_quiet = complete;
}

// ---- out ---------------------------------------------------------------------------------------

LiveTrace LiveTraces::moment_of(const Trace& trace, bool with_documents) {
  LiveTrace moment;
  moment.id = trace.id;
  moment.change = trace.change;
  moment.base = trace.base;
  moment.revision = trace.revision;
  moment.first_received_ms = trace.first_received_ms;
  moment.maybe_stored = trace.maybe_stored;
  moment.limit_exceeded = trace.documents.full();
  if (!trace.unmade) moment.record = trace.made.record;
  if (with_documents) {
    moment.documents.reserve(trace.documents.entries().size());
    for (const auto& entry : trace.documents.entries()) {
      moment.documents.push_back({entry.document, trace.origins[entry.tag].counted});
    }
  }
  return moment;
}

std::vector<LiveTrace> LiveTraces::due(Clock::time_point now, Pressure pressure,
                                       std::size_t max_documents, std::uint64_t max_bytes) {
  std::vector<LiveTrace> taken;
  std::size_t documents = 0;
  std::uint64_t bytes = 0;
  bool waited_enough = pressure != Pressure::none;
  const std::lock_guard lock(mutex_);
  const auto full = [&] {
    return !taken.empty() && (documents >= max_documents || bytes >= max_bytes);
  };
  const auto take = [&](const Trace& trace, Clock::time_point due_since) {
    waited_enough = waited_enough || due_since + limits_.patience <= now;
    documents += trace.documents.entries().size();
    bytes += static_cast<std::uint64_t>(trace.documents.bytes());
    taken.push_back(moment_of(trace, true));
  };
  // Room in memory is best made with traces that are whole already; journals are held by the
  // oldest, whatever they are.
  const bool any_quiet = pressure == Pressure::memory || pressure == Pressure::everything;
  if (pressure != Pressure::journals) {
    for (const Trace* trace : by_quiet_) {
      if (full() || !(any_quiet || trace->last_seen + limits_.quiet <= now)) break;
      take(*trace, trace->last_seen + limits_.quiet);
    }
  }
  const bool any_age = pressure == Pressure::journals || pressure == Pressure::everything ||
                       (pressure == Pressure::memory && taken.empty());
  for (const Trace* trace : by_age_) {
    if (full() || !(any_age || trace->first_seen + limits_.age <= now)) break;
    const bool taken_above = trace->is_quiet && pressure != Pressure::journals &&
                             (any_quiet || trace->last_seen + limits_.quiet <= now);
    if (!taken_above) take(*trace, trace->first_seen + limits_.age);
  }
  constexpr std::uint64_t worth_it = std::uint64_t{64} << 10U;
  if (!waited_enough && bytes < worth_it) taken.clear();
  return taken;
}

void LiveTraces::stored(std::span<const StoredMoment> moments, Clock::time_point now) {
  // What goes is destroyed when nobody waits for the locks any more.
  std::vector<std::unique_ptr<Trace>> gone;
  gone.reserve(moments.size());
  const std::lock_guard sums(sums_mutex_);
  while (!moments.empty()) {
    const auto some = moments.first(std::min(moments.size(), stored_at_once));
    moments = moments.subspan(some.size());
    const std::lock_guard lock(mutex_);
    for (const auto& moment : some) {
      const auto found = traces_.find(moment.live->id);
      if (found == traces_.end()) continue;
      Trace& trace = *found->second;
      if (trace.change == moment.live->change) {
        gone.push_back(take_out(trace));
      } else {
        keep_rest(trace, moment, now);
      }
    }
  }
}

// Documents that came after the moment stay; the store has the others.
void LiveTraces::keep_rest(Trace& trace, const StoredMoment& stored, Clock::time_point now) {
  TraceDocuments rest;
  std::vector<Trace::Origin> origins;
  for (const auto& entry : trace.documents.entries()) {
    const auto& origin = trace.origins[entry.tag];
    if (origin.change <= stored.live->change) {
      journals_.release(origin.journal, 1);
      continue;
    }
    std::uint64_t replaced = 0;
    rest.add(entry.document, origins.size(), replaced);
    origins.push_back(origin);
  }
  trace.documents = std::move(rest);
  trace.origins = std::move(origins);
  trace.revision = std::max<std::int64_t>(1, trace.revision - stored.live->revision);
  trace.maybe_stored = true;
  late_.insert(&trace);
  trace.first_seen = now;
  by_age_.splice(by_age_.end(), by_age_, trace.by_age);
  recount_bytes(trace);
  sort_in(trace);

  // A record of a later moment than the one that was stored is still good, for what it adds.
  trace.base = ++changes_;
  if (trace.made_change <= stored.live->change) {
    set_made(trace, 0, {});
    if (!trace.unmade) wait_for_record(trace, now);
  } else if (stored.record) {
    auto made = trace.made;
    made.summed = stored.record;
    made.minute = stored.minute;
    set_made(trace, trace.made_change, std::move(made));
  }
}

std::unique_ptr<LiveTraces::Trace> LiveTraces::take_out(Trace& trace) {
  for (const auto& entry : trace.documents.entries()) {
    journals_.release(trace.origins[entry.tag].journal, 1);
  }
  set_made(trace, 0, {});
  bytes_ -= trace.bytes;
  by_age_.erase(trace.by_age);
  if (trace.is_quiet) by_quiet_.erase(trace.by_quiet);
  if (trace.unmade) by_change_.erase(trace.by_change);
  late_.erase(&trace);
  auto node = traces_.extract(trace.id);
  return std::move(node.mapped());
}

void LiveTraces::clear() noexcept {
  const std::lock_guard sums(sums_mutex_);
  const std::lock_guard lock(mutex_);
  sums_.clear();
  listed_.clear();
  late_.clear();
  by_change_.clear();
  by_age_.clear();
  by_quiet_.clear();
  traces_.clear();
  bytes_ = 0;
}

// ---- records -----------------------------------------------------------------------------------

// Under both locks.
void LiveTraces::set_made(Trace& trace, std::uint64_t change, LiveRecord made) {
  sums_.remove(trace.id, trace.made);
  trace.made_change = change;
  trace.made = std::move(made);
  sums_.add(trace.id, trace.made);
  list_anew(trace);
}

void LiveTraces::list_anew(Trace& trace) {
  std::optional<ListPosition> position;
  if (const auto& record = trace.made.record; record && !record->segments.empty()) {
    position = ListPosition{record->listed_at, record->start, trace.id};
  }
  const bool stays = position && trace.position && !(*position < *trace.position) &&
                     !(*trace.position < *position);
  if (stays) return;
  if (trace.position) listed_.erase(*trace.position);
  if (position) listed_.emplace(*position, &trace);
  trace.position = position;
}

std::vector<LiveTrace> LiveTraces::settled(Clock::time_point now, const Unmade& asked) const {
  std::vector<LiveTrace> found;
  std::size_t documents = 0;
  const std::lock_guard lock(mutex_);
  for (const Trace* trace : by_change_) {
    if (documents >= asked.documents || found.size() >= asked.traces) break;
    if (trace->changed + asked.quiet > now && trace->unmade_since + asked.age > now) continue;
    found.push_back(moment_of(*trace, true));
    documents += found.back().documents.size();
  }
  return found;
}

std::vector<LiveTrace> LiveTraces::owed(Clock::time_point now, const Unmade& asked) const {
  std::vector<LiveTrace> found;
  std::size_t documents = 0;
  const std::lock_guard lock(mutex_);
  for (const Trace* trace : by_change_) {
    const bool must = trace->promised || trace->unmade_since + asked.age <= now;
    if (!must && documents >= asked.documents) continue;
    found.push_back(moment_of(*trace, true));
    documents += found.back().documents.size();
  }
  return found;
}

Kept LiveTraces::keep(const LiveTrace& moment, LiveRecord made) {
  LiveRecord before;
  const std::lock_guard sums(sums_mutex_);
  const std::lock_guard lock(mutex_);
  const auto found = traces_.find(moment.id);
  if (found == traces_.end()) return Kept::needless;
  Trace& trace = *found->second;
  if (trace.base != moment.base) return Kept::outdated;
  if (trace.made_change >= moment.change) return Kept::needless;
  before = trace.made;
  set_made(trace, moment.change, std::move(made));
  if (trace.change == moment.change) {
    by_change_.erase(trace.by_change);
    trace.unmade = false;
    trace.promised = false;
  }
  return Kept::yes;
}

void LiveTraces::forget_files() {
  const auto now = Clock::now();
  const std::lock_guard sums(sums_mutex_);
  const std::lock_guard lock(mutex_);
  for (const auto& [id, trace] : traces_) {
    if (!trace->maybe_stored) continue;
    trace->base = ++changes_;
    set_made(*trace, 0, {});
    wait_for_record(*trace, now);
    trace->promised = true;
  }
}

// ---- questions ---------------------------------------------------------------------------------

std::optional<LiveTrace> LiveTraces::find(const TraceId& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = traces_.find(id);
  if (found == traces_.end()) return std::nullopt;
  return moment_of(*found->second, true);
}

std::vector<TraceId> LiveTraces::ids() const {
  std::vector<TraceId> found;
  const std::lock_guard lock(mutex_);
  found.reserve(traces_.size());
  for (const auto& [id, trace] : traces_) found.push_back(id);
  return found;
}

LiveList LiveTraces::list(const LiveListQuery& query) const {
  LiveList list;
  const std::lock_guard lock(mutex_);
  auto it = listed_.lower_bound(ListPosition{query.end, -HUGE_VAL, {}});
  if (query.after) {
    const auto after = listed_.lower_bound(*query.after);
    if (after == listed_.end() || it == listed_.end() || after->first < it->first) it = after;
  }
  while (it != listed_.begin() && list.rows.size() < query.limit) {
    --it;
    if (it->first.listed_at < query.begin) break;
    const auto& record = it->second->made.record;
    if (query.wanted(*record)) list.rows.push_back({it->first, record});
  }
  for (const Trace* trace : late_) {
    if (trace->made_change != 0) list.late.push_back(trace->id);
  }
  return list;
}

void LiveTraces::add_sums(std::int64_t begin, std::int64_t end,
                          const std::function<GraphSum&(std::int64_t minute)>& sum) const {
  const std::lock_guard lock(sums_mutex_);
  sums_.add_to(begin, end, sum);
}

bool LiveTraces::has_room() const {
  const std::lock_guard lock(mutex_);
  return bytes_ < limits_.bytes;
}

bool LiveTraces::crowded() const {
  const std::lock_guard lock(mutex_);
  return bytes_ > limits_.bytes / 4 * 3;
}

std::uint64_t LiveTraces::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::size_t LiveTraces::traces() const {
  const std::lock_guard lock(mutex_);
  return traces_.size();
}

}  // namespace xrayd::local
