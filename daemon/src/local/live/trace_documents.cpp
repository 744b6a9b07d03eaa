#include "local/live/trace_documents.hpp"

#include <utility>

namespace xrayd::local {
namespace {

constexpr std::int64_t document_overhead = 64;
constexpr std::size_t few = 16;

bool same(const SegmentDocument& a, const SegmentDocument& b) noexcept {
  return a.id == b.id && a.independent_subsegment == b.independent_subsegment;
}

std::int64_t cost_of(const SegmentDocument& document) noexcept {
  return static_cast<std::int64_t>(document.text.size()) + document_overhead;
}

}  // namespace

std::size_t TraceDocuments::find(const SegmentDocument& document) const {
  if (entries_.size() <= few) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (same(*entries_[i].document, document)) return i;
    }
    return entries_.size();
  }
  const auto [begin, end] = by_id_.equal_range(document.id);
  for (auto it = begin; it != end; ++it) {
    if (same(*entries_[it->second].document, document)) return it->second;
  }
  return entries_.size();
}

void TraceDocuments::count(const SegmentDocument& document, int change) {
  if (document.in_progress) {
    open_ += change;
  } else if (!document.independent_subsegment && !document.parent_id) {
    roots_ += change;
  }
}

Placement TraceDocuments::add(std::shared_ptr<const SegmentDocument> document, std::uint64_t tag,
                              std::uint64_t& replaced_tag) {
  // A trace that was cut off once stays so.
  if (full_) return Placement::trace_full;
  const std::size_t place = find(*document);
  const bool known = place < entries_.size();
  if (known) {
    const auto& old = *entries_[place].document;
    if (!old.in_progress || (document->in_progress && old.text == document->text)) {
      return Placement::duplicate;
    }
  }
  const std::int64_t bytes =
      bytes_ + cost_of(*document) - (known ? cost_of(*entries_[place].document) : 0);
  if (bytes > max_trace_bytes) {
    full_ = true;
    return Placement::trace_full;
  }
  bytes_ = bytes;
  count(*document, 1);
  if (known) {
    auto& entry = entries_[place];
    count(*entry.document, -1);
    replaced_tag = entry.tag;
    entry = {std::move(document), tag};
    return Placement::replaced;
  }
  entries_.push_back({std::move(document), tag});
  if (entries_.size() == few + 1) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      by_id_.emplace(entries_[i].document->id, i);
    }
  } else if (entries_.size() > few + 1) {
    by_id_.emplace(entries_.back().document->id, entries_.size() - 1);
  }
  return Placement::stored;
}

}  // namespace xrayd::local
