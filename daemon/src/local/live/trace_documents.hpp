// The documents of one trace: which count, and how many there may be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "local/document/segment_document.hpp"

namespace xrayd::local {

/// Documents of one trace together; beyond it they are dropped and the trace says LimitExceeded.
inline constexpr std::int64_t max_trace_bytes = std::int64_t{4} << 20U;

/// What became of a document that was added to its trace.
enum class Placement {
  stored,
  /// Took the place of one in progress.
  replaced,
  /// Came again after the complete one.
  duplicate,
  /// Not kept, for the trace has max_trace_bytes already; so it is for all that come after.
  trace_full,
};

/// Of several documents with one id the first complete one counts; one in progress counts until
/// then, the last of them. In order of arrival; a replaced one's place is that of the first.
class TraceDocuments {
 public:
  struct Entry {
    std::shared_ptr<const SegmentDocument> document;
    /// Whatever the owner wants to know of it.
    std::uint64_t tag = 0;
  };

  /// Where the document took another's place, `replaced_tag` becomes that one's tag.
  Placement add(std::shared_ptr<const SegmentDocument> document, std::uint64_t tag,
                std::uint64_t& replaced_tag);

  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }
  /// Of the texts, with what a document costs beside its text.
  [[nodiscard]] std::int64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] bool full() const noexcept { return full_; }
  /// A segment without a parent has ended, and nothing is in progress.
  [[nodiscard]] bool complete() const noexcept { return roots_ > 0 && open_ == 0; }

 private:
  [[nodiscard]] std::size_t find(const SegmentDocument& document) const;
  void count(const SegmentDocument& document, int change);

  std::vector<Entry> entries_;
  // Made when looking at each would take too long.
  std::unordered_multimap<EntityId, std::size_t, EntityIdHash> by_id_;
  std::int64_t bytes_ = 0;
  int roots_ = 0;
  int open_ = 0;
  bool full_ = false;
};

}  // namespace xrayd::local
