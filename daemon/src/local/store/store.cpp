#include "local/store/store.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "config/log.hpp"

namespace xrayd::local {
namespace {

// A transaction's documents: few enough to be done in some ten milliseconds, and at most so much of
// a partition, for a transaction takes several times that on disk while log and file both have it.
constexpr std::size_t max_flushed_documents = 4000;
constexpr std::uint64_t max_flushed_bytes = std::uint64_t{4} << 20U;
constexpr std::uint64_t transactions_in_partition = 8;
// Of those that hold the oldest journal: more would be written before their time.
constexpr std::size_t max_documents_for_journals = 300;
constexpr int partitions_in_age = 16;
constexpr std::size_t moved_at_once = 50;

}  // namespace

Store::~Store() {
  for (const auto& partition : partitions_) {
    try {
      partition->close_writer();
    } catch (const SqliteError& error) {
      // The next start makes the sums again.
      log::warn(error.what());
    }
  }
}

void Store::add_partition() {
  const auto now = settings_.clock();
  const auto name = directory_.unused_partition_name(now);
  auto partition = Partition::create(directory_.file(name), partition_limits_, next_sequence_, now);
  ++next_sequence_;
  partitions_.push_back(std::move(partition));
  publish_status();
  meta_.add_partition(name, now);
}

// ---- into memory -----------------------------------------------------------------------------

void Store::add(std::vector<SegmentDocument>& documents, WriteCounts& counts, Promise promise) {
  if (documents.empty()) return;
  std::vector<std::string_view> texts;
  texts.reserve(documents.size());
  for (const auto& document : documents) texts.emplace_back(document.text);
  const std::lock_guard gathering(gather_mutex_);
  const auto now_ms = settings_.clock();
  const auto journal = journals_.append(now_ms, texts);
  const auto added = live_.add(
      std::exchange(documents, {}), journal, now_ms, LiveTraces::Clock::now(),
      [this](const TraceId& id) { return may_have(id); }, promise);
  counts += WriteCounts{added.stored, added.replaced, added.duplicates, added.trace_full};
}

void Store::probe_journal() {
  const std::lock_guard gathering(gather_mutex_);
  journals_.probe();
}

bool Store::has_room() const {
  return live_.has_room() && journals_.bytes() < 2 * journal_bytes_;
}

bool Store::may_have(const TraceId& id) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(published_.begin(), published_.end(),
                     [&id](const auto& partition) { return partition->ids().may_have(id); });
}

// ---- from memory to disk ---------------------------------------------------------------------

std::size_t Store::flush(bool everything, WriteCounts& counts) {
  const std::lock_guard flushing(flush_mutex_);
  auto pressure = Pressure::none;
  if (everything) {
    pressure = Pressure::everything;
  } else if (live_.crowded()) {
    pressure = Pressure::memory;
  } else if (journals_.bytes() > journal_bytes_) {
    pressure = Pressure::journals;
  }
  auto moved = flush_some(pressure, counts);
  // What a damaged file couldn't take another one can.
  const bool damage = found_damage_;
  while (std::exchange(found_damage_, false)) moved += flush_some(pressure, counts);
  if (moved > 0 || damage) keep_limits();
  return moved;
}

std::size_t Store::flush_some(Pressure pressure, WriteCounts& counts) {
  const auto traces =
      live_.due(LiveTraces::Clock::now(), pressure,
                pressure == Pressure::journals ? max_documents_for_journals : max_flushed_documents,
                std::min(max_flushed_bytes, partition_bytes_ / transactions_in_partition));
  if (traces.empty()) return 0;
  set_damaged_aside();
  roll_if_due();

  // Not by their sequences: a file that was copied has another's.
  std::map<const Partition*, std::pair<PartitionPointer, std::vector<TraceToWrite>>> groups;
  for (const auto& trace : traces) {
    TraceToWrite work{&trace, std::nullopt};
    PartitionPointer partition = partitions_.back();
    if (trace.maybe_stored) {
      if (auto found = find(trace.id)) {
        partition = std::move(found->partition);
        work.row = std::move(found->row);
      }
    }
    auto& group = groups[partition.get()];
    group.first = std::move(partition);
    group.second.push_back(std::move(work));
  }
  std::size_t moved = 0;
  for (auto& [file, group] : groups) {
    if (write_group(*group.first, group.second, counts)) moved += group.second.size();
  }
  return moved;
}

// False if the file turned out to be damaged: its traces stay live, for another file.
bool Store::write_group(Partition& partition, std::vector<TraceToWrite>& group,
                        WriteCounts& counts) {
  // In the order of the index.
  std::sort(group.begin(), group.end(),
            [](const TraceToWrite& a, const TraceToWrite& b) { return a.live->id < b.live->id; });
  try {
    const auto written = partition.writer().write(group, settings_.clock());
    counts += written.counts;
    move_sums(partition, group, written.sums);
    return true;
  } catch (const SqliteError& error) {
    if (!error.is_damage()) throw;
    partition.mark_damaged();
    set_damaged_aside();
    found_damage_ = true;
    return false;
  }
}

