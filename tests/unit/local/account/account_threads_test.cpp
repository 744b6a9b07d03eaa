#include <thread>
#include <vector>

#include "account_api_test.hpp"

namespace xrayd::local {
namespace {

constexpr int rounds = 15;

TEST_F(AccountApiTest, many_threads_change_and_ask_and_nothing_is_lost) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      const std::string n = std::to_string(t);
      const std::string name = R"({"GroupName":"g)" + n + '"';
      call("/CreateGroup", name + R"(,"FilterExpression":"fault"})");
      for (int i = 0; i < rounds; ++i) {
        const std::string passing = R"({"GroupName":"p)" + n + '"';
        call("/CreateGroup", passing + R"(,"FilterExpression":"fault"})");
        call("/TagResource",
             R"({"ResourceARN":"arn:aws:xray:us-east-1:000000000000:group/Default","Tags":[)"
             R"({"Key":"t)" +
                 n + R"(","Value":")" + std::to_string(i) + R"("}]})");
        call("/PutResourcePolicy",
             R"({"PolicyName":"same","PolicyDocument":)" +
                 json_text(R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"a"}})") +
                 "}");
        call("/Groups");
        call("/TelemetryRecords",
             R"({"TelemetryRecords":[{"Timestamp":1}],"Hostname":")" + n + "\"}");
        CounterRows rows;
        backend_->report(rows);
        call("/DeleteGroup", passing + "}");
      }
    });
  }
  for (auto& thread : threads) thread.join();

  for (int starts = 0; starts < 2; ++starts) {
    const auto groups = ask("/Groups");
    EXPECT_EQ(member(groups.value(), "Groups")->Size(), 5U);
    const auto policies = ask("/ListResourcePolicies");
    EXPECT_EQ(text_member((*member(policies.value(), "ResourcePolicies"))[0], "PolicyRevisionId"),
              std::to_string(4 * rounds));
    const auto tags = ask("/ListTagsForResource",
                          R"({"ResourceARN":"arn:aws:xray:us-east-1:000000000000:group/Default"})");
    const auto& list = *member(tags.value(), "Tags");
    ASSERT_EQ(list.Size(), 4U);
    for (const auto& tag : list.GetArray()) {
      EXPECT_EQ(text_member(tag, "Value"), std::to_string(rounds - 1));
    }
    restart();
  }
}

}  // namespace
}  // namespace xrayd::local
