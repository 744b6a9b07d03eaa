// Matching is done for every trace of a list: it asks for no memory.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "support/allocations.hpp"
#include "support/parsed.hpp"
#include "support/random_record.hpp"

namespace xrayd::local::test {
namespace {

TEST(FilterAllocations, matching_makes_none) {
  std::mt19937 random(7);
  std::vector<TraceRecord> records;
  while (records.size() < 50) {
    TraceRecord record = random_record(random);
    if (record.nodes.size() <= RecordLimits{}.nodes) records.push_back(std::move(record));
  }
  for (const char* expression :
       {"fault", "responsetime > 0.5 AND http.status = 200", "user CONTAINS \"front\"",
        "annotation.age = 1 OR !annotation[\"a.b\"]", "name = front type = remote message",
        "service(\"front\") { fault OR user = x OR annotation.ok }",
        "edge(\"front\", \"back\") { error AND destination.annotation.age > 0 }",
        "rootcause.fault.exception { last AND message ENDSWITH \"on\" }",
        "json != #[{\"Services\": [{\"Name\": \"front\", \"EntityPath\": [{}]}]}]"}) {
    const Filter filter = parsed(expression);
    const std::uint64_t before = support::allocations();
    std::size_t matched = 0;
    for (const TraceRecord& record : records) matched += filter.matches(record, "111") ? 1 : 0;
    EXPECT_EQ(support::allocations(), before) << expression;
    EXPECT_LT(matched, records.size()) << expression;
  }
}

}  // namespace
}  // namespace xrayd::local::test
