// What stores may look up before they read traces.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "support/parsed.hpp"

namespace xrayd::local::test {
namespace {

using Kind = FilterTerm::Kind;
using Terms = std::vector<FilterTerm>;

Terms terms(std::string_view expression) {
  return parsed(expression).terms();
}

TEST(FilterTerms, come_of_equalities) {
  EXPECT_EQ(terms("annotation.a = \"x\""), Terms({{Kind::annotation, "a", std::string("x")}}));
  EXPECT_EQ(terms("annotation[\"a.b\"] = 5"), Terms({{Kind::annotation, "a.b", 5.0}}));
  EXPECT_EQ(terms("annotation.a != false"), Terms({{Kind::annotation, "a", true}}));
  EXPECT_EQ(terms("user = alice"), Terms({{Kind::user, "", std::string("alice")}}));
  EXPECT_EQ(terms("http.url = \"u\" http.method = GET http.status = 500"),
            Terms({{Kind::http_url, "", std::string("u")},
                   {Kind::http_method, "", std::string("GET")},
                   {Kind::http_status, "", 500.0}}));
  EXPECT_EQ(terms("fault"), Terms({{Kind::fault, "", true}}));
  EXPECT_EQ(terms("error = false"), Terms({{Kind::error, "", false}}));
  EXPECT_EQ(
      terms("ok"),
      Terms({{Kind::fault, "", false}, {Kind::error, "", false}, {Kind::throttle, "", false}}));
}

TEST(FilterTerms, know_one_zero_only) {
  const Terms found = terms("annotation.a = -0.0");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(std::signbit(std::get<double>(found[0].value)));
}

TEST(FilterTerms, come_of_services_and_edges_with_names) {
  EXPECT_EQ(terms("service(\"a\") { fault }"), Terms({{Kind::service, "", std::string("a")}}));
  EXPECT_EQ(terms("edge(\"a\", id(name: \"b\", type: \"t\")) { annotation.x = 1 }"),
            Terms({{Kind::service, "", std::string("a")}, {Kind::service, "", std::string("b")}}));
  EXPECT_EQ(terms("service() AND service(id(type: \"t\")) AND edge(,)"), Terms());
}

TEST(FilterTerms, come_of_conjunctions_only) {
  EXPECT_EQ(terms("(fault (user = a)) AND (duration > 5 OR error)"),
            Terms({{Kind::fault, "", true}, {Kind::user, "", std::string("a")}}));
  EXPECT_EQ(terms("fault OR error"), Terms());
  EXPECT_EQ(terms("!fault AND NOT service(\"a\")"), Terms());
}

TEST(FilterTerms, tell_nothing_of_what_is_no_equality) {
  EXPECT_EQ(terms("annotation.a > 5 annotation.b annotation.c CONTAINS \"x\" user != a "
                  "http.status != 5 duration = 5 partial !ok ok = false json = #[{}]"),
            Terms());
}

TEST(FilterTerms, of_groups_count) {
  const GroupFilters groups = [](std::string_view) { return std::string("fault user = a"); };
  EXPECT_EQ(parsed("group.name = x AND error", groups).terms().size(), 3U);
  EXPECT_EQ(parsed("group.name != x", groups).terms().size(), 0U);
}

TEST(FilterTerms, are_few_and_different) {
  EXPECT_EQ(terms("fault fault fault").size(), 1U);
  std::string many = "ok";
  for (int i = 0; i < 100; ++i) many += " annotation.a" + std::to_string(i) + " = 1";
  EXPECT_EQ(terms(many).size(), 32U);
}

}  // namespace
}  // namespace xrayd::local::test
