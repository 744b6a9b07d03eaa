// Random filters on random records, against an evaluator that shares nothing with the real one.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "support/naive_filter.hpp"
#include "support/parsed.hpp"
#include "support/random_filter.hpp"
#include "support/random_record.hpp"

namespace xrayd::local::test {
namespace {

constexpr int records_a_run = 60;
constexpr int filters_a_run = 2500;

std::vector<TraceRecord> records(std::mt19937& random) {
  std::vector<TraceRecord> made;
  for (int i = 0; i < records_a_run; ++i) made.push_back(random_record(random));
  return made;
}

class FilterProperties : public testing::TestWithParam<unsigned> {};

TEST_P(FilterProperties, filters_match_as_a_plain_evaluator_says) {
  std::mt19937 random(GetParam());
  const auto all = records(random);
  std::size_t matched = 0;
  for (int i = 0; i < filters_a_run; ++i) {
    const NaiveFilter plain = random_filter(random);
    const std::string text = text_of(plain, random);
    ASSERT_EQ(error_of(text), "") << text;
    const Filter filter = parsed(text);
    const std::string account = i % 2 == 0 ? "" : "222";
    for (std::size_t record = 0; record < all.size(); ++record) {
      const bool expected = naive_matches(plain, all[record], account);
      ASSERT_EQ(filter.matches(all[record], account), expected)
          << text << "\non record " << record << " of seed " << GetParam();
      matched += expected ? 1 : 0;
    }
  }
  // Where hardly anything matched, or everything did, nothing was shown.
  const auto tries = static_cast<std::size_t>(records_a_run) * filters_a_run;
  EXPECT_GT(matched, tries / 5);
  EXPECT_LT(matched, tries * 4 / 5);
}

TEST_P(FilterProperties, terms_hold_for_every_match) {
  std::mt19937 random(GetParam() + 1000);
  const auto all = records(random);
  std::size_t excluded = 0;
  std::size_t kept = 0;
  for (int i = 0; i < filters_a_run; ++i) {
    const std::string text = text_of(random_filter(random), random);
    const Filter filter = parsed(text);
    for (const TraceRecord& record : all) {
      for (const FilterTerm& term : filter.terms()) {
        const bool has = naive_has(term, record);
        (has ? kept : excluded) += 1;
        ASSERT_TRUE(has || !filter.matches(record)) << text;
      }
    }
  }
  EXPECT_GT(excluded, 1000U);
  EXPECT_GT(kept, 1000U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FilterProperties, testing::Values(1U, 2U, 3U));

}  // namespace
}  // namespace xrayd::local::test
