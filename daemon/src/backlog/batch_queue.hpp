// Batches in memory, and the books of what has become of every document.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backlog/batch.hpp"
#include "backlog/lanes.hpp"

namespace xrayd::backlog {

/// Why a document was dropped.
enum class Loss { memory, stop, too_large };
inline constexpr std::array<const char*, 3> loss_names = {"memory", "stop", "too_large"};

/// What is being filled, then what waits, oldest first; what is under way and comes back goes
/// before both. All of it together stays within a number of bytes: the oldest that wait are dropped
/// for it. Where the system has no memory documents are dropped and counted, too. For one thread at
/// a time.
class BatchQueue {
 public:
  using Clock = std::chrono::steady_clock;

  BatchQueue(std::uint64_t memory_bytes, std::size_t batch_bytes,
             std::chrono::milliseconds batch_time);

  /// Documents come, in order. Returns how many batches became full.
  std::size_t add(std::span<const std::string_view> bodies, Clock::time_point now) noexcept;
  [[nodiscard]] std::size_t longest_document() const noexcept { return longest_; }

  /// What is due waits from here on; all that is being filled if `all`.
  void seal_due(Clock::time_point now, bool all) noexcept;
  /// When there will be something due; nothing while nothing is being filled.
  [[nodiscard]] std::optional<Clock::time_point> next_due() noexcept;

  [[nodiscard]] bool empty() const noexcept { return returned_.empty() && ready_.empty(); }
  /// Whether the next to be taken came back.
  [[nodiscard]] bool has_returned() const noexcept { return !returned_.empty(); }
  /// The oldest that waits, with its charge: it stays in the books until settle(). Not while
  /// empty().
  [[nodiscard]] Batch pop() noexcept;
  /// What pop() gave is the first of what waits, as if it had not.
  void unpop(Batch&& batch) noexcept;
  /// Books memory, and no documents, for a batch from elsewhere.
  void charge(Batch& batch) noexcept;
  /// The batch leaves the books; its memory may be used again.
  void settle(Batch&& batch) noexcept;
  /// The batch leaves the books as it was taken and enters them as it is, before those that came
  /// later.
  void put_back(Batch&& batch) noexcept;
  /// As put_back(), but after those that wait already.
  void put_behind(Batch&& batch) noexcept;
  /// As settle(), and its documents are counted.
  void drop(Batch&& batch, Loss loss) noexcept;
  void lose(std::uint64_t documents, Loss loss) noexcept {
    lost_[static_cast<std::size_t>(loss)] += documents;
  }

  /// Bytes of all batches, those under way included, and documents in them.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint64_t documents() const noexcept { return documents_; }
  [[nodiscard]] std::uint64_t limit() const noexcept { return limit_; }
  [[nodiscard]] std::uint64_t formed() const noexcept { return formed_; }
  [[nodiscard]] std::uint64_t lost(Loss loss) const noexcept {
    return lost_[static_cast<std::size_t>(loss)];
  }
  [[nodiscard]] std::uint64_t lost() const noexcept;

 private:
  void add(std::string_view body, Clock::time_point now) noexcept;
  void move_last(OpenBatch& lane, Clock::time_point now) noexcept;
  void seal(OpenBatch& lane) noexcept;
  void make_room() noexcept;
  void charge_anew(Batch& batch) noexcept;
  [[nodiscard]] std::string buffer();
  void recycle(std::string&& body) noexcept;

  const std::uint64_t limit_;
  const std::size_t batch_bytes_;
  const std::chrono::milliseconds batch_time_;
  const std::size_t longest_;

  Lanes lanes_;
  std::deque<Batch> returned_;
  std::deque<Batch> ready_;
  std::vector<std::string> spare_;
  /// Of the last batch's request.
  std::size_t last_size_ = 0;

  std::uint64_t bytes_ = 0;
  std::uint64_t documents_ = 0;
  std::uint64_t formed_ = 0;
  std::array<std::uint64_t, loss_names.size()> lost_{};
};

}  // namespace xrayd::backlog
