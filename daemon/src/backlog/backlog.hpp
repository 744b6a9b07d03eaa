// What was accepted and has not been delivered: in memory, then in the spool.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "backlog/batch.hpp"
#include "counter_row.hpp"

namespace xrayd::backlog {

struct BacklogSettings {
  /// What batches may fill in memory, those under way included.
  std::uint64_t memory_bytes = std::uint64_t{16} << 20U;
  /// Empty: no spool.
  std::filesystem::path spool_dir;
  /// The spool's files together stay below this.
  std::uint64_t spool_bytes = std::uint64_t{256} << 20U;
  /// A batch that has this many bytes is full.
  std::size_t batch_bytes = std::size_t{512} << 10U;
  /// A batch leaves at the latest so long after its first document came.
  std::chrono::milliseconds batch_time{1000};
};

/// Every document that is accepted ends in exactly one of: delivered (done()), dropped (counted),
/// or kept in the spool for the next start. Thread-safe; documents come from one thread or several.
///
/// With a spool the oldest that wait are written to it, by a thread of this one's own, while memory
/// is over half full and while the service fails. What can't be written stays in memory and is
/// tried again twice a second. Without room in memory its oldest are dropped, whatever is in the
/// spool; without room in the spool its oldest file is.
class Backlog {
 public:
  using Clock = std::chrono::steady_clock;

  /// Reads what an earlier run left in the spool. Throws StartupError naming the directory if it
  /// can't be made or another daemon has it; damaged records are counted and passed over.
  explicit Backlog(const BacklogSettings& settings);
  Backlog(const Backlog&) = delete;
  Backlog& operator=(const Backlog&) = delete;
  ~Backlog();

  /// Escapes the documents into the batches that are being filled. Never blocks on disk or network.
  /// Without room the oldest batch in memory is dropped and counted.
  void offer(std::span<const std::string_view> bodies) noexcept;
  [[nodiscard]] bool has_room() const noexcept;
  [[nodiscard]] std::size_t longest_document() const noexcept;

  /// The oldest batch that is full or due: the spool's first, then memory's. Waits for one until
  /// `until`; nothing after that, or once closed and empty. Each batch must be handed to done() or
  /// put_back().
  [[nodiscard]] std::optional<Batch> take(Clock::time_point until) noexcept;
  /// Delivered, or counted as lost by who took it: the spool forgets it, too.
  void done(Batch&& batch) noexcept;
  /// Not delivered: it is taken again before what came later, with its `attempts`. Is never
  /// refused.
  void put_back(Batch&& batch) noexcept;
  /// As put_back(), for what select() gave: it is taken again after all that waits now.
  void put_behind(Batch&& batch) noexcept;

  /// True while the service can't be reached: then batches go to the spool as soon as they are due,
  /// so that little is lost if this process is killed. Without a spool it changes nothing.
  void upstream_fails(bool failing) noexcept;

  /// No more documents come: what is being filled is due at once.
  void close() noexcept;
  /// Writes what is still in memory to the spool, and wakes who waits in take(), which then gives
  /// nothing. What is put back later is written, too, before the deadline. Without a spool, or
  /// beyond `deadline`, the rest is dropped and counted. After close().
  void save(Clock::time_point deadline) noexcept;

  /// Documents waiting, in memory (those under way included) and in the spool.
  [[nodiscard]] std::uint64_t waiting() const noexcept;
  /// Documents lost here, for whatever reason that report() names, ever.
  [[nodiscard]] std::uint64_t dropped() const noexcept;
  /// Empty, or why the spool can't be written (disk full).
  [[nodiscard]] std::string trouble() const;
  void report(CounterRows& rows) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xrayd::backlog
