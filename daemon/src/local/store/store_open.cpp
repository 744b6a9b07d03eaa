// Opening the store: what is there is taken in, what can't be read is set aside.
#include <algorithm>
#include <exception>
#include <tuple>
#include <utility>
#include <variant>

#include "config/log.hpp"
#include "local/store/store.hpp"
#include "startup_error.hpp"

namespace xrayd::local {
namespace {

// Sixteen files, so that a sixteenth of what is kept goes at a time.
constexpr std::uint64_t partitions_in_store = 16;
constexpr std::uint64_t max_partition_bytes = std::uint64_t{128} << 20U;
// Of all journals together; those that grow beyond it make their traces due.
constexpr std::uint64_t journals_in_store = 32;
constexpr std::uint64_t max_journal_bytes = std::uint64_t{64} << 20U;
constexpr std::uint64_t files_of_journals = 8;
// Sixteen bits for each trace of a few documents.
constexpr std::uint64_t file_bytes_in_filter_byte = 256;
constexpr std::size_t replayed_at_once = 500;
constexpr std::int64_t minute_ms = 60'000;

StoreSettings checked(StoreSettings settings) {
  if (settings.retention_bytes < min_retention_bytes) {
    log::warn("a store of less than 16 MiB is not worth its overhead: 16 MiB it is");
    settings.retention_bytes = min_retention_bytes;
  }
  return settings;
}

// The log may take a quarter of a partition, but is best kept at SQLite's thousand pages.
PartitionLimits limits_of(std::uint64_t partition_bytes) {
  return {static_cast<int>(std::min<std::uint64_t>(
              1000, partition_bytes / 4 / std::uint64_t{partition_page_bytes})),
          static_cast<std::size_t>(partition_bytes / file_bytes_in_filter_byte)};
}

}  // namespace

Store::Store(StoreSettings settings)
    : settings_(checked(std::move(settings))),
      directory_(settings_.data_dir),
      meta_(MetaFile::open(directory_.meta_file())),
      partition_bytes_(
          std::min(max_partition_bytes, settings_.retention_bytes / partitions_in_store)),
      journal_bytes_(std::min(max_journal_bytes, settings_.retention_bytes / journals_in_store)),
      partition_limits_(limits_of(partition_bytes_)),
      damaged_files_(directory_.damaged_files()),
      retention_clock_(settings_.retention_age),
      journals_(directory_.path(), journal_bytes_ / files_of_journals),
      live_(settings_.live, journals_) {
  try {
    open_partitions();
    replay_journals();
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
    return std::tuple(a->info().sequence, a->file()) < std::tuple(b->info().sequence, b->file());
  });
  if (!partitions_.empty()) next_sequence_ = partitions_.back()->info().sequence + 1;
  if (partitions_.empty()) add_partition();
  publish_status();
}

void Store::open_partition(const std::string& name) {
  const auto file = directory_.file(name);
  try {
    if (auto partition = Partition::open(file, partition_limits_)) {
      meta_.add_partition(name, partition->info().created_ms);
      partitions_.push_back(std::move(partition));
      return;
    }
    remove_database(file);
    meta_.remove_partition(name);
  } catch (const OlderFile& error) {
    set_file_aside(name, error.what(), ".older");
  } catch (const LaterFile& error) {
    leave_file(error.what());
  } catch (const SqliteError& error) {
    if (error.is_damage()) {
      set_file_aside(name, error.what(), ".damaged");
    } else if (error.is_out_of_reach()) {
      leave_file(error.what());
    } else {
      throw;
    }
  } catch (const std::runtime_error& error) {
    set_file_aside(name, error.what(), ".damaged");
  }
}

// What can't be read today (permissions, a daemon that went back a version) is no reason to throw
// traces away, nor to go without all the others.
void Store::leave_file(const std::string& why) {
  log::warn(why +
            "; the file stays where it is, and its traces are missing until xrayd can read it");
}

void Store::set_file_aside(const std::string& name, const std::string& why, const char* added) {
  const bool damaged = std::string_view(added) == ".damaged";
  log::warn(why + "; the file is set aside as " + added +
            (damaged ? "" : ", counts no more and is never removed"));
  set_aside(directory_.file(name), added);
  meta_.remove_partition(name);
  if (!damaged) return;
  ++totals_.damaged;
  damaged_files_ = directory_.damaged_files();
}

// Documents that were live when the last process ended. What had been flushed already comes again,
// and is found to be there when it is flushed.
void Store::replay_journals() {
  std::vector<SegmentDocument> documents;
  JournalNumber journal = 0;
  std::int64_t received_ms = 0;
  bool disk_is_well = true;
  const auto take = [&] {
    if (documents.empty()) return;
    live_.add(std::exchange(documents, {}), journal, received_ms, LiveTraces::Clock::now(),
              [this](const TraceId& id) { return may_have(id); });
    try {
      WriteCounts unused;
      while (disk_is_well && live_.crowded()) flush_some(Pressure::memory, unused);
    } catch (const SqliteError& error) {
      // What is left stays in memory: the journals are small enough for that.
      log::error(error.what());
      disk_is_well = false;
    }
  };
  journals_.replay([&](JournalNumber number, const JournalRecord& record) {
    const bool other =
        number != journal || record.received_ms / minute_ms != received_ms / minute_ms;
    if (other || documents.size() >= replayed_at_once) take();
    journal = number;
    received_ms = record.received_ms;
    auto parsed = parse_segment_document(std::string(record.document));
    if (auto* document = std::get_if<SegmentDocument>(&parsed)) {
      documents.push_back(std::move(*document));
    } else {
      journals_.release(number, 1);
    }
  });
  take();
}

}  // namespace xrayd::local
