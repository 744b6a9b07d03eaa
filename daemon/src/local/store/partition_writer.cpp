#include "local/store/partition_writer.hpp"

#include <algorithm>
#include <cmath>

#include "local/packing/bytes.hpp"
#include "local/store/document_places.hpp"
#include "local/store/terms.hpp"
#include "local/trace/packed_record.hpp"

namespace xrayd::local {
namespace {

constexpr std::size_t max_cached_chunks = 24;
constexpr std::int64_t minute_ms = 60'000;

Database open(const Partition& partition) {
  Database database(partition.file(), Database::Mode::existing);
  const auto pages = partition.limits().wal_pages;
  database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  database.execute("PRAGMA wal_autocheckpoint = " + std::to_string(pages));
  database.execute("PRAGMA journal_size_limit = " + std::to_string(pages * partition_page_bytes));
  database.execute("PRAGMA cache_size = -8192");
  return database;
}

void widen(PartitionInfo& info, const TraceRecord& record) {
  info.earliest = std::min(info.earliest, record.listed_at);
  info.latest = std::max(info.latest, record.listed_at);
  info.span = std::max({info.span, std::abs(record.start - record.listed_at),
                        std::abs(record.end - record.listed_at)});
}

}  // namespace

PartitionWriter::PartitionWriter(Partition& partition)
    : partition_(partition),
      database_(open(partition)),
      dictionary_(partition.dictionary()),
      saved_texts_(dictionary_->size()),
      codec_(partition.codec()),
      next_trace_(database_.integer("SELECT max(key) FROM trace") + 1),
      next_chunk_(database_.integer("SELECT max(key) FROM chunk") + 1),
      add_trace_(database_,
                 "INSERT INTO trace VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"),
      update_trace_(database_,
                    "UPDATE trace SET listed = ?2, listed_at = ?3, started = ?4, ended = ?5, "
                    "revision = ?6, limit_exceeded = ?7, places = ?8, record = ?9 WHERE key = ?1"),
      add_chunk_(database_, "INSERT INTO chunk VALUES(?1, ?2, ?3)"),
      read_chunk_(database_, "SELECT raw_bytes, body FROM chunk WHERE key = ?1"),
      add_posting_(database_, "INSERT INTO posting VALUES(?1, ?2, ?3)"),
      put_minute_(database_, "INSERT OR REPLACE INTO minute VALUES(?1, ?2)"),
      add_texts_(database_, "INSERT INTO dictionary VALUES(?1, ?2)"),
      add_prefix_(database_, "INSERT INTO record_prefix VALUES(?1)"),
      update_info_(database_,
                   "UPDATE info SET newest_arrival_ms = ?1, traces = ?2, batches = ?3, "
                   "sums_until = ?4, earliest = ?5, latest = ?6, span = ?7") {
}

// ---- one transaction
// -----------------------------------------------------------------------------

class PartitionWriter::Batch {
 public:
  Batch(PartitionWriter& writer, PartitionInfo& info) : writer_(writer), info_(info) {}

  void write(const TraceToWrite& trace);
  void finish();

  Written take() { return std::move(written_); }

 private:
  void place_documents(const MergedTrace& trace);
  void close_chunk();
  void write_row(const TraceToWrite& trace, const MergedTrace& merged, const TraceRecord& record,
                 std::int64_t minute);
  void write_postings();
  void write_texts();

