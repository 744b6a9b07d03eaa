#include "local/store/trace_reader.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "local/store/chunk_codec.hpp"

namespace xrayd::local {
namespace {

TraceId id_of(std::string_view bytes) {
  std::array<std::byte, 16> id{};
  const auto size = std::min(bytes.size(), id.size());
  std::transform(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size), id.begin(),
                 [](char c) { return static_cast<std::byte>(c); });
  return trace_id_from_bytes(id);
}

Database open(const std::filesystem::path& file) {
  Database database(file, Database::Mode::query_only);
  database.execute("PRAGMA cache_size = -1024");
  return database;
}

// Of list_columns.
ListedRow listed_row(const Rows& rows) {
  return {{rows.number(0), rows.number(1), id_of(rows.bytes(2))}, rows.integer(3), rows.number(4)};
}

constexpr const char* list_columns = "SELECT listed_at, started, id, key, ended FROM trace ";

}  // namespace

std::span<const std::byte> bytes_of(std::string_view text) noexcept {
  return std::as_bytes(std::span(text.data(), text.size()));
}

bool read_chunk(Rows& row, std::string& out) {
  const auto raw_bytes = row.integer(0);
  return raw_bytes >= 0 && decompress_chunk(row.bytes(1), static_cast<std::size_t>(raw_bytes), out);
}

TraceReader::TraceReader(const std::filesystem::path& file)
    : database_(open(file)),
      find_trace_(database_,
                  "SELECT key, revision, limit_exceeded, minute, places, record FROM trace "
                  "WHERE id = ?1"),
      chunk_(database_, "SELECT raw_bytes, body FROM chunk WHERE key = ?1"),
      list_(database_, std::string(list_columns) +
                           "WHERE listed = 1 AND listed_at >= ?1 "
                           "AND (listed_at, started, id) < (?2, ?3, ?4) "
                           "ORDER BY listed_at DESC, started DESC, id DESC LIMIT ?5"),
      listed_(database_, std::string(list_columns) +
                             "WHERE key = ?1 AND listed = 1 AND listed_at >= ?2 AND listed_at < ?3 "
                             "AND started < ?4 AND ended >= ?5 AND ended < ?6"),
      record_(database_, "SELECT record FROM trace WHERE key = ?1"),
      posting_(database_, "SELECT keys FROM posting WHERE term = ?1"),
      minutes_(database_,
               "SELECT minute, sum FROM minute WHERE minute >= ?1 AND minute < ?2 ORDER BY minute"),
      ids_(database_, "SELECT key, id FROM trace WHERE key > ?1 ORDER BY key LIMIT ?2"),
      oldest_(database_,
              "SELECT listed_at FROM trace WHERE listed = 1 ORDER BY listed_at LIMIT 1") {
}

SqliteError TraceReader::damage(const char* what) const {
  return {database_.file().string() + ": " + what, SQLITE_CORRUPT};
}

std::optional<TraceRow> TraceReader::find(const TraceId& id) {
  const auto bytes = to_bytes(id);
  Rows rows = find_trace_.query(Statement::Blob(bytes));
  if (!rows.next()) return std::nullopt;
  TraceRow row;
  row.key = rows.integer(0);
  row.revision = rows.integer(1);
  row.limit_exceeded = rows.integer(2) != 0;
  row.minute = rows.integer(3);
  if (!unpack_places(bytes_of(rows.bytes(4)), row.places)) {
    throw damage("a trace's places make no sense");
  }
  row.record = rows.bytes(5);
  return row;
}

std::vector<std::string> TraceReader::documents(std::span<const DocumentPlace> places) {
  std::vector<std::string> texts;
  texts.reserve(places.size());
  std::int64_t key = 0;
  std::string chunk;
  for (const auto& place : places) {
    if (texts.empty() || place.chunk != key) {
      Rows rows = chunk_.query(place.chunk);
      if (!rows.next() || !read_chunk(rows, chunk)) throw damage("documents are damaged");
      key = place.chunk;
    }
    if (place.offset > chunk.size() || place.length > chunk.size() - place.offset) {
      throw damage("documents aren't where they should be");
    }
    texts.push_back(chunk.substr(place.offset, place.length));
  }
  return texts;
}

std::optional<StoredTrace> TraceReader::trace(const TraceId& id) {
  // One transaction, so that the row and its documents are of one moment.
  const Transaction transaction(database_, Transaction::Kind::read);
  const auto row = find(id);
  if (!row) return std::nullopt;
  return StoredTrace{row->limit_exceeded, row->revision, documents(row->places)};
}

std::vector<ListedRow> TraceReader::list(const RowRange& range,
                                         const std::optional<ListPosition>& after,
                                         std::size_t limit) {
  ListPosition below{range.end, -std::numeric_limits<double>::infinity(), {}};
  if (after && *after < below) below = *after;
  const auto id = to_bytes(below.id);
  std::vector<ListedRow> answer;
  Rows rows = list_.query(range.begin, below.listed_at, below.started, Statement::Blob(id),
                          static_cast<std::int64_t>(limit));
  while (rows.next()) answer.push_back(listed_row(rows));
  return answer;
}

std::optional<ListedRow> TraceReader::listed(std::int64_t key, const RowRange& range) {
  Rows rows = listed_.query(key, range.begin, range.end, range.started_before, range.ended_from,
                            range.ended_before);
  if (!rows.next()) return std::nullopt;
  return listed_row(rows);
}

std::string TraceReader::record(std::int64_t key) {
  Rows rows = record_.query(key);
  return rows.next() ? std::string(rows.bytes(0)) : std::string();
}

std::vector<std::int64_t> TraceReader::posting(Term term) {
  std::vector<std::int64_t> keys;
  for (const Term wanted : {term, any_term}) {
    Rows rows = posting_.query(wanted);
    while (rows.next()) {
      if (!unpack_keys(bytes_of(rows.bytes(0)), keys)) throw damage("an index makes no sense");
    }
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

void TraceReader::minutes(std::int64_t begin, std::int64_t end, const MinuteSums::Use& use) {
  Rows rows = minutes_.query(begin, end);
  while (rows.next()) use(rows.integer(0), bytes_of(rows.bytes(1)));
}

void TraceReader::dictionary(const std::function<void(std::string_view texts)>& use) {
  Statement select(database_, "SELECT texts FROM dictionary ORDER BY first");
  Rows rows = select.query();
  while (rows.next()) use(rows.bytes(0));
}

std::string TraceReader::record_prefix() {
  Statement select(database_, "SELECT bytes FROM record_prefix");
  Rows rows = select.query();
  return rows.next() ? std::string(rows.bytes(0)) : std::string();
}

std::vector<std::pair<std::int64_t, TraceId>> TraceReader::ids(std::int64_t after,
                                                               std::size_t limit) {
  std::vector<std::pair<std::int64_t, TraceId>> found;
  Rows rows = ids_.query(after, static_cast<std::int64_t>(limit));
  while (rows.next()) found.emplace_back(rows.integer(0), id_of(rows.bytes(1)));
  return found;
}

// Without keys or an order the index of ids is enough: a tenth of the table, or less.
void TraceReader::all_ids(const std::function<void(const TraceId& id)>& use) {
  Statement select(database_, "SELECT id FROM trace");
  Rows rows = select.query();
  while (rows.next()) use(id_of(rows.bytes(0)));
}

std::optional<double> TraceReader::oldest() {
  Rows rows = oldest_.query();
  if (!rows.next()) return std::nullopt;
  return rows.number(0);
}

}  // namespace xrayd::local
