#include "local/store/partition.hpp"

#include <system_error>

#include "local/database/schema.hpp"
#include "local/packing/bytes.hpp"
#include "local/store/partition_writer.hpp"
#include "local/trace/packed_record.hpp"

namespace xrayd::local {
namespace {

constexpr std::size_t max_idle_readers = 3;
constexpr std::size_t max_dictionary_texts = 16384;
constexpr std::size_t max_dictionary_bytes = std::size_t{1} << 20U;

std::uint64_t size_of(const std::filesystem::path& file) noexcept {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

bool read_info(Database& database, PartitionInfo& info) {
  Statement select(database,
                   "SELECT created_ms, sequence, newest_arrival_ms, traces, batches, sums_until, "
                   "earliest, latest, span FROM info");
  Rows rows = select.query();
  if (!rows.next()) return false;
  info = {rows.integer(0), rows.integer(1), rows.integer(2), rows.integer(3), rows.integer(4),
          rows.integer(5), rows.number(6),  rows.number(7),  rows.number(8)};
  return true;
}

}  // namespace

std::shared_ptr<Partition> Partition::create(const std::filesystem::path& file,
                                             const PartitionLimits& limits, std::int64_t sequence,
                                             std::int64_t now_ms) {
  PartitionInfo info;
  info.created_ms = now_ms;
  info.newest_arrival_ms = now_ms;
  info.sequence = sequence;
  {
    Database database(file, Database::Mode::create);
    xrayd::local::create(database, partition_schema);
    Statement insert(database, "INSERT INTO info VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    insert.run(info.created_ms, info.sequence, info.newest_arrival_ms, info.traces, info.batches,
               info.sums_until, info.earliest, info.latest, info.span);
  }
  return std::make_shared<Partition>(file, limits, info);
}

std::shared_ptr<Partition> Partition::open(const std::filesystem::path& file,
                                           const PartitionLimits& limits) {
  PartitionInfo info;
  {
    Database database(file, Database::Mode::existing);
    switch (examine(database, partition_schema)) {
      case SchemaState::older:
        throw OlderFile(file.string() + ": made by an earlier version of xrayd");
      case SchemaState::later:
        throw LaterFile(file.string() + ": made by a later version of xrayd");
      case SchemaState::foreign:
        throw std::runtime_error(file.string() + ": not a file of traces that this xrayd can read");
      case SchemaState::empty:
        return nullptr;
      case SchemaState::ours:
        break;
    }
    if (!read_info(database, info)) return nullptr;
  }
  auto partition = std::make_shared<Partition>(file, limits, info);
  partition->read_minutes();
  partition->read_ids();
  if (info.sums_until != std::numeric_limits<std::int64_t>::max()) {
    partition->rebuild_sums(info.sums_until);
  }
  return partition;
}

Partition::Partition(std::filesystem::path file, const PartitionLimits& limits,
                     const PartitionInfo& info)
    : file_(std::move(file)),
      limits_(limits),
      ids_(limits.filter_bytes),
      sums_(std::make_unique<MinuteSums>(std::set<std::int64_t>())),
      info_(info) {
}

Partition::~Partition() = default;

// ---- opening -----------------------------------------------------------------------------------

void Partition::read_minutes() {
  std::set<std::int64_t> minutes;
  Database database(file_, Database::Mode::query_only);
  const auto until = std::to_string(info().sums_until);
  Statement select(database, "SELECT minute FROM minute WHERE minute < " + until);
  Rows rows = select.query();
  while (rows.next()) minutes.insert(rows.integer(0));
  sums_ = std::make_unique<MinuteSums>(std::move(minutes));
}

void Partition::read_ids() {
  TraceReader reader(file_);
  reader.all_ids([this](const TraceId& id) { ids_.add(id); });
}

// After a crash: sums that were in memory only come from the records again.
void Partition::rebuild_sums(std::int64_t from) {
  Database database(file_, Database::Mode::query_only);
  Statement select(database, "SELECT minute, record FROM trace WHERE minute >= ?1");
  Rows rows = select.query(from);
  while (rows.next()) {
    auto record = std::make_shared<TraceRecord>();
    if (!unpack(rows.bytes(1), *record)) continue;
    const SumChange change{rows.integer(0), true, std::move(record)};
    sums_->apply({&change, 1}, [](std::int64_t, std::int64_t, const MinuteSums::Use&) {});
  }
}

// ---- writing -----------------------------------------------------------------------------------

PartitionWriter& Partition::writer() {
  if (!writer_) writer_ = std::make_unique<PartitionWriter>(*this);
  return *writer_;
}

void Partition::close_writer() {
  if (!writer_) return;
  writer_->finish();
  writer_.reset();
}

// ---- any thread --------------------------------------------------------------------------------

PartitionInfo Partition::info() const {
  const std::lock_guard lock(info_mutex_);
  return info_;
}

void Partition::set_info(const PartitionInfo& info) {
  const std::lock_guard lock(info_mutex_);
  info_ = info;
}

std::uint64_t Partition::bytes() const noexcept {
  auto log = file_;
  log += "-wal";
  return size_of(file_) + size_of(log);
}

MinuteSums::Load Partition::load_minutes() {
  return [this](std::int64_t begin, std::int64_t end, const MinuteSums::Use& use) {
    read([&](TraceReader& reader) {
      reader.minutes(begin, end, use);
      return true;
    });
  };
}

std::shared_ptr<Dictionary> Partition::dictionary() {
  const std::lock_guard lock(dictionary_mutex_);
  if (dictionary_) return dictionary_;
  auto texts = std::make_shared<Dictionary>(max_dictionary_texts, max_dictionary_bytes);
  TraceReader reader(file_);
  reader.dictionary([&](std::string_view bytes) {
    ByteReader list(bytes_of(bytes));
    while (!list.at_end()) {
      const auto expected = static_cast<Dictionary::Number>(texts->size());
      if (texts->add(list.text()) != expected || list.failed()) {
        throw SqliteError(file_.string() + ": the dictionary is damaged", SQLITE_CORRUPT);
      }
    }
  });
  dictionary_ = std::move(texts);
  return dictionary_;
}

std::shared_ptr<RecordCodec> Partition::codec() {
  const std::lock_guard lock(dictionary_mutex_);
  if (codec_read_) return codec_;
  TraceReader reader(file_);
  const auto prefix = reader.record_prefix();
  if (!prefix.empty()) codec_ = std::make_shared<RecordCodec>(prefix);
  codec_read_ = true;
  return codec_;
}

void Partition::set_codec(std::shared_ptr<RecordCodec> codec) {
  const std::lock_guard lock(dictionary_mutex_);
  codec_ = std::move(codec);
  codec_read_ = true;
}

bool Partition::unpack(std::string_view stored, TraceRecord& record) {
  thread_local std::string buffer;
  try {
    const auto codec = this->codec();
    const auto packed = decode_record(stored, codec.get(), buffer);
    return !packed.empty() && unpack_record(bytes_of(packed), dictionary(), record);
  } catch (const SqliteError& error) {
    if (!excuses(error)) throw;
    return false;
  }
}

std::unique_ptr<TraceReader> Partition::take_reader() {
  {
    const std::lock_guard lock(readers_mutex_);
    if (!idle_readers_.empty()) {
      auto reader = std::move(idle_readers_.back());
      idle_readers_.pop_back();
      return reader;
    }
  }
  return std::make_unique<TraceReader>(file_);
}

void Partition::give_back(std::unique_ptr<TraceReader> reader) {
  const std::lock_guard lock(readers_mutex_);
  if (idle_readers_.size() < max_idle_readers) idle_readers_.push_back(std::move(reader));
}

bool Partition::excuses(const SqliteError& error) noexcept {
  if (error.is_damage()) damaged_ = true;
  return error.is_damage() || retired_;
}

}  // namespace xrayd::local
