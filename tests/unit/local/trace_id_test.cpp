#include "local/document/trace_id.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <unordered_set>

namespace xrayd::local {
namespace {

TEST(TraceId, both_forms_are_the_same_id) {
  const auto xray = parse_trace_id("1-5759e988-bd862e3fe1be46a994272793");
  const auto w3c = parse_trace_id("5759E988BD862E3FE1BE46A994272793");
  ASSERT_TRUE(xray && w3c);
  EXPECT_EQ(*xray, *w3c);
  EXPECT_EQ(w3c->to_string(), "1-5759e988-bd862e3fe1be46a994272793");
  EXPECT_EQ(xray->epoch_seconds(), 0x5759e988U);
}

TEST(TraceId, leading_zeros_stay) {
  EXPECT_EQ(parse_trace_id("00000001000000020000000000000003")->to_string(),
            "1-00000001-000000020000000000000003");
}

TEST(TraceId, bytes_come_back_and_sort_like_ids) {
  const TraceId small{1, 0xFF};
  const TraceId large{2, 1};
  EXPECT_EQ(trace_id_from_bytes(to_bytes(large)), large);
  EXPECT_LT(to_bytes(small), to_bytes(large));
}

TEST(TraceId, everything_else_is_refused) {
  for (const auto* text :
       {"", "1", "2-5759e988-bd862e3fe1be46a994272793", "1-5759e988-bd862e3fe1be46a99427279",
        "1-5759e988-bd862e3fe1be46a9942727933", "1-5759e98g-bd862e3fe1be46a994272793",
        "1-5759e988bbd862e3fe1be46a994272793", "1-5759e98--bd862e3fe1be46a994272793",
        "5759e988bd862e3fe1be46a99427279x", "-759e988bd862e3fe1be46a994272793"}) {
    EXPECT_FALSE(parse_trace_id(text)) << text;
  }
}

TEST(EntityId, is_sixteen_hex_digits) {
  EXPECT_EQ(parse_entity_id("00000000000000fF"), 255U);
  EXPECT_EQ(entity_id_text(255), "00000000000000ff");
  for (const auto* text : {"", "ff", "00000000000000fg", "000000000000000ff", "-0000000000000ff",
                           "0x000000000000ff"}) {
    EXPECT_FALSE(parse_entity_id(text)) << text;
  }
}

// Whoever sends documents chooses the ids: with the id itself as the hash, multiples of a table's
// size would all lie in one bucket.
TEST(EntityId, hashes_spread_ids_that_were_chosen_to_collide) {
  constexpr EntityId count = 30000;
  std::unordered_set<EntityId, EntityIdHash> ids;
  ids.reserve(count);
  const EntityId buckets = ids.bucket_count();
  for (EntityId n = 1; n <= count; ++n) ids.insert(n * buckets);
  std::size_t fullest = 0;
  for (std::size_t i = 0; i < ids.bucket_count(); ++i) {
    fullest = std::max(fullest, ids.bucket_size(i));
  }
  EXPECT_LT(fullest, 30U);
}

}  // namespace
}  // namespace xrayd::local
