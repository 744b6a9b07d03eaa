#include "local/account/policy_document.hpp"

#include <gtest/gtest.h>

#include <string>

namespace xrayd::local {
namespace {

std::string with(const std::string& statement) {
  return R"({"Version":"2012-10-17","Statement":)" + statement + "}";
}

TEST(PolicyDocument, policies_of_every_shape_are_taken) {
  for (const char* statement : {
           R"({"Effect":"Allow","Principal":"*","Action":"xray:PutTraceSegments"})",
           R"([{"Effect":"Deny","Principal":{"AWS":"1"},"Action":["a","b"]}])",
           R"([{"Sid":"x","Effect":"Allow","Principal":{"Service":["sns.amazonaws.com"]},)"
           R"("Action":"*","Resource":"*","Condition":{"StringEquals":{"a":"b"}}},)"
           R"({"Effect":"Allow","NotPrincipal":"*","NotAction":"a"}])",
       }) {
    EXPECT_EQ(policy_document_fault(with(statement)), "") << statement;
  }
  EXPECT_EQ(policy_document_fault(
                R"( {"Id":"x","Statement":{"Effect":"Allow","Principal":"*","Action":"a"}} )"),
            "");
}

TEST(PolicyDocument, what_is_wrong_is_named) {
  const struct {
    std::string document;
    const char* fault;
  } cases[] = {
      {"null", "Policy document must be a JSON object"},
      {std::string(100, '['), "Policy document must be a JSON object"},
      {R"({"Version":"2020-01-01","Statement":[]})", "Policy document has an unknown Version"},
      {R"({"Version":2012,"Statement":[]})", "Policy document has an unknown Version"},
      {with("null"), "Policy document must contain a Statement"},
      {with("[]"), "Policy document must contain a Statement"},
      {with("7"), "Policy statement must be an object"},
      {with("[{},[]]"), "Policy statement must contain a valid Effect"},
      {with(R"({"Effect":"allow","Principal":"*","Action":"a"})"),
       "Policy statement must contain a valid Effect"},
      {with(R"({"Effect":"Allow","Action":"a"})"),
       "Policy statement must contain a valid Principal"},
      {with(R"({"Effect":"Allow","Principal":"me","Action":"a"})"),
       "Policy statement must contain a valid Principal"},
      {with(R"({"Effect":"Allow","Principal":{},"Action":"a"})"),
       "Policy statement must contain a valid Principal"},
      {with(R"({"Effect":"Allow","Principal":{"AWS":[]},"Action":"a"})"),
       "Policy statement must contain a valid Principal"},
      {with(R"({"Effect":"Allow","Principal":"*","NotPrincipal":"*","Action":"a"})"),
       "Policy statement must contain a valid Principal"},
      {with(R"({"Effect":"Allow","Principal":"*"})"),
       "Policy statement must contain a valid Action"},
      {with(R"({"Effect":"Allow","Principal":"*","Action":[]})"),
       "Policy statement must contain a valid Action"},
      {with(R"({"Effect":"Allow","Principal":"*","Action":["a",1]})"),
       "Policy statement must contain a valid Action"},
      {with(R"([{"Effect":"Allow","Principal":"*","Action":"a"},{"Effect":"Allow"}])"),
       "Policy statement must contain a valid Principal"},
  };
  for (const auto& [document, fault] : cases) {
    EXPECT_EQ(policy_document_fault(document), fault) << document;
  }
}

TEST(PolicyDocument, who_denies_everybody_to_put_policies_locks_himself_out) {
  for (const char* statement : {
           R"({"Effect":"Deny","Principal":"*","Action":"*"})",
           R"({"Effect":"Deny","Principal":"*","Action":["a","XRAY:put*Policy"]})",
           R"({"Effect":"Deny","Principal":{"AWS":["1","*"]},"Action":"xray:PutResourcePolic?"})",
           R"({"Effect":"Deny","Principal":"*","NotAction":"xray:GetTraceSummaries"})",
           R"([{"Effect":"Allow","Principal":"*","Action":"*"},)"
           R"({"Effect":"Deny","Principal":"*","Action":"xray:**"}])",
       }) {
    EXPECT_EQ(policy_document_fault(with(statement)), "") << statement;
    EXPECT_TRUE(locks_everybody_out(with(statement))) << statement;
  }
  for (const char* statement : {
           R"({"Effect":"Allow","Principal":"*","Action":"*"})",
           R"({"Effect":"Deny","Principal":"*","Action":"xray:Put*s"})",
           R"({"Effect":"Deny","Principal":"*","Action":"xray:PutResourcePolicy?"})",
           R"({"Effect":"Deny","Principal":{"AWS":"1"},"Action":"*"})",
           R"({"Effect":"Deny","Principal":{"Service":"*"},"Action":"*"})",
           R"({"Effect":"Deny","NotPrincipal":"*","Action":"*"})",
           R"({"Effect":"Deny","Principal":"*","NotAction":["xray:*"]})",
           R"({"Effect":"Deny","Principal":"*","Action":"*","Condition":{}})",
       }) {
    EXPECT_EQ(policy_document_fault(with(statement)), "") << statement;
    EXPECT_FALSE(locks_everybody_out(with(statement))) << statement;
  }
}

}  // namespace
}  // namespace xrayd::local