  PartitionWriter& writer_;
  PartitionInfo& info_;
  Written written_;
  std::string chunk_;
  std::vector<DocumentPlace> places_;
  std::string packed_;
  std::string stored_;
  std::vector<Term> terms_;
  std::vector<std::pair<Term, std::int64_t>> postings_;
};

void PartitionWriter::Batch::write(const TraceToWrite& trace) {
  const TraceRow* row = trace.row ? &*trace.row : nullptr;
  // A trace that is full isn't read for what can't change it.
  std::vector<std::string> texts;
  if (row != nullptr && !row->limit_exceeded) texts = writer_.documents(row->places);
  const MergedTrace merged = merge(*trace.live, row, texts);
  written_.counts += merged.counts;
  if (!merged.changed || merged.parts.empty()) return;

  const bool as_it_is = row == nullptr && trace.live->record;
  const auto record = as_it_is ? trace.live->record : compile(merged);
  const auto minute = row != nullptr ? row->minute : trace.live->first_received_ms / minute_ms;
  place_documents(merged);
  write_row(trace, merged, *record, minute);
  widen(info_, *record);
  if (row != nullptr) {
    auto before = std::make_shared<TraceRecord>();
    if (writer_.partition_.unpack(row->record, *before)) {
      written_.sums.push_back({minute, false, std::move(before)});
    }
  }
  written_.sums.push_back({minute, true, record});
}

// New documents of a trace lie in one chunk.
void PartitionWriter::Batch::place_documents(const MergedTrace& trace) {
  std::size_t bytes = 0;
  for (const auto& part : trace.parts) bytes += part.place ? 0 : part.document->text.size();
  if (!chunk_.empty() && chunk_.size() + bytes > chunk_bytes) close_chunk();
  places_.clear();
  for (const auto& part : trace.parts) {
    if (part.place) {
      places_.push_back(*part.place);
      continue;
    }
    const auto& text = part.document->text;
    places_.push_back({writer_.next_chunk_, static_cast<std::uint32_t>(chunk_.size()),
                       static_cast<std::uint32_t>(text.size())});
    chunk_ += text;
  }
}

void PartitionWriter::Batch::close_chunk() {
  if (chunk_.empty()) return;
  const auto compressed = writer_.compressor_.compress(chunk_);
  writer_.add_chunk_.run(writer_.next_chunk_, static_cast<std::int64_t>(chunk_.size()),
                         Statement::Blob(bytes_of(compressed)));
  ++writer_.next_chunk_;
  chunk_.clear();
}

void PartitionWriter::Batch::write_row(const TraceToWrite& trace, const MergedTrace& merged,
                                       const TraceRecord& record, std::int64_t minute) {
  packed_.clear();
  pack_record(record, *writer_.dictionary_, packed_);
  if (!writer_.codec_ && writer_.samples_.size() < record_prefix_bytes) {
    writer_.samples_ += packed_;
  }
  stored_.clear();
  append_record(packed_, writer_.codec_.get(), stored_);
  const auto places = pack_places(places_);
  const auto listed = std::int64_t{record.segments.empty() ? 0 : 1};
  const auto limit_exceeded = std::int64_t{merged.limit_exceeded};
  std::int64_t key = 0;
  if (trace.row) {
    key = trace.row->key;
    writer_.update_trace_.run(key, listed, record.listed_at, record.start, record.end,
                              merged.revision, limit_exceeded, Statement::Blob(bytes_of(places)),
                              Statement::Blob(bytes_of(stored_)));
  } else {
    key = writer_.next_trace_++;
    const auto id = to_bytes(trace.live->id);
    writer_.add_trace_.run(key, Statement::Blob(id), listed, record.listed_at, record.start,
                           record.end, merged.revision, limit_exceeded, minute,
                           Statement::Blob(bytes_of(places)), Statement::Blob(bytes_of(stored_)));
    writer_.partition_.ids().add(trace.live->id);
    ++info_.traces;
  }
  terms_of(record, terms_);
  for (const auto term : terms_) postings_.emplace_back(term, key);
}

void PartitionWriter::Batch::write_postings() {
  // One row for each term, in the tree's order.
  std::sort(postings_.begin(), postings_.end());
  std::vector<std::int64_t> keys;
  for (auto it = postings_.begin(); it != postings_.end();) {
    const Term term = it->first;
    keys.clear();
    for (; it != postings_.end() && it->first == term; ++it) keys.push_back(it->second);
    packed_.clear();
    pack_keys(keys, packed_);
    writer_.add_posting_.run(term, info_.batches, Statement::Blob(bytes_of(packed_)));
  }
  ++info_.batches;
}

void PartitionWriter::Batch::write_texts() {
  const auto& dictionary = *writer_.dictionary_;
  if (dictionary.size() == writer_.saved_texts_) return;
  packed_.clear();
  ByteWriter out(packed_);
  for (std::size_t i = writer_.saved_texts_; i < dictionary.size(); ++i) {
    out.text(dictionary.text(static_cast<Dictionary::Number>(i)).value_or(std::string_view()));
  }
  writer_.add_texts_.run(static_cast<std::int64_t>(writer_.saved_texts_),
                         Statement::Blob(bytes_of(packed_)));
}

void PartitionWriter::Batch::finish() {
  close_chunk();
  write_postings();
  write_texts();
  for (const auto& change : written_.sums) {
    info_.sums_until = std::min(info_.sums_until, change.minute);
  }
}

Written PartitionWriter::write(std::span<const TraceToWrite> traces, std::int64_t now_ms) {
  auto& sums = partition_.sums();
  PartitionInfo info = partition_.info();
  const auto minutes = sums.unwritten(false);
  info.newest_arrival_ms = now_ms;
  info.sums_until = sums.oldest_unwritten(minutes);

  const auto next_trace = next_trace_;
  const auto next_chunk = next_chunk_;
  try {
    Transaction transaction(database_);
    Batch batch(*this, info);
    for (const auto& trace : traces) batch.write(trace);
    batch.finish();
    write_sums(minutes);
    write_info(info);
    const auto codec = begin_codec();
    transaction.commit();
    if (codec) {
      codec_ = codec;
      partition_.set_codec(codec);
      std::string().swap(samples_);
    }
    saved_texts_ = dictionary_->size();
    sums.written(minutes);
    partition_.set_info(info);
    return batch.take();
  } catch (...) {
    next_trace_ = next_trace;
    next_chunk_ = next_chunk;
    throw;
  }
}

// For the transactions after this one: whoever sees their records finds the codec.
std::shared_ptr<RecordCodec> PartitionWriter::begin_codec() {
  if (codec_ || samples_.size() < record_prefix_bytes) return nullptr;
  samples_.resize(std::min(samples_.size(), 2 * record_prefix_bytes));
  add_prefix_.run(Statement::Blob(bytes_of(samples_)));
  return std::make_shared<RecordCodec>(samples_);
}

void PartitionWriter::write_sums(std::span<const std::pair<std::int64_t, std::string>> minutes) {
  for (const auto& [minute, packed] : minutes) {
    put_minute_.run(minute, Statement::Blob(bytes_of(packed)));
  }
}

void PartitionWriter::write_info(const PartitionInfo& info) {
  update_info_.run(info.newest_arrival_ms, info.traces, info.batches, info.sums_until,
                   info.earliest, info.latest, info.span);
}

void PartitionWriter::probe() {
  write_info(partition_.info());
}

void PartitionWriter::finish() {
  auto& sums = partition_.sums();
  const auto minutes = sums.unwritten(true);
  PartitionInfo info = partition_.info();
  if (!minutes.empty() || info.sums_until != std::numeric_limits<std::int64_t>::max()) {
    info.sums_until = std::numeric_limits<std::int64_t>::max();
    Transaction transaction(database_);
    write_sums(minutes);
    write_info(info);
    transaction.commit();
    sums.written(minutes);
    partition_.set_info(info);
  }
  database_.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

// ---- documents that are there already
// ------------------------------------------------------------

const std::string& PartitionWriter::chunk(std::int64_t key) {
  const auto cached = std::find_if(chunks_.begin(), chunks_.end(),
                                   [key](const CachedChunk& held) { return held.key == key; });
  if (cached != chunks_.end()) {
    chunks_.splice(chunks_.begin(), chunks_, cached);
    return chunks_.front().text;
  }
  std::string text;
  Rows rows = read_chunk_.query(key);
  if (!rows.next() || !read_chunk(rows, text)) {
    throw SqliteError(partition_.file().string() + ": documents are damaged", SQLITE_CORRUPT);
  }
  chunks_.push_front({key, std::move(text)});
  if (chunks_.size() > max_cached_chunks) chunks_.pop_back();
  return chunks_.front().text;
}

std::vector<std::string> PartitionWriter::documents(std::span<const DocumentPlace> places) {
  std::vector<std::string> texts;
  texts.reserve(places.size());
  for (const auto& place : places) {
    const auto& held = chunk(place.chunk);
    if (place.offset > held.size() || place.length > held.size() - place.offset) {
      throw SqliteError(partition_.file().string() + ": documents aren't where they should be",
                        SQLITE_CORRUPT);
    }
    texts.push_back(held.substr(place.offset, place.length));
  }
  return texts;
}

}  // namespace xrayd::local
