// What each keyword means, of traces, of services and of edges.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "support/parsed.hpp"
#include "support/record_builder.hpp"

namespace xrayd::local::test {
namespace {

// client -> front (2 s, ok, 200) -> back (1.5 s, fault, 500; called "back.internal") -> table (429)
class FilterMatching : public testing::Test {
 protected:
  FilterMatching() {
    client_ = builder_.node("front", "client", {}, NodeState::unknown);
    const auto front = builder_.node("front", "AWS::EC2::Instance", "111");
    const auto back = builder_.node("back");
    const auto table = builder_.node("table", "AWS::DynamoDB::Table", {}, NodeState::unknown);
    front_ = builder_.segment(front, 0, 2);
    back_ = builder_.segment(back, 0.25, 1.75);
    table_ = builder_.segment(table, 0.5, 0.75);

    auto& first = builder_[front_];
    first.http = {"GET", "http://front.example/v2/", "curl/8", "10.0.0.1", 200};
    first.user = "alice";
    first.instance_id = "i-1";
    first.availability_zone = "eu-1a";
    first.last_end = *first.end + 1;
    auto& second = builder_[back_];
    second.outcome.fault = true;
    second.http = {"POST", "http://back.internal/", "", "", 500};
    second.user = "bob";
    second.resource_arn = "arn:back";
    second.cold_start = true;
    auto& third = builder_[table_];
    third.outcome = {false, true, true};
    third.http.status = 429;

    builder_.client_call(client_, front_);
    auto& call = builder_.call_at(builder_.call(front_, back_, "back.internal"));
    call.http = {"POST", "http://back.internal/called", "", "", 502};
    builder_.call(back_, table_);

    builder_.annotation(front_, "age", 30.0);
    builder_.annotation(front_, "game", std::string_view("chess"));
    builder_.annotation(back_, "age", std::string_view("30"));
    builder_.annotation(back_, "request.id", std::string_view("r1"));
    builder_.annotation(back_, "vip", true);
    builder_.message(back_, "out of paper");
  }

  bool matches(std::string_view expression) {
    if (!built_) record_ = builder_.build();
    built_ = true;
    return parsed(expression).matches(record_, "999");
  }

  RecordBuilder builder_;
  RecordIndex client_ = no_index;
  RecordIndex front_ = no_index;
  RecordIndex back_ = no_index;
  RecordIndex table_ = no_index;

