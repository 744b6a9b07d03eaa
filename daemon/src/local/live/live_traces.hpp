// Traces whose documents are still coming: gathered in memory until they are whole, or quiet, or
// there is no more room.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "local/document/segment_document.hpp"
#include "local/live/journals.hpp"
#include "local/live/list_position.hpp"
#include "local/live/live_sums.hpp"
#include "local/live/trace_documents.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local {

struct LiveLimits {
  using Duration = std::chrono::steady_clock::duration;

  /// Memory of documents, parsed, roughly. Above three quarters traces are due early.
  std::uint64_t bytes = std::uint64_t{64} << 20U;
  /// A trace whose root has ended is due when nothing has come for so long,
  Duration quiet = std::chrono::seconds{2};
  /// any other when its first document came so long ago.
  Duration age = std::chrono::seconds{30};
  /// Few that are due wait for company so long: together they take less disk.
  Duration patience = std::chrono::seconds{5};
};

struct LiveDocument {
  std::shared_ptr<const SegmentDocument> document;
  /// What became of it is counted already; else the store must say.
  bool counted = true;
};

/// A trace at one moment. Cheap to copy: documents are shared.
struct LiveTrace {
  TraceId id;
  /// Names the moment: no other has the same, later ones have higher ones.
  std::uint64_t change = 0;
  /// Names what the files have of it.
  std::uint64_t base = 0;
  /// How often its documents have changed since the store has known it; at least 1.
  std::int64_t revision = 1;
  /// Milliseconds since 1970.
  std::int64_t first_received_ms = 0;
  /// The store may have earlier documents of it; else it has none.
  bool maybe_stored = false;
  bool limit_exceeded = false;
  /// In order of arrival.
  std::vector<LiveDocument> documents;
  /// Of this moment, with what the store has; null where nobody has made it yet.
  std::shared_ptr<const TraceRecord> record;
};

/// Whether somebody was told, or will be, that a document is there.
enum class Promise { visible_at_once, visible_soon };

/// Which traces whose records are to be made.
struct Unmade {
  LiveLimits::Duration quiet{};
  LiveLimits::Duration age{};
  std::size_t documents = 0;
  std::size_t traces = 0;
};

/// Whether a record was taken.
enum class Kept {
  yes,
  /// The trace has a later one, or is gone.
  needless,
  /// The files have more of the trace than when it was looked at.
  outdated,
};

/// Live traces in a list.
struct LiveRow {
  ListPosition position;
  std::shared_ptr<const TraceRecord> record;
};
struct LiveList {
  /// Newest first.
  std::vector<LiveRow> rows;
  /// Traces with records here whose earlier states the files may have.
  std::vector<TraceId> late;
};
struct LiveListQuery {
  /// Of listed_at, `[begin, end)`.
  double begin = 0;
  double end = 0;
  /// Only what comes behind it.
  std::optional<ListPosition> after;
  std::function<bool(const TraceRecord&)> wanted;
  std::size_t limit = 0;
};

/// A trace that the store has now, and its record there: null if that is what it was.
struct StoredMoment {
  const LiveTrace* live = nullptr;
  std::shared_ptr<const TraceRecord> record;
  /// As LiveRecord's.
  std::int64_t minute = 0;
};

/// Why more than what is due has to go.
enum class Pressure { none, memory, journals, everything };

/// Thread-safe.
///
/// A trace's record is made by somebody else and handed to keep(): lists and sums are of what was
/// handed in last, also while later documents wait for the next.
class LiveTraces {
 public:
  using Clock = std::chrono::steady_clock;
  /// Asked for traces that are new here, under the lock.
  using MaybeStored = std::function<bool(const TraceId&)>;

  LiveTraces(LiveLimits limits, Journals& journals) : limits_(limits), journals_(journals) {}
  LiveTraces(const LiveTraces&) = delete;
  LiveTraces& operator=(const LiveTraces&) = delete;

  struct Counts {
    std::int64_t stored = 0;
    std::int64_t replaced = 0;
    std::int64_t duplicates = 0;
    std::int64_t trace_full = 0;
  };

  /// Takes documents that `journal` has, in order; those that aren't kept are released there.
  Counts add(std::vector<SegmentDocument>&& documents, JournalNumber journal,
             std::int64_t received_ms, Clock::time_point now, const MaybeStored& maybe_stored,
             Promise promise = Promise::visible_at_once);

