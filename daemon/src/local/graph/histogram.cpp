#include "local/graph/histogram.hpp"

#include <array>
#include <cmath>

namespace xrayd::local {
namespace {

constexpr double shortest = 1e-6;
constexpr double longest = 366 * 86400.0;

// What a bucket's upper bound is to its lower one, as a logarithm: 3.1 %.
const double widening = std::log(longest / shortest) / Histogram::bucket_count;

}  // namespace

Histogram::Bucket Histogram::bucket_of(double seconds) noexcept {
  if (!(seconds > shortest)) return 0;  // nor numbers that are none
  if (seconds >= longest) return bucket_count - 1;
  const auto bucket = static_cast<Bucket>(std::log(seconds / shortest) / widening);
  return bucket < bucket_count ? bucket : static_cast<Bucket>(bucket_count - 1);
}

double Histogram::value_of(Bucket bucket) noexcept {
  static const auto values = [] {
    std::array<double, bucket_count> result{};
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] = shortest * std::exp((static_cast<double>(i) + 0.5) * widening);
    }
    return result;
  }();
  if (bucket < 0 || bucket >= bucket_count) return 0;
  return values[static_cast<std::size_t>(bucket)];
}

std::int64_t* Histogram::group(unsigned index) {
  const std::uint64_t bit = std::uint64_t{1} << index;
  const std::size_t at = place(index);
  if ((groups_ & bit) == 0) {
    counts_.insert(counts_.begin() + static_cast<std::ptrdiff_t>(at), group_size, 0);
    groups_ |= bit;
  }
  return counts_.data() + at;
}

void Histogram::add_bucket(Bucket bucket, std::int64_t count) {
  Filler(*this).add(bucket, count);
}

void Histogram::subtract(double seconds) {
  const auto bucket = static_cast<unsigned>(bucket_of(seconds));
  const unsigned index = bucket / group_size;
  if ((groups_ & (std::uint64_t{1} << index)) == 0) return;
  std::int64_t& count = counts_[place(index) + bucket % group_size];
  if (count <= 0) return;
  --count;
  --total_;
}

Histogram& Histogram::operator+=(const Histogram& other) {
  if (other.groups_ == 0) return *this;
  if (groups_ == 0) return *this = other;
  for (std::uint64_t missing = other.groups_ & ~groups_; missing != 0; missing &= missing - 1) {
    group(static_cast<unsigned>(std::countr_zero(missing)));
  }
  const std::int64_t* from = other.counts_.data();
  for (std::uint64_t left = other.groups_; left != 0; left &= left - 1) {
    std::int64_t* to = counts_.data() + place(static_cast<unsigned>(std::countr_zero(left)));
    for (unsigned i = 0; i < group_size; ++i) to[i] += from[i];
    from += group_size;
  }
  total_ += other.total_;
  return *this;
}

std::vector<std::pair<Histogram::Bucket, std::int64_t>> Histogram::counts() const {
  std::vector<std::pair<Bucket, std::int64_t>> result;
  each([&](Bucket bucket, std::int64_t count) { result.emplace_back(bucket, count); });
  return result;
}

}  // namespace xrayd::local
