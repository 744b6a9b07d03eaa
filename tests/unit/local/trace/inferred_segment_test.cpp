#include "local/trace/inferred_segment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "trace_documents.hpp"

namespace xrayd::local {
namespace {

// As a trace comes that was read from X-Ray, or from here, and is sent once more.
std::vector<std::string> sent_again(const CompiledTrace& trace) {
  std::vector<std::string> texts;
  for (const auto& one : trace.segments) texts.push_back(one.document);
  return texts;
}

using testing::HasSubstr;
using testing::Not;

struct Answer {
  std::string name;
  std::string type;
  std::string origin;
  NodeState state;

  friend bool operator==(const Answer&, const Answer&) = default;
};

std::ostream& operator<<(std::ostream& out, const Answer& answer) {
  return out << answer.name << "|" << answer.type << "|" << answer.origin << "|"
             << static_cast<int>(answer.state);
}

Answer called(std::string_view name, std::string_view more) {
  const auto documents = parsed({segment(1, "shop", 0, 1, parts({members(2, name, 0, 1, more)}))});
  const auto tree = build_trace_tree(pointers_to(documents));
  std::string scratch;
  const auto service = called_service(tree.entities[1], scratch);
  return {std::string(service.name), std::string(service.type), std::string(service.origin()),
          service.state};
}

Answer aws(std::string name, std::string type) {
  return {std::move(name), type, type, NodeState::unknown};
}

TEST(CalledService, golden_resources_are_nodes_of_their_own_where_the_operation_is_told) {
  struct Case {
    std::string_view name;
    std::string_view aws;
    Answer expected;
  };
  const std::vector<Case> cases = {
      {"DynamoDB", R"({"operation":"GetItem","table_name":"t"})", aws("t", "AWS::DynamoDB::Table")},
      {"DynamoDB", R"({"operation":"BatchGetItem","table_names":["t"]})",
       aws("t", "AWS::DynamoDB::Table")},
      {"DynamoDB", R"({"operation":"GetItem","resource_names":["t"]})",
       aws("t", "AWS::DynamoDB::Table")},
      {"DynamoDB", R"({"operation":"BatchGetItem","table_names":["t","u"]})",
       aws("DynamoDB", "AWS::DynamoDB")},
      {"DynamoDB", R"({"operation":"ListTables"})", aws("DynamoDB", "AWS::DynamoDB")},
      {"DynamoDB", R"({"table_name":"t"})", aws("DynamoDB", "AWS::DynamoDB")},
      {"dynamodb", R"({"operation":"GetItem","table_name":"t"})", aws("t", "AWS::DynamoDB::Table")},
      {"S3", R"({"operation":"GetObject","bucket_name":"b"})", aws("b", "AWS::S3::Bucket")},
      {"S3", R"({"operation":"ListBuckets"})", aws("S3", "AWS::S3")},
      {"S3", R"({"bucket_name":"b"})", aws("S3", "AWS::S3")},
      {"SQS", R"({"operation":"SendMessage","queue_url":"https://sqs/1/q"})",
       aws("https://sqs/1/q", "AWS::SQS::Queue")},
      {"SQS", R"({"queue_url":"https://sqs/1/q"})", aws("SQS", "AWS::SQS")},
      {"SNS", R"({"operation":"Publish","topic_arn":"arn:t"})", aws("arn:t", "AWS::SNS")},
      {"SNS", R"({"topic_arn":"arn:t"})", aws("SNS", "AWS::SNS")},
      {"Lambda", R"({"operation":"Invoke","function_name":"f"})", aws("f", "AWS::Lambda")},
      {"Lambda", R"({"operation":"","function_name":"f"})", aws("Lambda", "AWS::Lambda")},
      {"SimpleSystemsManagement", R"({"operation":"GetParameter"})",
       aws("SimpleSystemsManagement", "AWS::SimpleSystemsManagement")},
      {"rdsdataservice", "{}", aws("rdsdataservice", "AWS::rdsdataservice")},
      {"S3", "[]", aws("S3", "AWS::S3")},
      {"S3", R"({"operation":5,"bucket_name":{}})", aws("S3", "AWS::S3")},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(called(each.name, R"("namespace":"aws","aws":)" + std::string(each.aws)),
              each.expected)
        << each.name << " " << each.aws;
  }
}

TEST(CalledService, golden_other_hosts_have_no_origin_and_databases_have) {
  EXPECT_EQ(called("api.example.com", R"("namespace":"remote")"),
            (Answer{"api.example.com", "remote", "", NodeState::passive}));
  EXPECT_EQ(called("orders@db.local", R"("namespace":"remote","sql":{"url":"x"})"),
            (Answer{"orders@db.local", "Database::SQL", "Database::SQL", NodeState::passive}));
  EXPECT_EQ(called("DynamoDB", R"("namespace":"remote","aws":{"table_name":"t"})"),
            (Answer{"DynamoDB", "remote", "", NodeState::passive}));
}

TEST(InferredSegment, golden_has_the_calls_figures_and_not_what_is_private_to_the_caller) {
  const auto trace = compiled(
      {segment(1, "shop", 0, 2,
               parts({members(2, "DynamoDB", 0.5, 1,
                              R"("namespace":"aws","http":{"response":{"status":400}},)"
                              R"("aws":{"operation":"GetItem","table_name":"t"},"error":true,)"
                              R"("throttle":true,"cause":{"exceptions":[]},"annotations":{"a":1},)"
                              R"("metadata":{"m":{}},"precursor_ids":["0000000000000009"],)" +
                                  parts({members(3, "attempt", 0.5, 0.75)}))}))});
  ASSERT_EQ(trace.segments.size(), 2U);
  const auto id = inferred_segment_id(trace_of_tests, 2);
  EXPECT_EQ(trace.segments[1].id, id);
  EXPECT_EQ(trace.segments[1].document,
            R"({"id":")" + entity_id_text(id) +
                R"(","name":"DynamoDB","start_time":1700000000.5,"end_time":1700000001.0,)"
                R"("trace_id":"1-6553f100-000000000000000000000007",)"
                R"("parent_id":"0000000000000002","inferred":true,)"
                R"("origin":"AWS::DynamoDB::Table","http":{"response":{"status":400}},)"
                R"("aws":{"operation":"GetItem","table_name":"t"},"error":true,"throttle":true})");
}

TEST(InferredSegment, a_host_has_no_origin) {
  const auto trace = compiled(
      {segment(1, "shop", 0, 2, parts({members(2, "host", 0, 1, R"("namespace":"remote")")}))});
  ASSERT_EQ(trace.segments.size(), 2U);
  const auto& document = trace.segments[trace.segments[0].id == 1 ? 1 : 0].document;
  EXPECT_THAT(document, HasSubstr(R"("inferred":true)"));
  EXPECT_THAT(document, Not(HasSubstr("origin")));
}

TEST(InferredSegment, there_is_none_for_local_work_or_what_is_in_progress) {
  const auto trace = compiled({segment(
      1, "shop", 0, 2,
      R"("namespace":"remote",)" +
          parts({members(2, "own", 0, 1), members(3, "own", 0, 1, R"("namespace":"local")"),
                 members(4, "host", 0, {}, R"("namespace":"remote")")}))});
  EXPECT_EQ(trace.segments.size(), 1U);
}

TEST(InferredSegment, gives_way_to_the_segment_that_was_sent) {
  const auto caller =
      segment(1, "shop", 0, 2, parts({members(2, "host", 0, 1, R"("namespace":"remote")")}));
  EXPECT_EQ(compiled({caller}).segments.size(), 2U);
  const auto trace = compiled({called_segment(3, 2, "stock", 0.25, 0.75), caller});
  ASSERT_EQ(trace.segments.size(), 2U);
  EXPECT_EQ(trace.segments[1].id, 3U);
}

TEST(InferredSegment, parts_that_came_alone_make_them_once_they_hang_on_a_segment) {
  const auto call = part(2, 1, "host", 0, 1, R"("namespace":"remote")");
  EXPECT_TRUE(compiled({call}).segments.empty());
  EXPECT_EQ(compiled({call, segment(1, "shop", 0, 2)}).segments.size(), 2U);
}

TEST(InferredSegment, an_id_that_two_calls_have_makes_one) {
  const auto call = parts({members(2, "host", 0, 1, R"("namespace":"remote")")});
  const auto trace = compiled({segment(1, "a", 0, 2, call), segment(3, "b", 0, 2, call)});
  EXPECT_EQ(trace.segments.size(), 3U);
}

TEST(InferredSegment, ids_are_stable_and_differ_between_calls_and_traces) {
  const TraceId other(trace_of_tests.high(), 8);
  EXPECT_EQ(inferred_segment_id(trace_of_tests, 2), inferred_segment_id(trace_of_tests, 2));
  std::set<EntityId> ids;
  for (EntityId call = 1; call <= 10'000; ++call) {
    for (const auto& id : {trace_of_tests, other}) {
      EXPECT_TRUE(ids.insert(inferred_segment_id(id, call)).second);
      EXPECT_NE(inferred_segment_id(id, call), 0U);
    }
  }
}

TEST(InferredSegment, a_trace_that_is_sent_again_as_it_was_answered_is_the_same_trace) {
  const std::vector<std::string> texts = {
      segment(1, "shop", 0, 2,
              parts({members(2, "DynamoDB", 0.25, 0.5,
                             R"("namespace":"aws","aws":{"operation":"GetItem","table_name":"t"})"),
                     members(3, "stock.example.com", 0.5, 1.5, R"("namespace":"remote")"),
                     members(4, "mail.example.com", 1.5, 1.75,
                             R"("namespace":"remote","fault":true)")})),
      called_segment(5, 3, "stock", 0.75, 1.25)};
  auto again = sent_again(compiled(texts));
  ASSERT_EQ(again.size(), 4U);
  EXPECT_EQ(text_of(record_of(again)), text_of(record_of(texts)));
  EXPECT_EQ(sent_again(compiled(again)), again);
  // And where what was there stays.
  again.insert(again.begin(), texts.begin(), texts.end());
  EXPECT_EQ(text_of(record_of(again)), text_of(record_of(texts)));
}

TEST(InferredSegment, one_that_x_ray_made_gives_way_to_ours_and_to_who_answered) {
  const auto shop =
      segment(1, "shop", 0, 2,
              parts({members(2, "stock.example.com", 0.5, 1.5, R"("namespace":"remote")")}));
  const auto theirs = called_segment(99, 2, "stock.example.com", 0.5, 1.5, R"("inferred":true)");
  const auto stock = called_segment(5, 2, "stock", 0.75, 1.25);
  for (const auto& texts : {std::vector{shop, theirs}, std::vector{theirs, shop}}) {
    EXPECT_EQ(text_of(record_of(texts)), text_of(record_of({shop})));
  }
  EXPECT_EQ(text_of(record_of({theirs, stock, shop})), text_of(record_of({stock, shop})));
}

TEST(InferredSegment, one_whose_call_is_not_there_is_all_that_is_known) {
  const auto record =
      record_of({called_segment(99, 2, "stock.example.com", 0.5, 1.5, R"("inferred":true)")});
  EXPECT_EQ(record.segments.size(), 1U);
}

}  // namespace
}  // namespace xrayd::local
