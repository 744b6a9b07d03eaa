#include "local/store/record_cursor.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace xrayd::local {
namespace {

constexpr double forever = std::numeric_limits<double>::infinity();
constexpr std::size_t first_rows = 64;
constexpr std::size_t most_rows = 512;
// So many are looked up one by one; more are found on the way through the list.
constexpr std::size_t few_candidates = 2000;

bool is_in(const RowRange& range, const ListedRow& row) {
  return row.position.started < range.started_before && row.ended >= range.ended_from &&
         row.ended < range.ended_before;
}

}  // namespace

RowRange range_of(const RecordQuery& query, double span) {
  switch (query.range) {
    case TimeRange::trace_id:
      break;
    case TimeRange::event:
      return {query.start - span - 1, query.end + span + 1, query.end, query.start, forever};
    case TimeRange::service:
      return {query.start - span - 1, query.end + span + 1, forever, query.start, query.end};
  }
  return {query.start, query.end, forever, -forever, forever};
}

bool is_in(const RowRange& range, const TraceRecord& record) {
  return record.listed_at >= range.begin && record.listed_at < range.end &&
         record.start < range.started_before && record.end >= range.ended_from &&
         record.end < range.ended_before;
}

bool is_sampled(const TraceId& id, double share) {
  if (share >= 1) return true;
  std::uint64_t sum = (id.high() ^ (id.low() * 0x9E3779B97F4A7C15U)) * 0xD6E8FEB86659FD93U;
  sum ^= sum >> 32U;
  sum *= 0xD6E8FEB86659FD93U;
  constexpr double scale = 1.0 / 9007199254740992.0;  // 2^53
  return static_cast<double>(sum >> 11U) * scale < share;
}

RecordCursor::RecordCursor(std::shared_ptr<Partition> partition, const RecordQuery& query)
    : partition_(std::move(partition)), query_(query), after_(query.after), batch_(first_rows) {
  const auto info = partition_->info();
  range_ = range_of(query, info.span);
  if (info.earliest >= range_.end || info.latest < range_.begin) return;
  bound_ = ListPosition{std::min(range_.end, info.latest), forever, {}};
  if (after_ && *after_ < *bound_) bound_ = after_;
}

void RecordCursor::fetch() {
  rows_.clear();
  next_ = 0;
  if (!last_) {
    const bool fetched = partition_->read([this](TraceReader& reader) {
      if (!std::exchange(started_, true)) narrow(reader);
      if (candidates_ && candidates_->size() <= few_candidates) {
        fetch_candidates(reader);
      } else {
        fetch_some(reader);
      }
      return true;
    });
    // A file that can't be read has no more to say.
    if (rows_.empty() && (partition_->damaged() || !fetched)) last_ = true;
  }
  set_bound();
}

// Which traces have everything that the filter asks for.
bool RecordCursor::narrow(TraceReader& reader) {
  for (const auto& wanted : query_.filter.terms()) {
    const auto term = term_of(wanted);
    if (!term) continue;
    auto keys = reader.posting(*term);
    if (candidates_) {
      std::vector<std::int64_t> both;
      std::set_intersection(candidates_->begin(), candidates_->end(), keys.begin(), keys.end(),
                            std::back_inserter(both));
      keys = std::move(both);
    }
    candidates_ = std::move(keys);
  }
  return candidates_.has_value();
}

void RecordCursor::fetch_candidates(TraceReader& reader) {
  last_ = true;
  for (const auto key : *candidates_) {
    const auto row = reader.listed(key, range_);
    if (!row || (after_ && !(row->position < *after_))) continue;
    if (is_sampled(row->position.id, query_.share)) rows_.push_back(*row);
  }
  std::sort(rows_.begin(), rows_.end(),
            [](const ListedRow& a, const ListedRow& b) { return b.position < a.position; });
}

void RecordCursor::fetch_some(TraceReader& reader) {
  while (rows_.empty() && !last_) {
    rows_ = reader.list(range_, after_, batch_);
    last_ = rows_.size() < batch_;
    batch_ = std::min(2 * batch_, most_rows);
    if (!rows_.empty()) after_ = rows_.back().position;
    std::erase_if(rows_, [this](const ListedRow& row) {
      return !is_in(range_, row) || !is_sampled(row.position.id, query_.share) ||
             (candidates_ &&
              !std::binary_search(candidates_->begin(), candidates_->end(), row.key));
    });
    if (std::chrono::steady_clock::now() > query_.deadline) return;
  }
}

void RecordCursor::skip() {
  ++next_;
  set_bound();
}

void RecordCursor::set_bound() {
  if (next_ < rows_.size()) {
    bound_ = rows_[next_].position;
  } else if (last_) {
    bound_.reset();
  } else {
    bound_ = after_;
  }
}

bool RecordCursor::read(TraceRecord& record) {
  const auto key = rows_[next_].key;
  return partition_->read([&](TraceReader& reader) {
    const auto bytes = reader.record(key);
    return partition_->unpack(bytes, record);
  });
}

}  // namespace xrayd::local
