#include "local/trace_reader.hpp"

#include <algorithm>
#include <limits>

namespace xrayd::local {
namespace {

std::string list_sql(std::string_view condition) {
  return "SELECT listed_at, started, id, ended, summary FROM trace WHERE segments > 0 AND " +
         std::string(condition) +
         " AND (listed_at, started, id) < (?3, ?4, ?5)"
         " ORDER BY listed_at DESC, started DESC, id DESC LIMIT ?6";
}

TraceId id_of(std::string_view bytes) {
  std::array<std::byte, 16> id{};
  const auto size = std::min(bytes.size(), id.size());
  std::transform(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size), id.begin(),
                 [](char c) { return static_cast<std::byte>(c); });
  return trace_id_from_bytes(id);
}

}  // namespace

TraceReader::TraceReader(const std::filesystem::path& file)
    : database_(file, Database::Mode::query_only),
      find_trace_(database_, "SELECT key, revision, limit_exceeded FROM trace WHERE id = ?1"),
      documents_(database_, "SELECT body FROM document WHERE trace = ?1 ORDER BY key"),
      by_trace_id_(database_, list_sql("listed_at >= ?1 AND listed_at < ?2")),
      by_event_(database_, list_sql("started < ?2 AND ended >= ?1")),
      by_service_(database_, list_sql("ended >= ?1 AND ended < ?2")),
      oldest_(database_, "SELECT listed_at FROM trace ORDER BY listed_at LIMIT 1") {
}

std::optional<StoredTrace> TraceReader::trace(const TraceId& id) {
  // One transaction, so that the row and its documents are of one moment.
  Transaction transaction(database_, Transaction::Kind::read);
  StoredTrace trace;
  std::int64_t key = 0;
  {
    const auto bytes = to_bytes(id);
    Rows rows = find_trace_.query(Statement::Blob(bytes));
    if (!rows.next()) return std::nullopt;
    key = rows.integer(0);
    trace.revision = rows.integer(1);
    trace.limit_exceeded = rows.integer(2) != 0;
  }
  Rows rows = documents_.query(key);
  while (rows.next()) trace.documents.emplace_back(rows.bytes(0));
  return trace;
}

std::vector<SummaryRow> TraceReader::summaries(const SummaryQuery& query) {
  constexpr double forever = std::numeric_limits<double>::infinity();
  const auto after = query.after.value_or(ListPosition{forever, forever, {}});
  const auto id = to_bytes(after.id);
  Statement& statement = query.range == TimeRange::trace_id ? by_trace_id_
                         : query.range == TimeRange::event  ? by_event_
                                                            : by_service_;
  std::vector<SummaryRow> answer;
  Rows rows = statement.query(query.start, query.end, after.listed_at, after.started,
                              Statement::Blob(id), static_cast<std::int64_t>(query.limit));
  while (rows.next()) {
    SummaryRow row;
    row.position = {rows.number(0), rows.number(1), id_of(rows.bytes(2))};
    row.ended = rows.number(3);
    row.summary = rows.bytes(4);
    answer.push_back(std::move(row));
  }
  return answer;
}

std::optional<double> TraceReader::oldest() {
  Rows rows = oldest_.query();
  if (!rows.next()) return std::nullopt;
  return rows.number(0);
}

}  // namespace xrayd::local