// A few at a time, so that those who add up needn't wait for all of them.
void Store::move_sums(Partition& partition, std::span<const TraceToWrite> group,
                      std::span<const SumChange> changes) {
  while (!group.empty()) {
    std::vector<StoredMoment> moved;
    std::size_t changed = 0;
    for (const auto& trace : group.first(std::min(group.size(), moved_at_once))) {
      auto& moment = moved.emplace_back(StoredMoment{trace.live, nullptr, 0});
      // What a trace gains comes behind what it loses, if it does; of some nothing has changed.
      std::size_t gain = changed;
      if (gain < changes.size() && !changes[gain].gain) ++gain;
      if (gain >= changes.size() || changes[gain].record->id != trace.live->id) continue;
      moment.record = changes[gain].record;
      moment.minute = changes[gain].minute;
      changed = gain + 1;
    }
    const std::unique_lock moving(moving_);
    partition.sums().apply(changes.first(changed), partition.load_minutes());
    live_.stored(moved, LiveTraces::Clock::now());
    group = group.subspan(moved.size());
    changes = changes.subspan(changed);
  }
}

void Store::probe() {
  const std::lock_guard flushing(flush_mutex_);
  keep_limits();
  partitions_.back()->writer().probe();
}

// ---- limits ----------------------------------------------------------------------------------

void Store::maintain() {
  const std::lock_guard flushing(flush_mutex_);
  for (std::size_t i = 0; i + 1 < partitions_.size(); ++i) {
    if (!partitions_[i]->damaged()) partitions_[i]->close_writer();
  }
  keep_limits();
}

void Store::keep_limits() {
  set_damaged_aside();
  roll_if_due();
  expire();
  publish_status();
}

void Store::set_damaged_aside() {
  for (std::size_t i = 0; i < partitions_.size();) {
    if (!partitions_[i]->damaged()) {
      ++i;
      continue;
    }
    const auto partition = take_out(i);
    log::warn(partition->file().string() + ": damaged; the file is set aside as .damaged");
    set_aside(partition->file());
    unlist(*partition);
    ++totals_.damaged;
    damaged_files_ = directory_.damaged_files();
  }
  if (partitions_.empty()) add_partition();
}

void Store::roll_if_due() {
  const auto& newest = partitions_.back();
  const auto info = newest->info();
  if (info.traces == 0) return;
  const auto age_ms = std::chrono::milliseconds(settings_.retention_age).count();
  // Also where the clock was set back, far.
  const auto lived_ms = std::abs(settings_.clock() - info.created_ms);
  if (lived_ms <= age_ms / partitions_in_age && newest->bytes() < partition_bytes_) return;
  newest->close_writer();
  add_partition();
}

void Store::expire() {
  // What the next transactions and journals may add must fit too.
  const auto limit = settings_.retention_bytes - partition_bytes_ - 3 * journal_bytes_;
  while (bytes() > limit && !(partitions_.empty() && damaged_files_.empty())) {
    if (!damaged_files_.empty()) {
      remove_database(damaged_files_.front());
      damaged_files_.erase(damaged_files_.begin());
    } else {
      remove(0);
    }
  }
  expire_by_age();
  if (partitions_.empty()) add_partition();
}

void Store::expire_by_age() {
  const auto verdict = retention_clock_.ask(settings_.clock(), std::chrono::steady_clock::now());
  if (verdict.jumped) {
    log::warn("the clock was set ahead by more than traces are kept: the newest file stays");
  }
  std::erase_if(damaged_files_, [&verdict](const std::filesystem::path& file) {
    if (last_write_ms(file) >= verdict.oldest_ms) return false;
    remove_database(file);
    return true;
  });
  std::optional<std::int64_t> spared;
  if (verdict.spare_newest) {
    for (const auto& partition : partitions_) {
      const auto info = partition->info();
      if (info.traces > 0) spared = info.sequence;
    }
  }
  for (std::size_t i = 0; i < partitions_.size();) {
    const auto info = partitions_[i]->info();
    const bool old = info.traces > 0 && info.newest_arrival_ms < verdict.oldest_ms;
    if (old && info.sequence != spared) {
      remove(i);
    } else {
      ++i;
    }
  }
}

void Store::remove(std::size_t index) {
  const auto partition = take_out(index);
  const auto traces = partition->info().traces;
  log::info(partition->file().string() + ": removed to keep the store's limits, with " +
            std::to_string(traces) + " traces");
  totals_.expired_traces += traces;
  remove_database(partition->file());
  unlist(*partition);
}

// From here on readers don't see the file; those that do already are excused.
Store::PartitionPointer Store::take_out(std::size_t index) {
  auto partition = std::move(partitions_[index]);
  partitions_.erase(partitions_.begin() + static_cast<std::ptrdiff_t>(index));
  partition->retire();
  publish_status();
  live_.forget_files();
  return partition;
}

// The file itself is gone or renamed already: on a full disk that may be what makes room.
void Store::unlist(const Partition& partition) {
  try {
    meta_.remove_partition(partition.file().filename().string());
  } catch (const SqliteError& error) {
    log::warn(error.what());
  }
}

void Store::clear() {
  const std::lock_guard flushing(flush_mutex_);
  const std::lock_guard gathering(gather_mutex_);
  const std::unique_lock moving(moving_);
  live_.clear();
  journals_.clear();
  for (const auto& file : std::exchange(damaged_files_, {})) remove_database(file);
  while (!partitions_.empty()) {
    const auto partition = take_out(partitions_.size() - 1);
    remove_database(partition->file());
    unlist(*partition);
  }
  add_partition();
}

std::uint64_t Store::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& partition : partitions_) sum += partition->bytes();
  for (const auto& file : damaged_files_) sum += database_bytes(file);
  return sum;
}

void Store::publish_status() {
  StoreStatus status = totals_;
  status.bytes = bytes();
  status.partitions = static_cast<std::int64_t>(partitions_.size());
  for (const auto& partition : partitions_) status.traces += partition->info().traces;
  const std::lock_guard lock(mutex_);
  status_ = status;
  published_ = partitions_;
}

}  // namespace xrayd::local
