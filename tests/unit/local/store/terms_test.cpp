// What the index says of a trace, and what filters find in it.
#include "local/store/terms.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "local/filter/filter.hpp"
#include "support/naive_filter.hpp"
#include "support/parsed.hpp"
#include "support/random_filter.hpp"
#include "support/random_record.hpp"
#include "support/record_builder.hpp"

namespace xrayd::local::test {
namespace {

bool admits(const std::vector<Term>& terms, const Filter& filter) {
  if (std::binary_search(terms.begin(), terms.end(), any_term)) return true;
  return std::all_of(filter.terms().begin(), filter.terms().end(), [&](const FilterTerm& wanted) {
    const auto term = term_of(wanted);
    return !term || std::binary_search(terms.begin(), terms.end(), *term);
  });
}

class IndexProperties : public testing::TestWithParam<unsigned> {};

TEST_P(IndexProperties, what_matches_is_found_by_its_terms) {
  std::mt19937 random(GetParam());
  std::vector<TraceRecord> records;
  std::vector<std::vector<Term>> terms;
  for (int i = 0; i < 100; ++i) {
    records.push_back(random_record(random));
    terms_of(records.back(), terms.emplace_back());
  }
  std::size_t found = 0;
  std::size_t left_out = 0;
  for (int i = 0; i < 2500; ++i) {
    const std::string text = text_of(random_filter(random), random);
    const Filter filter = parsed(text);
    if (filter.terms().empty()) continue;
    const std::string account = i % 2 == 0 ? "" : "222";
    for (std::size_t n = 0; n < records.size(); ++n) {
      const bool admitted = admits(terms[n], filter);
      (admitted ? found : left_out) += 1;
      ASSERT_TRUE(admitted || !filter.matches(records[n], account))
          << text << "\non record " << n << " of seed " << GetParam();
    }
  }
  EXPECT_GT(found, 1000U);
  EXPECT_GT(left_out, 1000U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, IndexProperties, testing::Values(1U, 2U, 3U, 4U));

TEST(Index, knows_services_by_what_their_callers_call_them) {
  RecordBuilder builder;
  const auto front = builder.segment(builder.node("front", "", "", NodeState::active), 0, 1);
  const auto back = builder.segment(builder.node("back", "", "", NodeState::active), 0.25, 0.5);
  builder.root(front);
  builder.call(front, back, "back.example.com", CallKind::call);
  const auto record = builder.build();
  std::vector<Term> terms;
  terms_of(record, terms);
  for (const char* text : {"service(\"back.example.com\")", "service(\"back\")",
                           "edge(\"front\", \"back.example.com\")"}) {
    const Filter filter = parsed(text);
    EXPECT_TRUE(filter.matches(record)) << text;
    EXPECT_TRUE(admits(terms, filter)) << text;
  }
  EXPECT_FALSE(admits(terms, parsed("service(\"example.com\")")));
}

}  // namespace
}  // namespace xrayd::local::test
