// What is a filter expression, and what is wrong with what isn't.
#include <gtest/gtest.h>

#include <string>

#include "support/parsed.hpp"

namespace xrayd::local::test {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(FilterParsing, takes_every_expression_of_the_guide) {
  const GroupFilters groups = [](std::string_view) { return std::string("responsetime > 1"); };
  for (const char* expression : {
           "responsetime > 5",
           "duration >= 5 AND duration <= 8",
           "ok",
           "!ok",
           "ok = false",
           "http.status != 200",
           "ok !partial duration <3",
           "http.url CONTAINS \"/api/game/\"",
           "user CONTAINS \"\"",
           "service(\"api.example.com\") { fault }",
           "service() { fault }",
           "edge(\"api.example.com\", \"backend.example.com\") { error }",
           "http.url BEGINSWITH \"http://api.example.com/\" AND http.url CONTAINS \"/v2/\" AND "
           "!service(\"api.example.com\")",
           "http.url AND responseTime > 2",
           "annotation.gameid = \"817DL6VO\"",
           "annotation.age > 29",
           "!annotation.age",
           "group.name = \"high_response_time\" AND user = \"alice\"",
           "service(\"api.amazon.com\") { fault = true OR responsetime > 2.5 } AND "
           "annotation.foo = \"bar\"",
           "service(\"example.com\") {fault OR error}",
           "service(id(name: \"random-name\", type: \"AWS::Lambda::Function\")) { error }",
           "service(id(type: \"AWS::Lambda::Function\")) { error }",
           "service(id(account.id: \"account-id\"))",
           "edge(id(name: \"service-one\", type:\"service::type\"), "
           "id(name: \"service-two\", type:\"service::type\")) { ok }",
           "rootcause.fault.entity { last and name = \"deserialize\" }",
           "rootcause.responsetime.entity { remote and coverage > 0.7 and name = \"traces\" }",
           "rootcause.fault.service { inferred and name = traces and type = \"AWS::DynamoDB\" }",
           "rootcause.fault.service { index > 5 }",
           "rootcause.fault.exception { last and message = \"Access Denied for account_id: "
           "1234567890\" }",
           "rootcause.error.exception { message CONTAINS \"not authorized\" }",
           "rootcause.fault.service { name CONTAINS \"x\" } AND "
           "(service(id(type: \"Database::SQL\")))",
           "rootcause.json = #[{ \"Services\": [ { \"Name\": \"GetWeatherData\", \"EntityPath\": "
           "[{ \"Name\": \"GetWeatherData\" }, { \"Name\": \"get_temperature\" } ] } ] }]",
       }) {
    EXPECT_EQ(error_of(expression, groups), "") << expression;
  }
}

TEST(FilterParsing, takes_what_the_service_takes_beyond_its_guide) {
  for (const char* expression : {
           "fault = \"true\"",
           "service(id(name: \"x\")) { fault AND name ENDSWITH \"-back\" }",
           "edge(id(name: \"a\", type: \"client\"), id(name: \"a\")) { error }",
           "rootcause.fault.entity { first AND index = 0 }",
           "rootcause.responsetime.entity { !remote AND coverage = 0.75 AND index = 1 }",
           "service(\"data-plane\"){root = true and fault = true}",
           "annotation[age] > 29",
           "annotation[\"request.id\"] = 1",
           "annotation[request.id] = 1",
           "service() { annotation[\"a.b\"] AND annotation.c = true }",
           "edge(\"a\", \"b\") { source.annotation.k = 1 OR destination.annotation[\"k.x\"] = 2 }",
           "edge(,)",
           "edge()",
           "edge(\"a\",)",
           "edge(, \"b\") { http.status = 500 }",
           "coldstart",
           "rootcause.fault.json = #{\"ClientImpacting\": true}",
           "json != #[{\"Services\": [{\"Type\": null}]}]",
           "NOT NOT ok",
           "((ok))",
           "name = AWS::Some-thing/of@mine",
           "duration > +1.5e-1 AND duration < .5",
           "duration>-1",
           "FAULT Or Error aNd http.URL contains \"x\" And not OK",
           "\n\tok\r\n",
           "user = \"J\xc3\xb6rg \\\"x\\\" \\\\ \\d\"",
       }) {
    EXPECT_EQ(error_of(expression), "") << expression;
  }
}

TEST(FilterParsing, refuses_what_the_service_refuses) {
  EXPECT_EQ(error_of("edge(\"only\")"), "1:12: expected ','");
  EXPECT_EQ(error_of("service(id(name: \"a\", name: \"b\"))"), "1:23: 'name' is there twice");
  EXPECT_EQ(error_of("service() { edge(\"a\",\"b\") }"),
            "1:13: 'edge' can't stand in service(...) { }");
  EXPECT_EQ(error_of("http.url > \"x\""),
            "1:10: '>' is not for http.url, which takes = != CONTAINS BEGINSWITH ENDSWITH");
  EXPECT_EQ(error_of("duration CONTAINS \"1\""),
            "1:10: 'CONTAINS' is not for duration, which takes = != < <= > >=");
  EXPECT_EQ(error_of("rootcause.fault.entity { coverage > 0.5 }"),
            "1:26: 'coverage' stands only in rootcause.responsetime.entity { }");
  EXPECT_EQ(error_of("annotation.request.id = 1"),
            "1:19: a key with dots takes brackets: annotation[\"request.id\"]");
}

TEST(FilterParsing, says_what_was_expected_and_where) {
  EXPECT_EQ(error_of("duration >"), "1:11: expected a number");
  EXPECT_EQ(error_of("duration > \"5\""), "1:12: expected a number");
  EXPECT_EQ(error_of("duration > inf"), "1:12: expected a number");
  EXPECT_EQ(error_of("duration > nan"), "1:12: expected a number");
  EXPECT_EQ(error_of("duration > 5s"), "1:12: expected a number");
  EXPECT_EQ(error_of("duration > 1e999"), "1:12: this number is too large, or too small");
  EXPECT_EQ(error_of("annotation.a = 1e999"), "1:16: this number is too large, or too small");
  EXPECT_EQ(error_of("user = 5"), "1:8: expected text in quotation marks");
  EXPECT_EQ(error_of("user = true"), "1:8: expected text in quotation marks");
  EXPECT_EQ(error_of("fault = 1"), "1:9: expected true or false");
  EXPECT_EQ(error_of("fault = \"yes\""), "1:9: expected true or false");
  EXPECT_EQ(error_of("fault > true"), "1:7: '>' is not for fault, which takes = !=");
  EXPECT_EQ(error_of("annotation.a > \"x\""), "1:16: expected a number");
  EXPECT_EQ(error_of("annotation.a CONTAINS 5"), "1:23: expected text in quotation marks");
  EXPECT_EQ(error_of("annotation.a ="), "1:15: expected text, a number, true or false");
  EXPECT_EQ(error_of("annotation"), "1:11: expected '.' or '[' and an annotation's key");
  EXPECT_EQ(error_of("annotation[]"), "1:12: expected an annotation's key");
  EXPECT_EQ(error_of("annotation[\"\"]"), "1:12: expected an annotation's key");
  EXPECT_EQ(error_of("annotation[a"), "1:13: expected ']'");
  EXPECT_EQ(error_of("annotation. = 1"), "1:12: expected an annotation's key");
  EXPECT_EQ(error_of("fallt"), "1:1: there is no keyword 'fallt'");
  EXPECT_EQ(error_of("ok AND"), "1:7: expected a filter such as fault or http.url");
  EXPECT_EQ(error_of("ok OR OR error"), "1:7: expected a filter such as fault or http.url");
  EXPECT_EQ(error_of("()"), "1:2: expected a filter such as fault or http.url");
  EXPECT_EQ(error_of("service(){}"), "1:11: expected a filter such as fault or http.url");
  EXPECT_EQ(error_of("(ok"), "1:4: expected ')'");
  EXPECT_EQ(error_of("(ok}"), "1:4: expected ')'");
  EXPECT_EQ(error_of("ok)"), "1:3: ')' closes nothing");
  EXPECT_EQ(error_of("ok}"), "1:3: '}' closes nothing");
  EXPECT_EQ(error_of("service() { ok"), "1:15: expected '}'");
  EXPECT_EQ(error_of("service"), "1:8: expected '('");
  EXPECT_EQ(error_of("service(api)"), "1:9: expected a name in quotation marks, or id(...)");
  EXPECT_EQ(error_of("service(id())"), "1:12: expected name:, type: or account.id:");
  EXPECT_EQ(error_of("service(id(name \"x\"))"), "1:17: expected ':'");
  EXPECT_EQ(error_of("service(id(name: x))"), "1:18: expected text in quotation marks");
  EXPECT_EQ(error_of("service(id(name: \"x\",))"), "1:22: expected name:, type: or account.id:");
  EXPECT_EQ(error_of("edge(\"a\", \"b\", \"c\")"), "1:14: expected ')'");
  EXPECT_EQ(error_of("user = \"open"), "1:8: this text has no closing quotation mark");
  EXPECT_EQ(error_of("\"text\""), "1:1: expected a filter such as fault or http.url");
  EXPECT_EQ(error_of("ok & error"), "1:4: expected a filter such as fault or http.url");
  EXPECT_EQ(error_of("ok == true"), "1:5: expected true or false");
  EXPECT_EQ(error_of("CONTAINS \"x\""), "1:1: expected a keyword before CONTAINS");
  EXPECT_EQ(error_of("json = [1]"), "1:8: expected # and JSON: #[{\"Services\": ...}]");
  EXPECT_EQ(error_of("json > #[1]"), "1:6: expected = or !=");
  EXPECT_EQ(error_of("json = #[{]"), "1:8: this JSON has no end");
  EXPECT_EQ(error_of("json = #[{,}]"), "1:8: expected valid JSON");
  EXPECT_EQ(error_of("json = #5"), "1:9: expected a JSON list or object");
  EXPECT_EQ(error_of("json = #[]"), "1:8: expected at least one root cause in the list");
  EXPECT_EQ(error_of("json = #[[]]"), "1:8: expected JSON objects within the list");
  EXPECT_EQ(error_of("json = #{\"Service\": []}"), "1:8: root causes have no 'Service' there");
  EXPECT_EQ(error_of("json = #{\"Services\": [{\"Name\": 5}]}"), "1:8: Name should be text");
  EXPECT_EQ(error_of("rootcause.warning.service"),
            "1:1: expected rootcause.json, or rootcause., one of fault, error, responsetime, and "
            "one of .service, .entity, .exception, .json");
}

TEST(FilterParsing, keywords_stand_where_they_mean_something) {
  for (const char* expression :
       {"first", "remote", "inferred", "root", "index = 1", "coverage > 0",
        "service() { service() }", "service() { group.name = \"a\" }",
        "edge(,) { rootcause.fault.service }", "service() { json = #[{}] }",
        "service() { coverage > 0 }", "source.annotation.a = 1",
        "service() { source.annotation.a = 1 }", "rootcause.fault.service { annotation.a }",
        "rootcause.fault.service { fault }", "rootcause.fault.service { message = \"x\" }",
        "rootcause.fault.exception { remote }", "rootcause.fault.entity { type = \"x\" }",
        "rootcause.responsetime.service { coverage > 0.5 }"}) {
    EXPECT_NE(error_of(expression), "") << expression;
  }
}

TEST(FilterParsing, counts_characters_and_lines_from_one) {
  EXPECT_EQ(error_of("user = \"J\xc3\xb6rg\" AND x"), "1:19: there is no keyword 'x'");
  EXPECT_EQ(error_of("ok AND\n  x"), "2:3: there is no keyword 'x'");
  EXPECT_EQ(error_of("user = \"a\nb\" AND\r\n\nx"), "4:1: there is no keyword 'x'");
}

TEST(FilterParsing, says_it_as_the_service_does) {
  const auto filter = Filter::parse("http.url > \"x\"", nullptr);
  EXPECT_EQ(
      std::get<FilterError>(filter).message,
      "Error Location: line 1, position 10 : Invalid input symbol: 'http.url > \"x\"': '>' is "
      "not for http.url, which takes = != CONTAINS BEGINSWITH ENDSWITH");
}

TEST(FilterParsing, nothing_asked_for_is_everything) {
  EXPECT_TRUE(Filter().is_everything());
  EXPECT_TRUE(parsed("").is_everything());
  EXPECT_TRUE(parsed(" \t\r\n").is_everything());
  EXPECT_FALSE(parsed("ok").is_everything());
  EXPECT_TRUE(parsed("").matches(TraceRecord()));
  EXPECT_TRUE(parsed("").terms().empty());
}

TEST(FilterParsing, nesting_ends_at_a_hundred) {
  const auto nested = [](std::size_t depth) {
    return repeated("(", depth) + "ok" + repeated(")", depth);
  };
  EXPECT_EQ(error_of(nested(100)), "");
  EXPECT_EQ(error_of(nested(101)), "1:101: this is nested deeper than 100");
  EXPECT_EQ(error_of(repeated("!", 100) + "ok"), "");
  EXPECT_EQ(error_of(repeated("!", 101) + "ok"), "1:101: this is nested deeper than 100");
  EXPECT_EQ(error_of(repeated("(", 99) + "service() { !ok }" + repeated(")", 99)),
            "1:112: this is nested deeper than 100");
  EXPECT_EQ(error_of(repeated("(", 8192)), "1:101: this is nested deeper than 100");
  // What stands side by side is no deeper.
  EXPECT_EQ(error_of(repeated("(!ok) ", 1000)), "");
}

TEST(FilterParsing, length_ends_at_8192_bytes) {
  EXPECT_EQ(error_of("ok" + std::string(8190, ' ')), "");
  EXPECT_EQ(error_of("ok" + std::string(8191, ' ')), "1:8193: this is longer than 8192 bytes");
  const auto filter = Filter::parse(std::string(10'000'000, '('), nullptr);
  EXPECT_LT(std::get<FilterError>(filter).message.size(), 10'000U);
}

TEST(FilterParsing, json_is_no_way_round_the_depth) {
  EXPECT_EQ(error_of("json = #" + repeated("[", 4000) + repeated("]", 4000)),
            "1:8: this JSON is nested too deep");
}

}  // namespace
}  // namespace xrayd::local::test
