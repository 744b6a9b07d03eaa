#include <xray/trace_id.hpp>

#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <thread>
#include <unordered_set>

TEST(TraceId, a_parsed_id_writes_the_same_text) {
  const std::string text = "1-5759e988-bd862e3fe1be46a994272793";
  const auto id = xray::TraceId::parse(text);
  ASSERT_TRUE(id.valid());
  EXPECT_EQ(id.to_string(), text);
  EXPECT_EQ(id.epoch_seconds(), 0x5759e988U);
  EXPECT_EQ(xray::TraceId::parse("1-5759E988-BD862E3FE1BE46A994272793").to_string(), text);
}

TEST(TraceId, what_is_not_an_id_is_invalid) {
  for (const char* text :
       {"", "1", "2-5759e988-bd862e3fe1be46a994272793", "1-5759e988-bd862e3fe1be46a99427279",
        "1-5759e988-bd862e3fe1be46a9942727933", "1-5759e98g-bd862e3fe1be46a994272793",
        "1-5759e988bbd862e3fe1be46a994272793-", "1-00000000-000000000000000000000000",
        "1-5759e988-bd862e3fe1be46a99427279 ", "1+5759e988-bd862e3fe1be46a994272793"}) {
    EXPECT_FALSE(xray::TraceId::parse(text).valid()) << text;
  }
}

TEST(TraceId, a_new_id_begins_now_and_is_unique_over_threads) {
  const auto now = static_cast<std::uint32_t>(std::time(nullptr));
  std::unordered_set<std::string> seen;
  for (int round = 0; round < 4; ++round) {
    std::thread([&] {
      for (int i = 0; i < 1000; ++i) {
        const auto id = xray::TraceId::generate();
        EXPECT_NEAR(id.epoch_seconds(), now, 60);
        EXPECT_TRUE(seen.insert(id.to_string().str()).second);
      }
    }).join();
  }
}

TEST(TraceId, its_text_compares_and_joins_as_texts_do) {
  const auto id = xray::TraceId::parse("1-5759e988-bd862e3fe1be46a994272793");
  const auto text = id.to_string();
  EXPECT_TRUE(text == id.to_string());
  EXPECT_TRUE("1-5759e988-bd862e3fe1be46a994272793" == text);
  EXPECT_TRUE(text != std::string("other"));
  EXPECT_EQ("trace " + text, "trace 1-5759e988-bd862e3fe1be46a994272793");
  EXPECT_EQ(text + ".json", "1-5759e988-bd862e3fe1be46a994272793.json");
}
