#include "backlog/backlog_rows.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace xrayd::backlog {
namespace {

void add_counter(CounterRows& rows, const char* name, const char* help, std::uint64_t value,
                 std::string labels = {}) {
  rows.push_back({name, help, std::move(labels), static_cast<std::int64_t>(value), false, false});
}

void add_gauge(CounterRows& rows, const char* name, const char* help, std::uint64_t value) {
  rows.push_back({name, help, {}, static_cast<std::int64_t>(value), true, false});
}

void add_loss(CounterRows& rows, const std::string& reason, std::uint64_t documents) {
  add_counter(rows, "xrayd_forward_documents_dropped_total",
              "Accepted documents that were lost, by reason.", documents,
              "reason=\"" + reason + "\"");
}

}  // namespace

void add_rows(CounterRows& rows, const BatchQueue& queue,
              const std::optional<Spool::Figures>& spool, bool is_spool_writable) {
  add_counter(rows, "xrayd_batches_formed_total", "Batches that became full or due.",
              queue.formed());
  add_gauge(rows, "xrayd_queue_bytes",
            "Memory of batches that are being filled, wait or are under way.", queue.bytes());
  add_gauge(rows, "xrayd_queue_documents", "Documents in them that are not in the spool.",
            queue.documents());
  for (std::size_t i = 0; i < loss_names.size(); ++i) {
    add_loss(rows, loss_names[i], queue.lost(static_cast<Loss>(i)));
  }
  if (!spool) return;
  add_loss(rows, "spool", spool->dropped);
  add_loss(rows, "unreadable", spool->unreadable);
  add_gauge(rows, "xrayd_spool_bytes", "The spool's files.", spool->bytes);
  add_gauge(rows, "xrayd_spool_documents", "Documents in them that are not delivered.",
            spool->documents);
  add_counter(rows, "xrayd_spool_found_total", "Documents that an earlier run left in the spool.",
              spool->found);
  add_counter(rows, "xrayd_spool_written_total", "Documents written to the spool.", spool->written);
  add_counter(rows, "xrayd_spool_damaged_total",
              "Places in the spool's files that could not be read.", spool->damaged);
  add_gauge(rows, "xrayd_spool_writable", "1 while the spool can be written.",
            is_spool_writable ? 1 : 0);
}

}  // namespace xrayd::backlog
