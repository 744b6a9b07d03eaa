// What is asked of the store: live traces first, then the files, so that what moves from one to the
// other meanwhile is seen at least once.
#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "local/arn.hpp"
#include "local/store/record_cursor.hpp"
#include "local/store/store.hpp"

namespace xrayd::local {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr double minute_seconds = 60;
constexpr double latest_time = 1e12;
// Records of live traces. Some are made by who asks, so that few documents are seen at once whoever
// they came from; where there are many, only those that must be seen.
constexpr Unmade settled_records{std::chrono::milliseconds{30}, std::chrono::milliseconds{150}, 200,
                                 16};
constexpr Unmade owed_records{{}, std::chrono::seconds{1}, 400, 0};

// Minutes since 1970 that share a moment with the time.
std::pair<std::int64_t, std::int64_t> minutes_of(double start, double end) {
  if (!(start < end)) return {0, 0};
  return {static_cast<std::int64_t>(std::floor(std::max(start, 0.0) / minute_seconds)),
          static_cast<std::int64_t>(std::ceil(std::min(end, latest_time) / minute_seconds))};
}

std::shared_ptr<const TraceRecord> unpacked(const TraceRow& row, Partition& partition) {
  auto record = std::make_shared<TraceRecord>();
  if (!partition.unpack(row.record, *record)) return nullptr;
  return record;
}

// A page as it is filled from several lists, each of which is sorted.
class PageFiller {
 public:
  PageFiller(const RecordQuery& query, std::vector<LiveRow> live, std::vector<RecordCursor> cursors,
             std::unordered_set<TraceId, TraceIdHash> hidden)
      : query_(query),
        live_(std::move(live)),
        cursors_(std::move(cursors)),
        hidden_(std::move(hidden)) {}

  RecordPage fill();

 private:
  RecordCursor* newest_cursor();
  void look_at(const ListPosition& position);
  [[nodiscard]] bool is_full() const;

  const RecordQuery& query_;
  std::vector<LiveRow> live_;  // the newest at the end
  std::vector<RecordCursor> cursors_;
  std::unordered_set<TraceId, TraceIdHash> hidden_;
  RecordPage page_;
  std::optional<ListPosition> last_;
};

RecordCursor* PageFiller::newest_cursor() {
  RecordCursor* newest = nullptr;
  for (auto& cursor : cursors_) {
    if (cursor.bound() && (newest == nullptr || *newest->bound() < *cursor.bound())) {
      newest = &cursor;
    }
  }
  return newest;
}

bool PageFiller::is_full() const {
  if (page_.records.size() >= query_.matches || page_.scanned >= query_.scanned) return true;
  return last_ && std::chrono::steady_clock::now() >= query_.deadline;
}

void PageFiller::look_at(const ListPosition& position) {
  ++page_.scanned;
  last_ = position;
}

RecordPage PageFiller::fill() {
  while (!is_full()) {
    RecordCursor* cursor = newest_cursor();
    const bool from_memory =
        !live_.empty() && (cursor == nullptr || !(live_.back().position < *cursor->bound()));
    if (from_memory) {
      const LiveRow row = std::move(live_.back());
      live_.pop_back();
      look_at(row.position);
      if (query_.filter.matches(*row.record, store_account))
        page_.records.push_back(copy_of(row.record));
    } else if (cursor == nullptr) {
      return std::move(page_);  // that was all
    } else if (!cursor->ready()) {
      cursor->fetch();
      // It may have looked at many without finding any.
      const auto& bound = cursor->bound();
      if (!cursor->ready() && bound && std::chrono::steady_clock::now() >= query_.deadline) {
        last_ = bound;
      }
    } else {
      const ListPosition position = *cursor->bound();
      TraceRecord record;
      if (hidden_.contains(position.id)) {
        last_ = position;
      } else if (cursor->read(record)) {
        record.id = position.id;
        look_at(position);
        if (query_.filter.matches(record, store_account))
          page_.records.push_back(std::move(record));
      }
      cursor->skip();
    }
  }
  page_.next = last_;
  return std::move(page_);
}

}  // namespace

// ---- one trace ---------------------------------------------------------------------------------

std::vector<Store::PartitionPointer> Store::snapshot() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

std::optional<Store::Found> Store::find(const TraceId& id) const {
  const auto partitions = snapshot();
  for (auto it = partitions.rbegin(); it != partitions.rend(); ++it) {
    if (!(*it)->ids().may_have(id)) continue;
    auto row = (*it)->read([&](TraceReader& reader) { return reader.find(id); });
    if (row) return Found{*it, std::move(*row)};
  }
  return std::nullopt;
}

MergedTrace Store::merged(const LiveTrace& live, const std::optional<Found>& found) const {
  if (!found) return merge(live, nullptr, {});
  const auto texts = found->partition->read(
      [&](TraceReader& reader) { return reader.documents(found->row.places); });
  // A file that is damaged just now answers nothing.
  if (texts.size() != found->row.places.size()) return merge(live, nullptr, {});
  return merge(live, &found->row, texts);
}

std::optional<StoredTrace> Store::trace(const TraceId& id) const {
  const auto live = live_.find(id);
  const bool only_live = live && !live->maybe_stored;
  const auto found = only_live ? std::nullopt : find(id);
  if (live) {
    const auto together = merged(*live, found);
    StoredTrace trace{together.limit_exceeded, together.revision, {}};
    trace.documents.reserve(together.parts.size());
    for (const auto& part : together.parts) trace.documents.push_back(part.document->text);
    return trace;
  }
  if (!found) return std::nullopt;
  StoredTrace trace{found->row.limit_exceeded, found->row.revision, {}};
  trace.documents = found->partition->read(
      [&](TraceReader& reader) { return reader.documents(found->row.places); });
  if (trace.documents.size() != found->row.places.size()) return std::nullopt;
  return trace;
}

