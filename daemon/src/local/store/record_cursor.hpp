// The traces of one file that a query may want, newest first, a few at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "local/store/partition.hpp"
#include "local/store/trace_source.hpp"

namespace xrayd::local {

/// What the query asks of times, where no trace's other times are further than `span` seconds from
/// the time that it is listed at.
RowRange range_of(const RecordQuery& query, double span);
[[nodiscard]] bool is_in(const RowRange& range, const TraceRecord& record);

/// One of the traces that the query's `share` is about.
[[nodiscard]] bool is_sampled(const TraceId& id, double share);

/// For one thread. Reads nothing before it must.
class RecordCursor {
 public:
  /// `query` must outlive it.
  RecordCursor(std::shared_ptr<Partition> partition, const RecordQuery& query);

  /// Nothing that comes is newer; nothing when there is no more. Where ready() is false, fetch()
  /// tells better.
  [[nodiscard]] const std::optional<ListPosition>& bound() const noexcept { return bound_; }
  [[nodiscard]] bool ready() const noexcept { return next_ < rows_.size(); }
  void fetch();
  /// Goes behind the trace at bound().
  void skip();
  /// The record at bound(); false if it can't be read.
  [[nodiscard]] bool read(TraceRecord& record);

 private:
  bool narrow(TraceReader& reader);
  void fetch_some(TraceReader& reader);
  void fetch_candidates(TraceReader& reader);
  void set_bound();

  std::shared_ptr<Partition> partition_;
  const RecordQuery& query_;
  RowRange range_;
  std::optional<ListPosition> bound_;
  std::optional<ListPosition> after_;
  std::vector<ListedRow> rows_;
  std::size_t next_ = 0;
  std::size_t batch_;
  bool started_ = false;
  bool last_ = false;
  /// Sorted keys of traces that have what the filter asks for; nothing where it doesn't tell.
  std::optional<std::vector<std::int64_t>> candidates_;
};

}  // namespace xrayd::local
