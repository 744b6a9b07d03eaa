#include "local/store.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <tuple>
#include <utility>

#include "config/log.hpp"
#include "startup_error.hpp"

namespace xrayd::local {
namespace {

// Eight files, so that an eighth of what is kept goes at a time.
constexpr std::uint64_t partitions_in_store = 8;
constexpr std::uint64_t max_partition_bytes = std::uint64_t{128} << 20U;
// A transaction's documents: at most so much of a partition, for a transaction takes several times
// that on disk while log and file both have it.
constexpr std::uint64_t transactions_in_partition = 8;
constexpr std::uint64_t max_transaction_bytes = std::uint64_t{4} << 20U;

std::uint64_t bytes_of(const TraceBatch& batch) {
  std::uint64_t bytes = 0;
  for (const auto& document : batch.documents) bytes += document.text.size();
  return bytes;
}

}  // namespace

Store::Store(StoreSettings settings)
    : settings_(std::move(settings)),
      directory_(settings_.data_dir),
      meta_(MetaFile::open(directory_.meta_file())),
      partition_bytes_(
          std::min(max_partition_bytes,
                   std::max(settings_.retention_bytes, min_retention_bytes) / partitions_in_store)),
      // The log may take a quarter of a partition, but is best kept at SQLite's thousand pages.
      wal_pages_(static_cast<int>(std::min<std::uint64_t>(1000, partition_bytes_ / 4 / 8192))),
      damaged_files_(directory_.damaged_files()) {
  if (settings_.retention_bytes < min_retention_bytes) {
    log::warn("a store of less than 16 MiB is not worth its overhead: 16 MiB it is");
    settings_.retention_bytes = min_retention_bytes;
  }
  try {
    open_partitions();
    maintain();
  } catch (const SqliteError& error) {
    throw StartupError(std::string(error.what()) + "; the store can't be opened");
  }
}

void Store::open_partitions() {
  const auto names = directory_.partition_names();
  for (const auto& name : meta_.partitions()) {
    if (!std::binary_search(names.begin(), names.end(), name)) meta_.remove_partition(name);
  }
  for (const auto& name : names) open_partition(name);
  std::sort(partitions_.begin(), partitions_.end(), [](const auto& a, const auto& b) {
    return std::tuple(a->created_ms(), a->file()) < std::tuple(b->created_ms(), b->file());
  });
  if (partitions_.empty()) add_partition();
}

void Store::open_partition(const std::string& name) {
  const auto file = directory_.file(name);
  try {
    if (auto partition = Partition::open(file, wal_pages_)) {
      meta_.add_partition(name, partition->created_ms());
      partitions_.push_back(std::move(partition));
      return;
    }
    remove_database(file);
  } catch (const SqliteError& error) {
    // What can't be read today (permissions, descriptors) is no reason to throw traces away.
    if (!error.is_damage()) throw;
    log::warn(std::string(error.what()) + "; the file is set aside as .damaged");
    set_aside(file);
    ++totals_.damaged;
    damaged_files_ = directory_.damaged_files();
  } catch (const std::runtime_error& error) {
    log::warn(std::string(error.what()) + "; the file is set aside as .damaged");
    set_aside(file);
    ++totals_.damaged;
    damaged_files_ = directory_.damaged_files();
  }
  meta_.remove_partition(name);
}

void Store::add_partition() {
  const auto now = settings_.clock();
  const auto name = directory_.unused_partition_name(now);
  auto partition = Partition::create(directory_.file(name), wal_pages_, now);
  partitions_.push_back(std::move(partition));
  publish_status();
  meta_.add_partition(name, now);
}

// ---- writing ---------------------------------------------------------------------------------

void Store::write(std::vector<TraceBatch>& batches, WriteCounts& counts) {
  while (!batches.empty()) {
    set_damaged_aside();
    roll_if_due();
    const auto done = write_some(batches, counts);
    batches.erase(batches.begin(), batches.begin() + static_cast<std::ptrdiff_t>(done));
    expire();
    publish_status();
  }
}

// One transaction for the next batches that belong to one file. Says how many it has stored; none
// if the file turned out to be damaged.
std::size_t Store::write_some(std::vector<TraceBatch>& batches, WriteCounts& counts) {
  const auto limit = std::min(max_transaction_bytes, partition_bytes_ / transactions_in_partition);
  const PartitionPointer partition = partition_of(batches.front().id);
  std::vector<TraceBatch*> chosen;
  std::uint64_t bytes = 0;
  for (auto& batch : batches) {
    if (!chosen.empty() && (bytes >= limit || partition_of(batch.id) != partition)) break;
    chosen.push_back(&batch);
    bytes += bytes_of(batch);
  }
  try {
    counts += partition->write(chosen, settings_.clock());
    return chosen.size();
  } catch (const SqliteError& error) {
    if (!error.is_damage()) throw;
    partition->mark_damaged();
    return 0;
  }
}

Store::PartitionPointer Store::partition_of(const TraceId& id) const {
  for (auto it = partitions_.rbegin(); it != partitions_.rend(); ++it) {
    try {
      if (!(*it)->damaged() && (*it)->has(id)) return *it;
    } catch (const SqliteError& error) {
      if (!error.is_damage()) throw;
      (*it)->mark_damaged();
    }
  }
  return partitions_.back();
}

void Store::probe() {
  maintain();
  partitions_.back()->probe();
}

// ---- limits ----------------------------------------------------------------------------------

void Store::maintain() {
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
  if (newest->traces() == 0) return;
  const auto age_ms = std::chrono::milliseconds(settings_.retention_age).count();
  const bool old = settings_.clock() - newest->created_ms() >
                   age_ms / static_cast<std::int64_t>(partitions_in_store);
  if (!old && newest->bytes() < partition_bytes_) return;
  newest->fold_log();
  add_partition();
}

void Store::expire() {
  // What the next transactions may add must fit too.
  const auto limit = settings_.retention_bytes - partition_bytes_;
  while (bytes() > limit && !(partitions_.empty() && damaged_files_.empty())) {
    if (!damaged_files_.empty()) {
      remove_database(damaged_files_.front());
      damaged_files_.erase(damaged_files_.begin());
    } else {
      remove(0);
    }
  }
  const auto oldest_ms =
      settings_.clock() - std::chrono::milliseconds(settings_.retention_age).count();
  std::erase_if(damaged_files_, [oldest_ms](const std::filesystem::path& file) {
    if (last_write_ms(file) >= oldest_ms) return false;
    remove_database(file);
    return true;
  });
  for (std::size_t i = 0; i < partitions_.size();) {
    const auto& partition = *partitions_[i];
    if (partition.traces() > 0 && partition.newest_arrival_ms() < oldest_ms) {
      remove(i);
    } else {
      ++i;
    }
  }
  if (partitions_.empty()) add_partition();
}

void Store::remove(std::size_t index) {
  const auto partition = take_out(index);
  log::info(partition->file().string() + ": removed to keep the store's limits, with " +
            std::to_string(partition->traces()) + " traces");
  totals_.expired_traces += partition->traces();
  remove_database(partition->file());
  unlist(*partition);
}

// From here on readers don't see the file; those that do already are excused.
Store::PartitionPointer Store::take_out(std::size_t index) {
  auto partition = std::move(partitions_[index]);
  partitions_.erase(partitions_.begin() + static_cast<std::ptrdiff_t>(index));
  partition->retire();
  publish_status();
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
  for (const auto& partition : partitions_) status.traces += partition->traces();
  const std::lock_guard lock(mutex_);
  status_ = status;
  published_ = partitions_;
}

// ---- reading ---------------------------------------------------------------------------------

std::vector<Store::PartitionPointer> Store::snapshot() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

StoreStatus Store::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

std::optional<StoredTrace> Store::trace(const TraceId& id) const {
  const auto partitions = snapshot();
  for (auto it = partitions.rbegin(); it != partitions.rend(); ++it) {
    auto found = (*it)->read([&](TraceReader& reader) { return reader.trace(id); });
    if (found) return found;
  }
  return std::nullopt;
}

std::vector<SummaryRow> Store::summaries(const SummaryQuery& query) const {
  const auto newer = [](const SummaryRow& a, const SummaryRow& b) {
    return b.position < a.position;
  };
  std::vector<SummaryRow> rows;
  for (const auto& partition : snapshot()) {
    auto more = partition->read([&](TraceReader& reader) { return reader.summaries(query); });
    const auto middle = static_cast<std::ptrdiff_t>(rows.size());
    std::move(more.begin(), more.end(), std::back_inserter(rows));
    std::inplace_merge(rows.begin(), rows.begin() + middle, rows.end(), newer);
    if (rows.size() > query.limit) rows.resize(query.limit);
  }
  return rows;
}

std::optional<double> Store::oldest() const {
  const auto partitions = snapshot();
  if (partitions.empty()) return std::nullopt;
  return partitions.front()->read([](TraceReader& reader) { return reader.oldest(); });
}

}  // namespace xrayd::local
