#include "local/filter/entity_selector.hpp"

#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace xrayd::local {
namespace {

EntitySelector selected(std::string_view expression) {
  return std::get<EntitySelector>(EntitySelector::parse(expression));
}

std::string error_of(std::string_view expression) {
  const auto parsed = EntitySelector::parse(expression);
  const auto* error = std::get_if<FilterError>(&parsed);
  return error == nullptr ? std::string() : std::to_string(error->position) + ": " + error->what;
}

TEST(EntitySelectors, name_a_service) {
  const auto selector = selected(" service(\"a\") ");
  EXPECT_FALSE(selector.is_edge);
  EXPECT_TRUE(selector.source.matches("a", "AWS::EC2::Instance", "1"));
  EXPECT_FALSE(selector.source.matches("b", "", ""));
}

TEST(EntitySelectors, ask_for_type_and_account) {
  const auto selector =
      selected("Service(id(account.id: \"1\", type: \"remote\", name: \"a \\\"b\\\"\"))");
  EXPECT_TRUE(selector.source.matches("a \"b\"", "remote", "1"));
  EXPECT_FALSE(selector.source.matches("a \"b\"", "remote", "2"));
  EXPECT_FALSE(selector.source.matches("a \"b\"", "client", "1"));
  EXPECT_FALSE(selector.source.matches("a", "remote", "1"));
}

TEST(EntitySelectors, name_an_edge) {
  const auto selector = selected("edge(id(name: \"a\", type: \"client\"), \"b\")");
  EXPECT_TRUE(selector.is_edge);
  EXPECT_TRUE(selector.source.matches("a", "client", ""));
  EXPECT_TRUE(selector.target.matches("b", "", ""));
  EXPECT_FALSE(selector.target.matches("a", "", ""));
}

TEST(EntitySelectors, without_names_mean_any) {
  EXPECT_TRUE(selected("service()").source.matches("a", "b", "c"));
  EXPECT_TRUE(selected("edge(,)").target.matches("a", "b", "c"));
  EXPECT_TRUE(selected("edge()").is_edge);
}

TEST(EntitySelectors, are_nothing_else) {
  EXPECT_EQ(error_of(""), "1: expected service(...) or edge(..., ...)");
  EXPECT_EQ(error_of("fault"), "1: expected service(...) or edge(..., ...)");
  EXPECT_EQ(error_of("service(\"a\") { fault }"), "14: expected nothing after the service or edge");
  EXPECT_EQ(error_of("service(\"a\") AND ok"), "14: expected nothing after the service or edge");
  EXPECT_EQ(error_of("edge(\"a\")"), "9: expected ','");
  EXPECT_EQ(error_of("service(\"a\", \"b\")"), "12: expected ')'");
  EXPECT_EQ(error_of("service(" + std::string(9000, ' ')), "8193: this is longer than 8192 bytes");
}

}  // namespace
}  // namespace xrayd::local