 private:
  TraceRecord record_;
  bool built_ = false;
};

TEST_F(FilterMatching, outcomes_of_a_trace_are_those_of_its_root) {
  EXPECT_TRUE(matches("ok"));
  EXPECT_TRUE(matches("ok = true"));
  EXPECT_TRUE(matches("ok != false"));
  EXPECT_FALSE(matches("!ok"));
  EXPECT_FALSE(matches("fault OR error OR throttle"));
  EXPECT_TRUE(matches("fault = false AND error != true AND throttle = \"false\""));
}

TEST_F(FilterMatching, a_throttled_root_has_no_error) {
  builder_[front_].outcome = {false, true, true};
  EXPECT_TRUE(matches("throttle AND !error AND !ok"));
  EXPECT_TRUE(matches("service(id(account.id: \"111\")) { throttle AND error }"));
}

TEST_F(FilterMatching, numbers_of_a_trace) {
  EXPECT_TRUE(matches("responsetime = 2"));
  EXPECT_TRUE(matches("duration = 3"));
  EXPECT_TRUE(matches("duration >= 3 duration <= 3 !(duration > 3) !(duration < 3)"));
  EXPECT_TRUE(matches("http.status = 200 AND http.status != 500"));
  EXPECT_FALSE(matches("http.status = 500"));
  EXPECT_TRUE(matches("responsetime"));
}

TEST_F(FilterMatching, http_of_a_trace_is_that_of_its_root) {
  EXPECT_TRUE(matches("http.url CONTAINS \"/v2/\""));
  EXPECT_TRUE(matches("http.url BEGINSWITH \"http://front\""));
  EXPECT_TRUE(matches("http.url ENDSWITH \"v2/\""));
  EXPECT_FALSE(matches("http.url ENDSWITH \"v2\""));
  EXPECT_FALSE(matches("http.url CONTAINS \"back.internal\""));
  EXPECT_TRUE(
      matches("http.method = \"GET\" http.useragent = \"curl/8\" http.clientip = "
              "\"10.0.0.1\""));
  EXPECT_TRUE(matches("http.url"));
}

TEST_F(FilterMatching, texts_compare_in_their_case) {
  EXPECT_FALSE(matches("http.method = \"get\""));
  EXPECT_FALSE(matches("http.url CONTAINS \"FRONT\""));
  EXPECT_FALSE(matches("service(\"Front\")"));
  EXPECT_FALSE(matches("annotation.Age"));
}

TEST_F(FilterMatching, other_texts_of_a_trace_are_those_of_any_segment) {
  EXPECT_TRUE(matches("user = \"alice\" AND user = \"bob\""));
  EXPECT_TRUE(matches("user != \"alice\""));
  EXPECT_FALSE(matches("user = \"carol\""));
  EXPECT_TRUE(matches("name = front AND name = back AND name = table"));
  EXPECT_TRUE(matches("type = \"AWS::DynamoDB::Table\""));
  EXPECT_FALSE(matches("type = \"client\""));
  EXPECT_TRUE(matches("message CONTAINS \"paper\""));
  EXPECT_TRUE(matches("availabilityzone = \"eu-1a\" instance.id = \"i-1\""));
  EXPECT_TRUE(matches("resource.arn = \"arn:back\""));
  EXPECT_TRUE(matches("account.id = \"111\" AND account.id = \"999\""));
  EXPECT_FALSE(matches("account.id = \"222\""));
}

TEST_F(FilterMatching, containing_nothing_means_being_there) {
  EXPECT_TRUE(matches("user CONTAINS \"\""));
  EXPECT_TRUE(matches("annotation.age CONTAINS \"\""));
  EXPECT_TRUE(matches("annotation.vip CONTAINS \"\""));
  EXPECT_FALSE(matches("annotation.none CONTAINS \"\""));
  EXPECT_FALSE(matches("service(\"table\") { user CONTAINS \"\" }"));
}

TEST_F(FilterMatching, what_is_absent_differs_from_nothing) {
  EXPECT_FALSE(matches("service(\"table\") { user != \"alice\" }"));
  EXPECT_TRUE(matches("service(\"table\") { !(user = \"alice\") }"));
  EXPECT_FALSE(matches("annotation.none != 1"));
  EXPECT_TRUE(matches("!annotation.none"));
  EXPECT_TRUE(matches("!(annotation.none != 1)"));
}

TEST_F(FilterMatching, annotations_compare_with_values_of_their_type) {
  EXPECT_TRUE(matches("annotation.age = 30"));
  EXPECT_TRUE(matches("annotation.age = \"30\""));
  EXPECT_TRUE(matches("annotation.age > 29 AND annotation.age <= 30"));
  EXPECT_FALSE(matches("annotation.age > 30"));
  EXPECT_FALSE(matches("annotation.age != 30"));
  EXPECT_FALSE(matches("annotation.game != 30"));
  EXPECT_FALSE(matches("annotation.game != true"));
  EXPECT_TRUE(matches("annotation.game != \"go\""));
  EXPECT_TRUE(matches("annotation.vip = true AND annotation.vip != false"));
  EXPECT_FALSE(matches("annotation.vip = \"true\""));
  EXPECT_TRUE(matches("annotation.game BEGINSWITH che annotation.game ENDSWITH \"ess\""));
}

TEST_F(FilterMatching, annotations_are_there_or_not_whatever_they_say) {
  builder_.annotation(back_, "sold", false);
  EXPECT_TRUE(matches("annotation.sold"));
  EXPECT_FALSE(matches("!annotation.sold"));
}

TEST_F(FilterMatching, keys_with_dots_stand_in_brackets) {
  EXPECT_TRUE(matches("annotation[\"request.id\"] = \"r1\""));
  EXPECT_TRUE(matches("annotation[request.id]"));
  EXPECT_TRUE(matches("annotation[age] = 30"));
}

TEST_F(FilterMatching, services_are_there_by_name_type_and_account) {
  EXPECT_TRUE(matches("service(\"front\") AND service(\"back\")"));
  EXPECT_TRUE(matches("service()"));
  EXPECT_FALSE(matches("service(\"elsewhere\")"));
  EXPECT_TRUE(matches("!service(\"elsewhere\")"));
  EXPECT_TRUE(matches("service(id(name: \"front\", type: \"client\"))"));
  EXPECT_TRUE(matches("service(id(type: \"AWS::DynamoDB::Table\"))"));
  EXPECT_FALSE(matches("service(id(name: \"back\", type: \"client\"))"));
  EXPECT_TRUE(matches("service(id(name: \"front\", account.id: \"111\"))"));
  EXPECT_FALSE(matches("service(id(name: \"back\", account.id: \"111\"))"));
  EXPECT_TRUE(matches("service(id(name: \"back\", account.id: \"999\"))"));
}

TEST_F(FilterMatching, services_go_by_the_names_that_callers_use) {
  EXPECT_TRUE(matches("service(\"back.internal\")"));
  EXPECT_TRUE(matches("service(\"back.internal\") { fault }"));
  EXPECT_TRUE(matches("edge(\"front\", \"back.internal\")"));
  EXPECT_FALSE(matches("service(id(name: \"back.internal\", type: \"client\"))"));
}

TEST_F(FilterMatching, blocks_of_services_ask_for_one_segment_of_theirs) {
  EXPECT_TRUE(matches("service(\"back\") { fault }"));
  EXPECT_FALSE(matches("service(\"front\") { fault }"));
  EXPECT_TRUE(matches("service() { fault }"));
  EXPECT_TRUE(matches("service(\"back\") { fault AND http.status = 500 AND user = \"bob\" }"));
  // One is bob, another is ok: no segment is both.
  EXPECT_FALSE(matches("service() { ok AND user = \"bob\" }"));
  EXPECT_TRUE(matches("service() { ok } AND service() { user = \"bob\" }"));
  EXPECT_TRUE(matches("service(\"table\") { throttle AND error AND inferred }"));
  EXPECT_FALSE(matches("service(id(type: \"client\")) { ok OR !ok }"));
}

TEST_F(FilterMatching, keywords_within_services) {
  EXPECT_TRUE(matches("service(\"front\") { root = true AND ok }"));
  EXPECT_FALSE(matches("service(\"back\") { root }"));
  EXPECT_TRUE(matches("service(\"front\") { responsetime = 2 AND duration = 3 }"));
  EXPECT_TRUE(matches("service(\"back\") { responsetime = 1.5 AND duration = 1.5 }"));
  EXPECT_TRUE(matches("service(\"back\") { coldstart AND !partial AND !inferred AND !remote }"));
  EXPECT_TRUE(matches("service(\"back\") { http.method = POST AND message CONTAINS \"paper\" }"));
  EXPECT_FALSE(matches("service(\"front\") { message }"));
  EXPECT_TRUE(matches("service(\"front\") { annotation.age = 30 }"));
  EXPECT_FALSE(matches("service(\"back\") { annotation.age = 30 }"));
  EXPECT_TRUE(matches("service() { name BEGINSWITH \"ba\" AND annotation[\"request.id\"] }"));
  EXPECT_TRUE(matches("service() { account.id = \"111\" AND instance.id }"));
  EXPECT_TRUE(matches("service() { type = \"AWS::DynamoDB::Table\" AND http.status = 429 }"));
}

TEST_F(FilterMatching, segments_of_services_are_counted_by_start) {
  EXPECT_TRUE(matches("service() { first AND name = front AND index = 0 }"));
  EXPECT_TRUE(matches("service() { last AND name = table AND index = 2 }"));
  EXPECT_TRUE(matches("service(\"back\") { first AND last }"));
  EXPECT_FALSE(matches("service() { index = 3 }"));
}

TEST_F(FilterMatching, edges_are_calls_as_their_callers_saw_them) {
  EXPECT_TRUE(matches("edge(\"front\", \"back\")"));
  EXPECT_FALSE(matches("edge(\"back\", \"front\")"));
  EXPECT_TRUE(matches("edge(, \"table\") { throttle }"));
  EXPECT_TRUE(matches("edge(\"front\",) { http.status = 502 }"));
  EXPECT_FALSE(matches("edge() { http.status = 500 }"));
  EXPECT_TRUE(matches("edge(\"front\", \"back\") { fault AND responsetime = 1.5 AND remote }"));
  EXPECT_FALSE(matches("edge(\"back\", \"table\") { fault }"));
  EXPECT_TRUE(matches("edge() { inferred AND type = \"AWS::DynamoDB::Table\" }"));
}

TEST_F(FilterMatching, keywords_within_edges) {
  EXPECT_TRUE(matches("edge(\"front\", \"back\") { name = \"back.internal\" }"));
  EXPECT_TRUE(matches("edge(\"back\", \"table\") { name = \"table\" }"));
  EXPECT_TRUE(matches("edge(\"front\", \"back\") { user = \"alice\" AND coldstart }"));
  EXPECT_TRUE(matches("edge(\"back\", \"table\") { message AND duration = 0.25 AND !partial }"));
  EXPECT_TRUE(
      matches("edge(\"front\", \"back\") { source.annotation.age = 30 AND "
              "destination.annotation.age = \"30\" AND annotation.game = chess }"));
  EXPECT_FALSE(matches("edge(\"front\", \"back\") { destination.annotation.age = 30 }"));
  EXPECT_FALSE(matches("edge(\"front\", \"back\") { annotation.vip }"));
  EXPECT_TRUE(
      matches("edge() { first AND type = \"AWS::EC2::Instance\" } AND "
              "edge() { last AND index = 2 AND name = table }"));
}

TEST_F(FilterMatching, clients_call_the_root) {
  EXPECT_TRUE(matches("edge(id(name: \"front\", type: \"client\"), id(name: \"front\")) { ok }"));
  EXPECT_TRUE(
      matches("edge(id(type: \"client\"),) { root AND http.url CONTAINS \"/v2/\" AND "
              "user = \"alice\" AND responsetime = 2 }"));
}

TEST_F(FilterMatching, what_is_in_progress_has_no_times) {
  builder_[front_].end = std::nullopt;
  builder_[front_].last_end = std::nullopt;
  builder_[front_].in_progress = true;
  EXPECT_TRUE(matches("partial"));
  EXPECT_FALSE(matches("duration OR responsetime OR duration >= 0 OR duration != 1"));
  EXPECT_TRUE(matches("service(\"front\") { partial AND !duration AND !(responsetime != 5) }"));
}

TEST_F(FilterMatching, precedence_is_not_and_or) {
  // As a OR (b AND c), not (a OR b) AND c.
  EXPECT_TRUE(matches("ok OR fault AND error"));
  EXPECT_FALSE(matches("(ok OR fault) AND error"));
  EXPECT_TRUE(matches("error AND error OR ok"));
  EXPECT_TRUE(matches("!fault AND ok"));
  EXPECT_FALSE(matches("!(!fault AND ok)"));
  EXPECT_FALSE(matches("ok fault OR error"));
  EXPECT_TRUE(matches("ok !fault"));
}

TEST(FilterMatchingOrphans, parts_without_segments_have_no_outcome) {
  const TraceRecord record;
  EXPECT_FALSE(parsed("ok").matches(record));
  EXPECT_FALSE(parsed("ok = false").matches(record));
  EXPECT_TRUE(parsed("!ok").matches(record));
  EXPECT_FALSE(parsed("http.url OR http.status OR user OR service() OR edge()").matches(record));
}

TEST(FilterMatchingDamage, places_that_are_none_match_nothing) {
  RecordBuilder builder;
  const auto segment = builder.segment(builder.node("a"));
  builder.call(segment, segment);
  TraceRecord record = builder.build();
  record.segments[0].node = 7;
  record.calls[0].source_segment = 9;
  record.calls[0].target_segment = no_index;
  record.calls[0].target_node = 8;
  record.fault_causes = {{{{.node = 5, .inferred = false, .path = {}}}, false}};
  for (const char* expression :
       {"name", "service() { name OR remote OR account.id }",
        "edge() { user OR name OR remote OR annotation.a OR http.url OR coldstart }",
        "rootcause.fault.service { name OR remote OR type OR account.id }",
        "json = #[{\"Services\": [{\"Name\": \"a\"}]}]"}) {
    EXPECT_FALSE(parsed(expression).matches(record)) << expression;
  }
}

TEST(FilterMatchingCopies, copies_say_the_same) {
  RecordBuilder builder;
  builder.segment(builder.node("a"));
  const TraceRecord record = builder.build();
  Filter copy;
  {
    const Filter filter = parsed("service(\"a\") AND ok");
    copy = filter;
  }
  EXPECT_TRUE(copy.matches(record));
  EXPECT_EQ(copy.terms().size(), 4U);
}

}  // namespace
}  // namespace xrayd::local::test