  /// Traces to be stored now, with documents of `max_documents` and `max_bytes` at most (but at
  /// least one trace), longest due first. They stay here until stored() is told.
  [[nodiscard]] std::vector<LiveTrace> due(Clock::time_point now, Pressure pressure,
                                           std::size_t max_documents, std::uint64_t max_bytes);
  /// The store has all of these: what hasn't changed since goes, of the rest what came since stays.
  /// Who adds up sums must be kept out until the files' sums have them too.
  void stored(std::span<const StoredMoment> traces, Clock::time_point now);
  void clear() noexcept;

  // ---- records
  // -----------------------------------------------------------------------------------

  /// Traces that wait for a record: quiet for so long, or waiting for so long, with about as many
  /// documents as are asked for, and no more traces.
  [[nodiscard]] std::vector<LiveTrace> settled(Clock::time_point now, const Unmade& asked) const;
  /// Those that a question must not leave out: what was promised, what waits for `asked.age`, and
  /// others until there are about so many documents.
  [[nodiscard]] std::vector<LiveTrace> owed(Clock::time_point now, const Unmade& asked) const;
  /// The record of that moment.
  Kept keep(const LiveTrace& trace, LiveRecord made);
  /// What the files have of live traces isn't what it was.
  void forget_files();

  [[nodiscard]] std::optional<LiveTrace> find(const TraceId& id) const;
  [[nodiscard]] std::vector<TraceId> ids() const;
  [[nodiscard]] LiveList list(const LiveListQuery& query) const;
  /// See LiveSums.
  void add_sums(std::int64_t begin, std::int64_t end,
                const std::function<GraphSum&(std::int64_t minute)>& sum) const;

  [[nodiscard]] bool has_room() const;
  [[nodiscard]] bool crowded() const;
  [[nodiscard]] std::uint64_t bytes() const;
  [[nodiscard]] std::size_t traces() const;

 private:
  struct Trace {
    TraceId id;
    std::uint64_t change = 0;
    std::uint64_t batch = 0;
    std::int64_t revision = 0;
    std::int64_t first_received_ms = 0;
    bool maybe_stored = false;
    Clock::time_point first_seen;
    Clock::time_point last_seen;
    TraceDocuments documents;  // the tag is a place in `origins`
    struct Origin {
      JournalNumber journal;
      std::uint64_t change;
      bool counted;
    };
    std::vector<Origin> origins;
    std::uint64_t bytes = 0;
    std::list<Trace*>::iterator by_age;
    std::list<Trace*>::iterator by_quiet;
    bool is_quiet = false;  // stands in by_quiet_

    std::uint64_t base = 0;
    // The moment that `made` is of; 0 where there was none.
    std::uint64_t made_change = 0;
    LiveRecord made;
    std::optional<ListPosition> position;  // stands in listed_
    // While the record is of an earlier moment, or none was made:
    bool unmade = false;  // stands in by_change_
    bool promised = false;
    std::list<Trace*>::iterator by_change;
    Clock::time_point unmade_since;
    Clock::time_point changed;
  };

  Trace& trace_of(const SegmentDocument& document, std::int64_t received_ms, Clock::time_point now,
                  const MaybeStored& maybe_stored);
  /// One batch of documents, or a part of it.
  void add_some(std::span<SegmentDocument> documents, JournalNumber journal,
                std::int64_t received_ms, Clock::time_point now, const MaybeStored& maybe_stored,
                Promise promise, Counts& counts);
  void sort_in(Trace& trace);
  void change(Trace& trace, Clock::time_point now);
  void wait_for_record(Trace& trace, Clock::time_point now);
  void set_made(Trace& trace, std::uint64_t change, LiveRecord made);
  void list_anew(Trace& trace);
  void recount_bytes(Trace& trace);
  void keep_rest(Trace& trace, const StoredMoment& stored, Clock::time_point now);
  [[nodiscard]] std::unique_ptr<Trace> take_out(Trace& trace);
  [[nodiscard]] static LiveTrace moment_of(const Trace& trace, bool with_documents);

  const LiveLimits limits_;
  Journals& journals_;

  // Taken before the other, and held while both a trace's `made` and the sums change.
  mutable std::mutex sums_mutex_;
  LiveSums sums_;

  mutable std::mutex mutex_;
  std::unordered_map<TraceId, std::unique_ptr<Trace>, TraceIdHash> traces_;
  std::list<Trace*> by_age_;     // first_seen rises
  std::list<Trace*> by_quiet_;   // the complete ones; last_seen rises
  std::list<Trace*> by_change_;  // those without a record of now; `changed` rises
  std::map<ListPosition, Trace*> listed_;
  std::unordered_set<const Trace*> late_;  // the files may have earlier documents
  std::uint64_t bytes_ = 0;
  std::uint64_t changes_ = 0;
  std::uint64_t batches_ = 0;
};

}  // namespace xrayd::local
