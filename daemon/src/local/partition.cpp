#include "local/partition.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "local/schema.hpp"
#include "local/trace_compiler.hpp"

namespace xrayd::local {
namespace {

// A document's place in SQLite beside its text, roughly.
constexpr std::int64_t row_bytes = 64;
constexpr std::size_t max_idle_readers = 4;

void set_up(Database& database, int wal_pages) {
  constexpr int page_bytes = 8192;
  database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  database.execute("PRAGMA wal_autocheckpoint = " + std::to_string(wal_pages));
  database.execute("PRAGMA journal_size_limit = " + std::to_string(wal_pages * page_bytes));
}

std::uint64_t size_of(const std::filesystem::path& file) noexcept {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

}  // namespace

WriteCounts& WriteCounts::operator+=(const WriteCounts& other) noexcept {
  stored += other.stored;
  replaced += other.replaced;
  duplicates += other.duplicates;
  trace_full += other.trace_full;
  return *this;
}

struct Partition::Writer {
  explicit Writer(Database opened) : database(std::move(opened)) {}

  Database database;
  Statement find_trace{database,
                       "SELECT key, revision, bytes, limit_exceeded FROM trace WHERE id = ?1"};
  Statement documents{database, "SELECT key, body FROM document WHERE trace = ?1 ORDER BY key"};
  Statement add_trace{database,
                      "INSERT INTO trace(id, listed_at, started, ended, revision, segments, bytes, "
                      "limit_exceeded, summary) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"};
  Statement update_trace{
      database,
      "UPDATE trace SET listed_at = ?2, started = ?3, ended = ?4, revision = ?5, segments = ?6, "
      "bytes = ?7, limit_exceeded = ?8, summary = ?9 WHERE id = ?1"};
  Statement find_complete{database,
                          "SELECT 1 FROM document WHERE trace = ?1 AND entity = ?2 AND "
                          "independent = ?3 AND in_progress = 0"};
  Statement add_document{database,
                         "INSERT INTO document(trace, entity, independent, in_progress, body) "
                         "VALUES(?1, ?2, ?3, ?4, ?5)"};
  Statement replace_document{database,
                             "UPDATE document SET in_progress = ?2, body = ?3 WHERE key = ?1"};
  Statement update_info{database, "UPDATE info SET newest_arrival_ms = ?1, traces = ?2"};
};

std::shared_ptr<Partition> Partition::create(const std::filesystem::path& file, int wal_pages,
                                             std::int64_t now_ms) {
  {
    Database database(file, Database::Mode::create);
    xrayd::local::create(database, partition_schema);
    const auto now = std::to_string(now_ms);
    database.execute("INSERT INTO info VALUES(" + now + ", " + now + ", 0)");
  }
  auto partition = open(file, wal_pages);
  if (!partition) throw std::runtime_error(file.string() + ": vanished while it was made");
  return partition;
}

std::shared_ptr<Partition> Partition::open(const std::filesystem::path& file, int wal_pages) {
  Database database(file, Database::Mode::existing);
  switch (examine(database, partition_schema)) {
    case SchemaState::foreign:
      throw std::runtime_error(file.string() + ": not a file of traces that this xrayd can read");
    case SchemaState::empty:
      return nullptr;
    case SchemaState::ours:
      break;
  }
  if (database.integer("SELECT count(*) FROM info") == 0) return nullptr;
  set_up(database, wal_pages);
  return std::make_shared<Partition>(file, std::move(database));
}

Partition::Partition(const std::filesystem::path& file, Database database)
    : file_(file), writer_(std::make_unique<Writer>(std::move(database))) {
  Statement info(writer_->database, "SELECT created_ms, newest_arrival_ms, traces FROM info");
  Rows rows = info.query();
  if (!rows.next()) return;
  created_ms_ = rows.integer(0);
  newest_arrival_ms_ = rows.integer(1);
  traces_ = rows.integer(2);
}

Partition::~Partition() = default;

bool Partition::has(const TraceId& id) {
  const auto bytes = to_bytes(id);
  Rows rows = writer_->find_trace.query(Statement::Blob(bytes));
  return rows.next();
}

WriteCounts Partition::write(std::span<TraceBatch* const> batches, std::int64_t now_ms) {
  const auto traces_before = traces_;
  try {
    Transaction transaction(writer_->database);
    WriteCounts counts;
    for (const TraceBatch* batch : batches) counts += write_trace(*batch);
    writer_->update_info.run(now_ms, traces_);
    transaction.commit();
    newest_arrival_ms_ = now_ms;
    return counts;
  } catch (...) {
    traces_ = traces_before;
    throw;
  }
}

// True if every document's complete version is there already.
bool Partition::has_all_of(const TraceBatch& batch, std::int64_t trace_key) {
  return std::all_of(
      batch.documents.begin(), batch.documents.end(), [&](const SegmentDocument& document) {
        Rows rows = writer_->find_complete.query(trace_key, static_cast<std::int64_t>(document.id),
                                                 std::int64_t{document.independent_subsegment});
        return rows.next();
      });
}

WriteCounts Partition::write_trace(const TraceBatch& batch) {
  const auto id = to_bytes(batch.id);
  std::optional<std::int64_t> trace_key;
  std::int64_t revision = 0;
  std::int64_t bytes = 0;
  std::int64_t limit_exceeded = 0;
  {
    Rows rows = writer_->find_trace.query(Statement::Blob(id));
    if (rows.next()) {
      trace_key = rows.integer(0);
      revision = rows.integer(1);
      bytes = rows.integer(2);
      limit_exceeded = rows.integer(3);
    }
  }

  // A trace that was cut off once stays so: reading all of it for each late document costs much.
  if (limit_exceeded != 0) {
    WriteCounts counts;
    counts.trace_full = static_cast<std::int64_t>(batch.documents.size());
    return counts;
  }

  // Nor is it read for what has come before.
  if (trace_key && has_all_of(batch, *trace_key)) {
    WriteCounts counts;
    counts.duplicates = static_cast<std::int64_t>(batch.documents.size());
    return counts;
  }

  // What the trace is made of: documents on disk, then the new ones. A slot with a key is on disk.
  struct Slot {
    const SegmentDocument* document;
    std::optional<std::int64_t> key;
    bool changed;
  };
  std::vector<SegmentDocument> stored;
  std::vector<Slot> slots;
  if (trace_key) {
    std::vector<std::int64_t> keys;
    Rows rows = writer_->documents.query(*trace_key);
    while (rows.next()) {
      auto parsed = parse_segment_document(std::string(rows.bytes(1)));
      if (auto* document = std::get_if<SegmentDocument>(&parsed)) {
        stored.push_back(std::move(*document));
        keys.push_back(rows.integer(0));
      }
    }
    for (std::size_t i = 0; i < stored.size(); ++i) slots.push_back({&stored[i], keys[i], false});
  }
  std::map<std::pair<bool, EntityId>, std::size_t> by_id;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    by_id.try_emplace({slots[i].document->independent_subsegment, slots[i].document->id}, i);
  }

