#include "local/trace/record_compiler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "trace_documents.hpp"

namespace xrayd::local {
namespace {

using testing::HasSubstr;
using testing::Not;

// Without it clang-format makes long lines of every call.
constexpr std::nullopt_t open = std::nullopt;

TEST(RecordCompiler, golden_a_service_with_a_table_and_a_topic) {
  const auto record = record_of(
      {segment(1, "scores", 0.25, 1.25,
               R"("origin":"AWS::EC2::Instance","user":"ann","resource_arn":"arn:x",)"
               R"("aws":{"ec2":{"instance_id":"i-1","availability_zone":"eu-1a"}},)"
               R"("http":{"request":{"method":"POST","url":"http://scores/","user_agent":"curl",)"
               R"("client_ip":"1.2.3.4"},"response":{"status":200}},)" +
                   parts({members(2, "GameModel.save", 0.5, 1,
                                  parts({members(3, "DynamoDB", 0.5, 0.75,
                                                 R"("namespace":"aws","aws":{"table_name":"games",)"
                                                 R"("operation":"UpdateItem"},)"
                                                 R"("http":{"response":{"status":200}})")})),
                          members(4, "SNS", 1, 2,
                                  R"("namespace":"aws","aws":{"topic_arn":"arn:topic",)"
                                  R"("operation":"Publish"})")}))});
  EXPECT_EQ(text_of(record),
            "1-6553f100-000000000000000000000007 revision 1 0.25..2 listed 0 duration 1.75 "
            "response 1\n"
            "scores|AWS::EC2::Instance active root\n"
            "games|AWS::DynamoDB::Table unknown\n"
            "arn:topic|AWS::SNS unknown\n"
            "scores|client unknown\n"
            "0001 scores|AWS::EC2::Instance 0.25..1.25 last 2 http(POST|http://scores/|curl|"
            "1.2.3.4|200) user=ann arn=arn:x instance=i-1 zone=eu-1a root\n"
            "inferred games|AWS::DynamoDB::Table 0.5..0.75 http(||||200)\n"
            "inferred arn:topic|AWS::SNS 1..2\n"
            "client: scores|client (-) -> scores|AWS::EC2::Instance (0001) 0.25..1.25 "
            "http(POST|http://scores/|curl|1.2.3.4|200)\n"
            "scores|AWS::EC2::Instance (0001) -> games|AWS::DynamoDB::Table (inferred) 0.5..0.75 "
            "http(||||200)\n"
            "scores|AWS::EC2::Instance (0001) -> arn:topic|AWS::SNS (inferred) 1..2\n");
}

TEST(RecordCompiler, golden_a_fault_in_the_service_behind_and_a_throttled_call) {
  const auto record = record_of(
      {segment(1, "front", 0, 2,
               parts({members(2, "back", 0.25, 1.75, R"("namespace":"remote")")})),
       called_segment(3, 2, "back", 0.5, 7,
                      R"("fault":true,"cause":{"exceptions":[{"id":"00000000000000aa",)"
                      R"("type":"OwnedFailure","message":"no luck"}]},)" +
                          parts({members(4, "DynamoDB", 1, 2,
                                         R"("namespace":"aws","error":true,"throttle":true,)"
                                         R"("http":{"response":{"status":429}})")}))});
  EXPECT_EQ(text_of(record),
            "1-6553f100-000000000000000000000007 revision 1 0..7 listed 0 duration 7 response 2\n"
            "front| active root\n"
            "back| active\n"
            "DynamoDB|AWS::DynamoDB unknown\n"
            "front|client unknown\n"
            "0001 front| 0..2 root\n"
            "0003 back| 0.5..7 fault\n"
            "inferred DynamoDB|AWS::DynamoDB 1..2 error throttle http(||||429)\n"
            "client: front|client (-) -> front| (0001) 0..2\n"
            "front| (0001) -> back| (0003) 0.25..1.75\n"
            "back| (0003) -> DynamoDB|AWS::DynamoDB (inferred) 1..2 error throttle http(||||429)\n"
            "0003 says no luck\n");
}

TEST(RecordCompiler, golden_a_function_is_two_nodes_of_one_name) {
  const auto record = record_of(
      {segment(1, "f", 0, 3, R"("origin":"AWS::Lambda","resource_arn":"arn:f")"),
       called_segment(
           2, 1, "f", 1, 2,
           R"("origin":"AWS::Lambda::Function","aws":{"function_arn":"arn:f:1"},)" +
               parts({members(3, "Initialization", 0.5, 1), members(4, "Invocation", 1, 2)}))});
  EXPECT_EQ(nodes_of(record),
            "f|AWS::Lambda active root\n"
            "f|AWS::Lambda::Function active\n"
            "f|client unknown\n");
  EXPECT_EQ(segments_of(record),
            "0001 f|AWS::Lambda 0..3 arn=arn:f root\n"
            "0002 f|AWS::Lambda::Function 1..2 cold arn=arn:f:1\n");
  EXPECT_EQ(calls_of(record),
            "client: f|client (-) -> f|AWS::Lambda (0001) 0..3\n"
            "f|AWS::Lambda (0001) -> f|AWS::Lambda::Function (0002) 1..2\n");
}

TEST(RecordCompiler, golden_databases_and_hosts_that_send_nothing_are_passive) {
  const auto record = record_of(
      {segment(1, "shop", 0, 2,
               parts({members(2, "orders@db", 0.25, 0.5,
                              R"("namespace":"remote","sql":{"sanitized_query":"SELECT 1"})"),
                      members(3, "api.example.com", 0.5, 1,
                              R"("namespace":"remote","fault":true,"http":{"request":)"
                              R"({"method":"GET","url":"http://api.example.com/"}})")}))});
  EXPECT_EQ(nodes_of(record),
            "shop| active root\n"
            "orders@db|Database::SQL passive\n"
            "api.example.com|remote passive\n"
            "shop|client unknown\n");
  EXPECT_EQ(calls_of(record),
            "client: shop|client (-) -> shop| (0001) 0..2\n"
            "shop| (0001) -> orders@db|Database::SQL (inferred) 0.25..0.5\n"
            "shop| (0001) -> api.example.com|remote (inferred) 0.5..1 fault "
            "http(GET|http://api.example.com/|||0)\n");
}

TEST(RecordCompiler, golden_resources_of_aws) {
  const auto call = [](EntityId id, std::string_view name, std::string_view aws) {
    return members(id, name, static_cast<double>(id), static_cast<double>(id) + 0.5,
                   R"("namespace":"aws","aws":)" + std::string(aws));
  };
  const auto record = record_of(
      {segment(1, "shop", 0, 20,
               parts({call(2, "S3", R"({"operation":"PutObject","bucket_name":"b"})"),
                      call(3, "S3", R"({"bucket_name":"b"})"),
                      call(4, "SQS", R"({"operation":"SendMessage","queue_url":"http://q"})"),
                      call(5, "SQS", R"({"queue_url":"http://q"})"),
                      call(6, "Lambda", R"({"operation":"Invoke","function_name":"f"})"),
                      call(7, "Lambda", R"({"function_name":"f"})"), call(8, "STS", "{}")}))});
  EXPECT_EQ(nodes_of(record),
            "shop| active root\n"
            "b|AWS::S3::Bucket unknown\n"
            "S3|AWS::S3 unknown\n"
            "http://q|AWS::SQS::Queue unknown\n"
            "SQS|AWS::SQS unknown\n"
            "f|AWS::Lambda unknown\n"
            "Lambda|AWS::Lambda unknown\n"
            "STS|AWS::STS unknown\n"
            "shop|client unknown\n");
}

TEST(RecordCompiler, golden_an_edge_has_the_callers_figures_and_the_name_that_it_used) {
  const auto record =
      record_of({segment(1, "shop", 0, 2,
                         parts({members(2, "stock.local", 0.25, 1.75,
                                        R"("namespace":"remote","error":true,"http":{"response":)"
                                        R"({"status":404}})")})),
                 called_segment(3, 2, "stock", 0.5, 1, R"("http":{"response":{"status":200}})")});
  EXPECT_EQ(calls_of(record),
            "client: shop|client (-) -> shop| (0001) 0..2\n"
            "shop| (0001) -> stock| (0003) 0.25..1.75 error alias=stock.local http(||||404)\n");
  EXPECT_EQ(record.nodes.size(), 3U);
}

TEST(RecordCompiler, a_function_that_was_called_by_its_name_has_no_alias) {
  const auto record =
      record_of({segment(1, "shop", 0, 2,
                         parts({members(2, "Lambda", 0, 1,
                                        R"("namespace":"aws","aws":{"operation":"Invoke",)"
                                        R"("function_name":"f"})")})),
                 called_segment(3, 2, "f", 0, 1, R"("origin":"AWS::Lambda")")});
  EXPECT_EQ(calls_of(record),
            "client: shop|client (-) -> shop| (0001) 0..2\n"
            "shop| (0001) -> f|AWS::Lambda (0003) 0..1\n");
}

TEST(RecordCompiler, a_call_that_several_segments_answer_counts_once_for_each_service) {
  const auto record = record_of(
      {segment(1, "shop", 0, 2, parts({members(2, "host", 0, 1, R"("namespace":"remote")")})),
       called_segment(3, 2, "host", 0, 0.5), called_segment(4, 2, "host", 0.5, 1),
       called_segment(5, 2, "proxy", 0.5, 1)});
  EXPECT_EQ(calls_of(record),
            "client: shop|client (-) -> shop| (0001) 0..2\n"
            "shop| (0001) -> host| (0003) 0..1\n"
            "shop| (0001) -> proxy| (0005) 0..1 alias=host\n");
}

TEST(RecordCompiler, what_is_called_by_local_work_has_its_own_figures) {
  const auto record =
      record_of({segment(1, "shop", 0, 2, parts({members(2, "loop", 0, 2, R"("error":true)")})),
                 called_segment(3, 2, "a", 0, 0.5), called_segment(4, 2, "a", 0.5, 1)});
  EXPECT_EQ(calls_of(record),
            "client: shop|client (-) -> shop| (0001) 0..2\n"
            "shop| (0001) -> a| (0003) 0..0.5\n"
            "shop| (0001) -> a| (0004) 0.5..1\n");
}

TEST(RecordCompiler, golden_a_root_in_progress_has_no_times) {
  const auto record =
      record_of({segment(1, "shop", 0, open,
                         parts({members(2, "host", 0.5, open, R"("namespace":"remote")"),
                                members(3, "DynamoDB", 0.25, 0.75, R"("namespace":"aws")")}))});
  EXPECT_EQ(text_of(record),
            "1-6553f100-000000000000000000000007 revision 1 0..0.75 listed 0 duration - response "
            "- partial\n"
            "shop| active root\n"
            "DynamoDB|AWS::DynamoDB unknown\n"
            "shop|client unknown\n"
            "host|remote passive\n"
            "0001 shop| 0..- last 0.75 in progress root\n"
            "inferred DynamoDB|AWS::DynamoDB 0.25..0.75\n"
            "client: shop|client (-) -> shop| (0001) 0..- in progress\n"
            "shop| (0001) -> DynamoDB|AWS::DynamoDB (inferred) 0.25..0.75\n"
            "shop| (0001) -> host|remote (-) 0.5..- in progress\n");
}

TEST(RecordCompiler, a_finished_root_with_a_part_in_progress_is_partial_and_has_times) {
  const auto record =
      record_of({segment(1, "shop", 0, 1, parts({members(2, "later", 0.5, open)}))});
  EXPECT_TRUE(record.partial);
  EXPECT_EQ(record.duration, 1.0);
  EXPECT_EQ(record.response_time, 1.0);
}

TEST(RecordCompiler, golden_orphans_alone) {
  const auto record = record_of(
      {part(2, 1, "host", 0.5, 2, R"("namespace":"remote")"), part(3, 1, "host", 0.25, open)});
  EXPECT_EQ(text_of(record),
            "1-6553f100-000000000000000000000007 revision 1 0.25..2 listed 0 duration - response - "
            "partial\n");
  EXPECT_EQ(record.root_segment, no_index);
  EXPECT_EQ(record.entry_point(), nullptr);
}

TEST(RecordCompiler, orphans_beside_a_segment_tell_nothing_yet) {
  const auto record = record_of(
      {segment(1, "shop", 1, 2), part(3, 99, "host", 0, open, R"("namespace":"remote")")});
  EXPECT_EQ(record.start, epoch_of_tests + 1);
  EXPECT_FALSE(record.partial);
  EXPECT_EQ(record.nodes.size(), 2U);
}

TEST(RecordCompiler, a_throttled_root_is_throttled_and_no_error) {
  const auto record =
      record_of({segment(1, "shop", 0, 1, R"("error":true,"throttle":true,"fault":false)")});
  EXPECT_EQ(record.outcome, (Outcome{false, false, true}));
  EXPECT_EQ(record.segments[0].outcome, (Outcome{false, true, true}));
}

TEST(RecordCompiler, flags_of_others_than_the_root_are_not_the_traces) {
  const auto record =
      record_of({segment(1, "shop", 0, 1, parts({members(2, "host", 0, 1, R"("error":true)")})),
                 called_segment(3, 2, "stock", 0, 1, R"("fault":true,"throttle":true)")});
  EXPECT_TRUE(record.outcome.ok());
}

TEST(RecordCompiler, golden_links_start_where_the_message_was_put) {
  const auto link = [](EntityId id) {
    return R"({"trace_id":")" + trace_of_tests.to_string() + R"(","id":")" + entity_id_text(id) +
           R"(","attributes":{}})";
  };
  const auto record = record_of(
      {segment(1, "shop", 0, 2,
               parts({members(2, "SQS", 0.25, 0.5,
                              R"("namespace":"aws","aws":{"operation":"SendMessage",)"
                              R"("queue_url":"http://q"})"),
                      members(3, "work", 0.5, 1)})),
       segment(4, "worker", 3, 4,
               R"("links":[)" + link(2) + "," + link(2) + "," + link(3) + "," + link(77) + "," +
                   link(4) +
                   R"(,{"trace_id":"1-6553f100-000000000000000000000008","id":)"
                   R"("0000000000000001"},{"id":5},7])"),
       segment(5, "waiter", 3, 4,
               R"("links":[)" + link(1) + "]," + parts({members(6, "QueueTime", 2, 2.75)}))});
  EXPECT_EQ(calls_of(record),
            "client: shop|client (-) -> shop| (0001) 0..2\n"
            "client: worker|client (-) -> worker| (0004) 3..4\n"
            "client: waiter|client (-) -> waiter| (0005) 3..4\n"
            "shop| (0001) -> http://q|AWS::SQS::Queue (inferred) 0.25..0.5\n"
            "link: http://q|AWS::SQS::Queue (inferred) -> worker| (0004) 3..4 age 2.5\n"
            "link: shop| (0001) -> worker| (0004) 3..4 age 2\n"
            "link: shop| (0001) -> waiter| (0005) 3..4 age 0.75\n");
}

TEST(RecordCompiler, golden_accounts_are_the_resources_or_their_callers) {
  const auto record =
      record_of({segment(1, "shop", 0, 2,
                         R"("aws":{"account_id":"111"},)" +
                             parts({members(2, "DynamoDB", 0.25, 0.5, R"("namespace":"aws")"),
                                    members(3, "DynamoDB", 0.5, 0.75,
                                            R"("namespace":"aws","aws":{"account_id":"222"})"),
                                    members(4, "stock", 0.75, 1, R"("namespace":"remote")")})),
                 called_segment(5, 4, "stock", 0.75, 1, R"("aws":{"account_id":"333"})")});
  EXPECT_EQ(nodes_of(record),
            "shop||111 active root\n"
            "DynamoDB|AWS::DynamoDB|111 unknown\n"
            "DynamoDB|AWS::DynamoDB|222 unknown\n"
            "stock||333 active\n"
            "shop|client|111 unknown\n");
}

TEST(RecordCompiler, a_node_is_active_once_it_has_sent_anything) {
  const auto record =
      record_of({segment(1, "shop", 0, 2,
                         parts({members(2, "Lambda", 0, 0.25,
                                        R"("namespace":"aws","aws":{"operation":"Invoke",)"
                                        R"("function_name":"f"})")})),
                 segment(3, "f", 1, 2, R"("origin":"AWS::Lambda")")});
  EXPECT_THAT(nodes_of(record), HasSubstr("f|AWS::Lambda active root\n"));
  EXPECT_THAT(nodes_of(record), Not(HasSubstr("f|AWS::Lambda unknown")));
}

TEST(RecordCompiler, clients_call_what_has_no_parent_but_nobody_whose_parent_may_still_come) {
  const auto record =
      record_of({called_segment(1, 98, "first", 0, 1), called_segment(2, 99, "second", 0.5, 1)});
  EXPECT_EQ(calls_of(record), "");
  EXPECT_EQ(record.entry_point()->name, "first");
  const auto two = record_of({called_segment(1, 98, "first", 0, 1), segment(2, "second", 0.5, 1),
                              segment(3, "third", 0.25, 1)});
  EXPECT_EQ(calls_of(two),
            "client: third|client (-) -> third| (0003) 0.25..1\n"
            "client: second|client (-) -> second| (0002) 0.5..1\n");
  EXPECT_EQ(two.entry_point()->name, "third");
}

TEST(RecordCompiler, annotations_of_parts_are_their_segments_typed_and_each_one_once) {
  const auto record = record_of(
      {segment(1, "a", 0, 1,
               R"("annotations":{"n":1,"s":"1","b":true,"bad key":1,"o":{},"z":null,"":1},)" +
                   parts({members(2, "p", 0, 1, R"("annotations":{"n":1.0,"m.x":-2.5})"),
                          members(3, "p", 0, 1, R"("annotations":{"n":2,"s":"0"})")})),
       segment(4, "b", 0.5, 1, R"("annotations":{"n":1})")});
  EXPECT_THAT(text_of(record), HasSubstr("0001 b = true\n"
                                         "0001 m.x = -2.5\n"
                                         "0001 n = 1\n"
                                         "0001 n = 2\n"
                                         "0001 s = \"0\"\n"
                                         "0001 s = \"1\"\n"
                                         "0004 n = 1\n"));
}

TEST(RecordCompiler, messages_come_from_exceptions_and_causes_in_any_form) {
  const auto record = record_of({segment(
      1, "a", 0, 1,
      R"("cause":{"message":"outer","exceptions":[{"message":"inner"},{"message":5},7]},)" +
          parts({members(2, "p", 0, 1, R"("cause":"00000000000000aa")"),
                 members(3, "p", 0, 1, R"("cause":"just words")"),
                 members(4, "p", 0, 1, R"("cause":{"exceptions":[{"message":"inner"}]})"),
                 members(5, "p", 0, 1, R"("cause":{"exceptions":{}})"),
                 members(6, "p", 0, 1, R"("cause":true)")}))});
  std::string said;
  for (const auto& message : record.messages) said += std::string(message.text) + ";";
  EXPECT_EQ(said, "inner;just words;outer;");
}

TEST(RecordCompiler, a_cold_start_is_told_by_a_part_or_an_annotation) {
  const auto cold = [](std::string_view more) {
    return record_of({segment(1, "f", 0, 1, more)}).segments[0].cold_start;
  };
  EXPECT_TRUE(cold(parts({members(2, "Initialization", 0, 1)})));
  EXPECT_TRUE(cold(R"("annotations":{"ColdStart":true})"));
  EXPECT_TRUE(cold(parts({members(2, "p", 0, 1, R"("annotations":{"ColdStart":true})")})));
  EXPECT_FALSE(cold(R"("annotations":{"ColdStart":false})"));
  EXPECT_FALSE(cold(R"("annotations":{"ColdStart":"true"})"));
  EXPECT_FALSE(cold(parts({members(2, "p", 0, 1, parts({members(3, "Initialization", 0, 1)}))})));
}

TEST(RecordCompiler, containers_say_what_they_run_in) {
  const auto record = record_of({segment(
      1, "a", 0, 1, R"("aws":{"ecs":{"container_arn":"arn:c","availability_zone":"eu-1b"}})")});
  EXPECT_EQ(record.segments[0].resource_arn, "arn:c");
  EXPECT_EQ(record.segments[0].availability_zone, "eu-1b");
}

TEST(RecordCompiler, members_of_other_types_than_documented_are_as_if_absent) {
  const auto record = record_of(
      {segment(1, "a", 0, 1,
               R"("origin":5,"user":{},"resource_arn":[],"aws":{"account_id":1,"ec2":"x","ecs":3},)"
               R"("http":{"request":7,"response":{"status":"200"}},"annotations":[],"links":{},)"
               R"("fault":"yes","error":1,"cause":5,)" +
                   parts({members(2, "p", 0, 1, R"("namespace":5,"http":[],"aws":[])"),
                          members(3, "q", 0, 1,
                                  R"("namespace":"aws","http":{"response":{"status":-1}})")}))});
  EXPECT_EQ(nodes_of(record),
            "a| active root\n"
            "q|AWS::q unknown\n"
            "a|client unknown\n");
  EXPECT_EQ(calls_of(record),
            "client: a|client (-) -> a| (0001) 0..1\n"
            "a| (0001) -> q|AWS::q (inferred) 0..1\n");
}

TEST(RecordCompiler, an_id_without_a_time_in_it_is_listed_at_the_start) {
  const auto documents =
      parsed({R"({"name":"a","id":"0000000000000001","trace_id":)"
              R"("1-ffffffff-000000000000000000000001","start_time":1700000000.25,"end_time":)"
              R"(1700000001})"});
  EXPECT_EQ(compile_record(pointers_to(documents), 3).listed_at, 1700000000.25);
  EXPECT_EQ(compile_record(pointers_to(documents), 3).revision, 3);
}

TEST(RecordCompiler, the_first_complete_version_counts) {
  const auto record = record_of({segment(1, "a", 0, open), segment(1, "a", 0, 1, R"("user":"u")"),
                                 segment(1, "a", 0, 2, R"("user":"v")")});
  EXPECT_EQ(record.segments[0].user, "u");
  EXPECT_EQ(record.response_time, 1.0);
}

TEST(RecordCompiler, a_segment_that_names_itself_for_its_parent_is_the_root) {
  const auto record =
      record_of({called_segment(1, 1, "a", 0, 1,
                                parts({members(2, "host", 0, 1, R"("namespace":"remote")")})),
                 called_segment(3, 2, "b", 0, 1)});
  EXPECT_EQ(calls_of(record),
            "client: a|client (-) -> a| (0001) 0..1\n"
            "a| (0001) -> b| (0003) 0..1 alias=host\n");
}

TEST(RecordCompiler, records_outlive_their_documents) {
  std::optional<TraceRecord> record;
  {
    const auto documents = parsed({segment(1, "shop", 0, 1, R"("user":"somebody")")});
    record = compile_record(pointers_to(documents), 1);
  }
  const TraceRecord moved = std::move(*record);
  EXPECT_EQ(moved.segments[0].user, "somebody");
  EXPECT_EQ(moved.nodes[0].name, "shop");
}

}  // namespace
}  // namespace xrayd::local
