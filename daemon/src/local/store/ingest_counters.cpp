#include "local/store/ingest_counters.hpp"

namespace xrayd::local {

void IngestCounters::add(const WriteCounts& counts) noexcept {
  stored_ += counts.stored;
  replaced_ += counts.replaced;
  duplicates_ += counts.duplicates;
  trace_full_ += counts.trace_full;
}

void IngestCounters::report(CounterRows& rows) const {
  const auto add_row = [&rows](const char* name, const char* help, std::string labels,
                               std::int64_t value) {
    rows.push_back({name, help, std::move(labels), value, false});
  };
  add_row("xrayd_documents_received_total", "Segment documents handed to the local store.", {},
          received);
  add_row("xrayd_documents_stored_total", "Segment documents that the local store keeps.", {},
          stored_);
  add_row("xrayd_documents_replaced_total",
          "Segment documents that took the place of one in progress.", {}, replaced_);
  add_row("xrayd_documents_duplicate_total",
          "Segment documents that came again after the complete one.", {}, duplicates_);
  constexpr const char* dropped = "xrayd_documents_dropped_total";
  constexpr const char* dropped_help = "Good segment documents that were not stored.";
  add_row(dropped, dropped_help, R"(reason="queue_full")", dropped_queue_full);
  add_row(dropped, dropped_help, R"(reason="stopped")", dropped_at_stop);
  add_row(dropped, dropped_help, R"(reason="store_failed")", dropped_store_failed);
  add_row(dropped, dropped_help, R"(reason="trace_full")", trace_full_);
  for (std::size_t i = 0; i < reason_count; ++i) {
    std::string label = "reason=\"";
    label += reason_label(static_cast<Reason>(i));
    label += '"';
    add_row("xrayd_documents_rejected_total", "Segment documents that were not valid.",
            std::move(label), rejected_[i]);
  }
  add_row("xrayd_store_commit_errors_total", "Writes to the local store that failed.", {},
          commit_errors);
}

}  // namespace xrayd::local