// ---- records of live traces --------------------------------------------------------------------

LiveRecord Store::made(const LiveTrace& live) const {
  LiveRecord made;
  made.minute = live.first_received_ms / minute_ms;
  const auto found = live.maybe_stored ? find(live.id) : std::nullopt;
  if (found) {
    made.minute = found->row.minute;
    made.summed = unpacked(found->row, *found->partition);
  }
  if (const auto together = merged(live, found); !together.parts.empty()) {
    made.record = compile(together);
  }
  return made;
}

std::shared_ptr<const TraceRecord> Store::make_record(LiveTrace live) const {
  for (;;) {
    if (live.record) return live.record;
    auto made_now = made(live);
    auto record = made_now.record;
    if (live_.keep(live, std::move(made_now)) != Kept::outdated) return record;
    // What the files have is of its own moment; whoever asked wants both.
    auto later = live_.find(live.id);
    if (!later) return record;
    live = std::move(*later);
  }
}

std::size_t Store::make_records() const {
  const auto traces = live_.settled(LiveTraces::Clock::now(), settled_records);
  for (const auto& trace : traces) make_record(trace);
  return traces.size();
}

void Store::make_owed_records() const {
  for (const auto& trace : live_.owed(LiveTraces::Clock::now(), owed_records)) make_record(trace);
}

std::optional<TraceRecord> Store::record(const TraceId& id) const {
  if (auto live = live_.find(id)) {
    const auto record = make_record(std::move(*live));
    if (record) return copy_of(record);
    return std::nullopt;
  }
  const auto found = find(id);
  if (!found) return std::nullopt;
  TraceRecord record;
  if (!found->partition->unpack(found->row.record, record)) return std::nullopt;
  return record;
}

// ---- lists -------------------------------------------------------------------------------------

RecordPage Store::records(const RecordQuery& query) const {
  make_owed_records();
  auto range = range_of(query, 0);
  if (query.range != TimeRange::trace_id) {
    range.begin = -HUGE_VAL;
    range.end = HUGE_VAL;
  }
  LiveListQuery of_live;
  of_live.begin = range.begin;
  of_live.end = range.end;
  of_live.after = query.after;
  of_live.wanted = [&](const TraceRecord& record) {
    return is_in(range, record) && is_sampled(record.id, query.share);
  };
  // No page has more than these.
  of_live.limit =
      query.filter.is_everything() ? std::min(query.matches, query.scanned) : query.scanned;
  auto live = live_.list(of_live);
  // Of a trace that is here the files have an earlier state, or soon the same.
  std::unordered_set<TraceId, TraceIdHash> hidden(live.late.begin(), live.late.end());
  for (const auto& row : live.rows) hidden.insert(row.position.id);
  std::reverse(live.rows.begin(), live.rows.end());

  std::vector<RecordCursor> cursors;
  for (auto& partition : snapshot()) {
    RecordCursor cursor(std::move(partition), query);
    if (cursor.bound()) cursors.push_back(std::move(cursor));
  }
  return PageFiller(query, std::move(live.rows), std::move(cursors), std::move(hidden)).fill();
}

// ---- sums --------------------------------------------------------------------------------------

GraphSum Store::graph(double start, double end) const {
  const auto [begin, stop] = minutes_of(start, end);
  GraphSum sum;
  make_owed_records();
  const std::shared_lock moving(moving_);
  for (const auto& partition : snapshot()) {
    partition->sums().add_to(begin, stop, partition->load_minutes(), sum);
  }
  live_.add_sums(begin, stop, [&sum](std::int64_t) -> GraphSum& { return sum; });
  return sum;
}

std::vector<GraphMinute> Store::graph_minutes(double start, double end) const {
  const auto [begin, stop] = minutes_of(start, end);
  std::map<std::int64_t, GraphSum> sums;
  make_owed_records();
  {
    const std::shared_lock moving(moving_);
    for (const auto& partition : snapshot()) {
      partition->sums().add_each(begin, stop, partition->load_minutes(), sums);
    }
    live_.add_sums(begin, stop, [&sums](std::int64_t minute) -> GraphSum& { return sums[minute]; });
  }
  std::vector<GraphMinute> minutes;
  for (auto& [minute, sum] : sums) {
    if (!sum.empty()) minutes.push_back({minute, std::move(sum)});
  }
  return minutes;
}

// ---- figures -----------------------------------------------------------------------------------

std::optional<double> Store::oldest() const {
  for (const auto& partition : snapshot()) {
    const auto oldest = partition->read([](TraceReader& reader) { return reader.oldest(); });
    if (oldest) return oldest;
  }
  return std::nullopt;
}

StoreStatus Store::status() const {
  StoreStatus status;
  {
    const std::lock_guard lock(mutex_);
    status = status_;
  }
  status.live_traces = static_cast<std::int64_t>(live_.traces());
  status.live_bytes = live_.bytes();
  status.journal_bytes = journals_.bytes();
  status.bytes += status.journal_bytes;
  status.traces += status.live_traces;
  return status;
}

}  // namespace xrayd::local
