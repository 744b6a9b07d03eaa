// The service graph minute by minute, of the traces in one file.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "local/graph/graph_sum.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local {

/// A record that a minute's sum gains or loses.
struct SumChange {
  std::int64_t minute = 0;
  bool gain = true;
  std::shared_ptr<const TraceRecord> record;
};

/// What was changed lately in memory, the rest in the file; sums of ten minutes are kept for
/// whoever asks again. Thread-safe; those members that change something are for the writer's
/// thread.
class MinuteSums {
 public:
  using Use = std::function<void(std::int64_t minute, std::span<const std::byte> packed)>;
  /// Hands out what the file has of the minutes `[begin, end)`.
  using Load = std::function<void(std::int64_t begin, std::int64_t end, const Use& use)>;

  /// `stored`: the minutes that the file has.
  explicit MinuteSums(std::set<std::int64_t> stored) : stored_(std::move(stored)) {}

  // ---- writer's thread -------------------------------------------------------------------------

  void apply(std::span<const SumChange> changes, const Load& load);
  /// Packed sums that the file doesn't have yet; without `all` not of the newest minute.
  [[nodiscard]] std::vector<std::pair<std::int64_t, std::string>> unwritten(bool all) const;
  /// The file has these now; all but the newest leave memory.
  void written(std::span<const std::pair<std::int64_t, std::string>> minutes);
  /// The oldest minute that the file doesn't have as it is, leaving `written` aside; the largest
  /// number where there is none.
  [[nodiscard]] std::int64_t oldest_unwritten(
      std::span<const std::pair<std::int64_t, std::string>> written) const;

  // ---- any thread ------------------------------------------------------------------------------

  /// Adds the minutes `[begin, end)` to `sum`.
  void add_to(std::int64_t begin, std::int64_t end, const Load& load, GraphSum& sum);
  /// Adds each of the minutes `[begin, end)` to its own sum.
  void add_each(std::int64_t begin, std::int64_t end, const Load& load,
                std::map<std::int64_t, GraphSum>& sums);

 private:
  struct Minute {
    GraphSum sum;
    bool written = false;
  };

  void each(std::int64_t begin, std::int64_t end, const Load& load,
            const std::function<void(std::int64_t, const GraphSum&)>& use) const;

  mutable std::mutex mutex_;
  std::map<std::int64_t, Minute> minutes_;
  std::set<std::int64_t> stored_;
  std::map<std::int64_t, std::shared_ptr<const GraphSum>> blocks_;
};

}  // namespace xrayd::local
