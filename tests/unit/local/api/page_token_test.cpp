// Tokens.
#include "local/api/page_token.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace xrayd::local::api {
namespace {

QueryMark mark() {
  return QueryMark("Op").add("text").add(1.5).add(std::uint64_t{7});
}

TEST(PageToken, gives_back_the_position_that_it_was_made_of) {
  const ListPosition position{1700000000.25, 1700000001.125, TraceId{7, 9}};
  const auto found = position_of(page_token(mark(), position), mark());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->listed_at, position.listed_at);
  EXPECT_EQ(found->started, position.started);
  EXPECT_EQ(found->id, position.id);
}

TEST(PageToken, gives_back_the_numbers_that_it_was_made_of) {
  const std::array<std::uint64_t, 2> place{0, std::numeric_limits<std::uint64_t>::max()};
  std::array<std::uint64_t, 2> found{};
  ASSERT_TRUE(place_of(page_token(mark(), place), mark(), found));
  EXPECT_EQ(found, place);
  std::array<std::uint64_t, 3> more{};
  EXPECT_FALSE(place_of(page_token(mark(), place), mark(), more));
}

TEST(PageToken, is_refused_by_every_other_query) {
  const auto token = page_token(mark(), ListPosition{1, 2, TraceId{3, 4}});
  for (const auto& other :
       {QueryMark("Op"), QueryMark("Other").add("text").add(1.5).add(std::uint64_t{7}),
        QueryMark("Op").add("texts").add(1.5).add(std::uint64_t{7}),
        QueryMark("Op").add("text").add(1.25).add(std::uint64_t{7}),
        QueryMark("Op").add("text").add(1.5).add(std::uint64_t{8}), mark().add("")}) {
    EXPECT_FALSE(position_of(token, other));
  }
  // What one text ends with is not what the next one begins with.
  EXPECT_NE(QueryMark("Op").add("ab").add("c").value(), QueryMark("Op").add("a").add("bc").value());
}

TEST(PageToken, is_refused_when_it_is_damaged) {
  const auto token = page_token(mark(), ListPosition{1, 2, TraceId{3, 4}});
  EXPECT_FALSE(position_of("", mark()));
  EXPECT_FALSE(position_of(token + "0", mark()));
  EXPECT_FALSE(position_of(token.substr(1), mark()));
  auto other = token;
  other[20] = 'g';
  EXPECT_FALSE(position_of(other, mark()));
  other = token;
  other[0] = other[0] == '0' ? '1' : '0';
  EXPECT_FALSE(position_of(other, mark()));
}

TEST(PageToken, has_no_position_outside_of_time) {
  constexpr double never = std::numeric_limits<double>::infinity();
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(position_of(page_token(mark(), ListPosition{never, 2, TraceId{3, 4}}), mark()));
  EXPECT_FALSE(position_of(page_token(mark(), ListPosition{1, nothing, TraceId{3, 4}}), mark()));
}

}  // namespace
}  // namespace xrayd::local::api