  WriteCounts counts;
  for (const auto& document : batch.documents) {
    const auto size = static_cast<std::int64_t>(document.text.size()) + row_bytes;
    const std::pair<bool, EntityId> key{document.independent_subsegment, document.id};
    const auto known = by_id.find(key);
    if (known != by_id.end() && !slots[known->second].document->in_progress) {
      ++counts.duplicates;
    } else if (bytes + size > max_trace_bytes) {
      ++counts.trace_full;
      limit_exceeded = 1;
    } else if (known != by_id.end()) {
      auto& slot = slots[known->second];
      bytes += size - static_cast<std::int64_t>(slot.document->text.size()) - row_bytes;
      slot.document = &document;
      slot.changed = true;
      ++counts.replaced;
    } else {
      by_id.emplace(key, slots.size());
      slots.push_back({&document, std::nullopt, true});
      bytes += size;
      ++counts.stored;
    }
  }
  const bool changed = counts.stored + counts.replaced > 0 || limit_exceeded != 0;
  if (!changed || slots.empty()) return counts;

  std::vector<const SegmentDocument*> documents;
  documents.reserve(slots.size());
  for (const auto& slot : slots) documents.push_back(slot.document);
  const CompiledTrace trace = compile_trace(documents, ++revision);
  auto& save = trace_key ? writer_->update_trace : writer_->add_trace;
  save.run(Statement::Blob(id), trace.listed_at(), trace.started, trace.ended, revision,
           static_cast<std::int64_t>(trace.segments.size()), bytes, limit_exceeded,
           std::string_view(trace.summary));
  if (!trace_key) {
    trace_key = sqlite3_last_insert_rowid(writer_->database.handle());
    ++traces_;
  }
  for (const auto& slot : slots) {
    if (!slot.changed) continue;
    const auto& document = *slot.document;
    const std::string_view text = document.text;
    const auto in_progress = std::int64_t{document.in_progress};
    if (slot.key) {
      writer_->replace_document.run(*slot.key, in_progress, text);
    } else {
      writer_->add_document.run(*trace_key, static_cast<std::int64_t>(document.id),
                                std::int64_t{document.independent_subsegment}, in_progress, text);
    }
  }
  return counts;
}

void Partition::probe() {
  writer_->update_info.run(newest_arrival_ms_, traces_);
}

void Partition::fold_log() {
  writer_->database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

std::uint64_t Partition::bytes() const noexcept {
  auto log = file_;
  log += "-wal";
  return size_of(file_) + size_of(log);
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
