#include <xray/impl/stable_sort.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "support/allocations.hpp"

TEST(StableSort, sorts_as_the_standard_library_does_but_needs_no_memory) {
  std::mt19937_64 random(3);
  const auto less = [](const auto& left, const auto& right) { return left.first < right.first; };
  for (std::size_t size = 0; size < 300; ++size) {
    for (const unsigned kinds : {1U, 3U, 1000U}) {
      std::vector<std::pair<unsigned, std::size_t>> values;
      for (std::size_t i = 0; i < size; ++i) {
        values.emplace_back(static_cast<unsigned>(random() % kinds), i);
      }
      auto expected = values;
      std::stable_sort(expected.begin(), expected.end(), less);
      const auto before = support::allocations();
      xray::detail::stable_sort(values.begin(), values.end(), less);
      EXPECT_EQ(support::allocations(), before);
      ASSERT_EQ(values, expected) << size << " of " << kinds;
    }
  }
}
