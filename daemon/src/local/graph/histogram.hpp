// How often what took how long: buckets that widen by 3 %, so that any latency is known to that.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace xrayd::local {

/// Counts of durations from a microsecond to a year; what lies beyond counts at the end.
/// Adding one thing to another gives the same as counting both together. One thread at a time.
///
/// Kept in groups of neighbouring buckets, of which only those exist that something fell into: a
/// bucket is found without a search, and sums add whole groups.
class Histogram {
 public:
  using Bucket = std::int16_t;
  static constexpr Bucket bucket_count = 1024;

  void add(double seconds, std::int64_t count = 1) { add_bucket(bucket_of(seconds), count); }
  /// Never below nothing.
  void subtract(double seconds);
  Histogram& operator+=(const Histogram& other);

  [[nodiscard]] bool empty() const noexcept { return total_ == 0; }
  [[nodiscard]] std::int64_t total() const noexcept { return total_; }
  /// Sorted by bucket; none of them 0.
  [[nodiscard]] std::vector<std::pair<Bucket, std::int64_t>> counts() const;
  /// The same, as `visit(bucket, count)`.
  template <typename Visit>
  void each(Visit visit) const;
  /// The bucket's middle, in seconds: what the API shows as `Value`, rounded to milliseconds there.
  [[nodiscard]] static double value_of(Bucket bucket) noexcept;
  [[nodiscard]] static Bucket bucket_of(double seconds) noexcept;

  /// Adds `count` to one bucket, which must be one: for readers of stored histograms.
  void add_bucket(Bucket bucket, std::int64_t count);

  /// Adds to many buckets of one histogram; quick where they come in order. Until it ends the
  /// histogram must not be used otherwise.
  class Filler {
   public:
    explicit Filler(Histogram& histogram) : histogram_(histogram) {}
    Filler(const Filler&) = delete;
    Filler& operator=(const Filler&) = delete;
    ~Filler() { histogram_.total_ += total_; }

    void add(Bucket bucket, std::int64_t count) {
      const auto index = static_cast<unsigned>(bucket);
      if (counts_ == nullptr || index / group_size != group_) {
        group_ = index / group_size;
        counts_ = histogram_.group(group_);
      }
      counts_[index % group_size] += count;
      total_ += count;
    }

   private:
    Histogram& histogram_;
    unsigned group_ = bucket_count;
    std::int64_t* counts_ = nullptr;
    std::int64_t total_ = 0;
  };

  /// The same counts; the memory taken may differ.
  friend bool operator==(const Histogram& left, const Histogram& right) {
    if (left.total_ != right.total_) return false;
    if (left.groups_ == right.groups_) return left.counts_ == right.counts_;
    return left.counts() == right.counts();
  }

 private:
  static constexpr unsigned group_size = 16;
  static_assert(bucket_count / group_size == 64, "one bit of groups_ for each");

  /// The group's counts, made where it isn't there.
  std::int64_t* group(unsigned index);
  /// Where in counts_ the group begins, or would.
  [[nodiscard]] std::size_t place(unsigned index) const noexcept {
    const std::uint64_t before = groups_ & ((std::uint64_t{1} << index) - 1);
    return static_cast<std::size_t>(std::popcount(before)) * group_size;
  }

  std::uint64_t groups_ = 0;  // one bit for each group that is there
  std::int64_t total_ = 0;
  std::vector<std::int64_t> counts_;  // group_size for each group
};

template <typename Visit>
void Histogram::each(Visit visit) const {
  const std::int64_t* counts = counts_.data();
  for (std::uint64_t left = groups_; left != 0; left &= left - 1) {
    const unsigned first = static_cast<unsigned>(std::countr_zero(left)) * group_size;
    for (unsigned i = 0; i < group_size; ++i, ++counts) {
      if (*counts != 0) visit(static_cast<Bucket>(first + i), *counts);
    }
  }
}

}  // namespace xrayd::local
