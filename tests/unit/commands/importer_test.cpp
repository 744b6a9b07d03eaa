#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "fake_peer.hpp"

namespace xrayd::commands {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

/// Its trace began at 1,700,000,000 (0x6553f100).
std::string document(const std::string& id, const std::string& more = "") {
  return R"({"trace_id":"1-6553f100-000000000000000000000001","id":")" + id +
         R"(","name":"shop","start_time":1,"end_time":2)" + more + "}";
}

class ImporterTest : public testing::Test {
 protected:
  Importer importer(double old_before = 0) {
    return {peer_, old_before, [this](const std::string& line) { complaints_.push_back(line); }};
  }
  static void read(Importer& importer, const std::string& text) {
    std::istringstream input(text);
    importer.read(input, "in.jsonl");
  }

  FakePeer peer_;
  std::vector<std::string> complaints_;
};

TEST_F(ImporterTest, sends_documents_as_they_are_and_counts_them) {
  Importer one = importer();
  read(one, document("0000000000000001") + "\n" + document("0000000000000002"));
  EXPECT_THAT(peer_.asked, IsEmpty());
  one.finish();
  ASSERT_THAT(peer_.asked, SizeIs(1));
  EXPECT_THAT(peer_.asked[0], StartsWith(R"(POST /TraceSegments {"TraceSegmentDocuments":["{\")"));
  EXPECT_THAT(peer_.asked[0], AllOf(HasSubstr(R"(\"id\":\"0000000000000001\")"),
                                    HasSubstr(R"(\"id\":\"0000000000000002\")")));
  EXPECT_EQ(one.counts().taken, 2);
  EXPECT_EQ(one.counts().refused, 0);
  one.finish();
  EXPECT_THAT(peer_.asked, SizeIs(1));
}

TEST_F(ImporterTest, names_the_place_and_the_reason_of_what_is_no_document_and_goes_on) {
  Importer one = importer();
  read(one, "nonsense\n" + document("xyz") + "\n" + document("0000000000000001"));
  one.finish();
  EXPECT_THAT(complaints_, ElementsAre(StartsWith("in.jsonl:1: "), StartsWith("in.jsonl:2: ")));
  EXPECT_EQ(one.counts().refused, 2);
  EXPECT_EQ(one.counts().taken, 1);
}

TEST_F(ImporterTest, leaves_out_inferred_segments_of_answers_and_of_nothing_else) {
  Importer one = importer();
  read(one,
       document("0000000000000001", R"(,"inferred":true)") + "\n" +
           R"({"Traces":[{"Segments":[{"Document":"{\"trace_id\":\"1-6553f100-0000000000000000)"
           R"(00000001\",\"id\":\"0000000000000002\",\"name\":\"x\",\"start_time\":1,)"
           R"(\"end_time\":2,\"inferred\":true}"}]}]})");
  one.finish();
  EXPECT_EQ(one.counts().taken, 1);
  EXPECT_EQ(one.counts().inferred, 1);
  EXPECT_EQ(one.counts().refused, 0);
}

TEST_F(ImporterTest, counts_documents_of_old_traces) {
  Importer older = importer(1'700'000'001);
  read(older, document("0000000000000001"));
  older.finish();
  EXPECT_EQ(older.counts().old, 1);
  Importer newer = importer(1'700'000'000);
  read(newer, document("0000000000000001"));
  newer.finish();
  EXPECT_EQ(newer.counts().old, 0);
}

TEST_F(ImporterTest, sends_by_the_thousand_so_that_memory_does_not_grow_with_the_input) {
  std::string text;
  for (int i = 0; i < 2500; ++i) text += document("0000000000000001") + "\n";
  Importer one = importer();
  read(one, text);
  EXPECT_THAT(peer_.asked, SizeIs(2));
  one.finish();
  EXPECT_THAT(peer_.asked, SizeIs(3));
  EXPECT_EQ(one.counts().taken, 2500);
}

TEST_F(ImporterTest, sends_long_documents_by_the_megabyte) {
  const std::string ballast = R"(,"metadata":{"x":")" + std::string(600'000, 'x') + R"("})";
  Importer one = importer();
  read(one, document("0000000000000001", ballast) + "\n" + document("0000000000000002", ballast));
  EXPECT_THAT(peer_.asked, SizeIs(1));
}

TEST_F(ImporterTest, what_the_daemon_refuses_counts_as_refused) {
  peer_.answers.push_back(
      {200, R"({"UnprocessedTraceSegments":[{"Id":"0000000000000001","Message":"too odd"}]})"});
  Importer one = importer();
  read(one, document("0000000000000001") + "\n" + document("0000000000000002"));
  one.finish();
  EXPECT_THAT(complaints_, ElementsAre(AllOf(StartsWith("in.jsonl:1 or behind it"),
                                             HasSubstr("0000000000000001: too odd"))));
  EXPECT_EQ(one.counts().taken, 1);
  EXPECT_EQ(one.counts().refused, 1);
}

TEST_F(ImporterTest, a_failure_of_the_daemon_ends_it_with_the_reason_that_it_gives) {
  peer_.otherwise = {500, R"({"__type":"InternalFailure","Message":"The disk is full"})"};
  Importer one = importer();
  read(one, document("0000000000000001"));
  try {
    one.finish();
    FAIL() << "it went on";
  } catch (const CommandError& problem) {
    EXPECT_STREQ(problem.what(), "the fake answers 500: The disk is full");
  }
  EXPECT_EQ(one.counts().taken, 0);
}

TEST_F(ImporterTest, a_daemon_without_the_token_says_how_to_give_it) {
  peer_.otherwise = {401, "this needs the token"};
  Importer one = importer();
  read(one, document("0000000000000001"));
  EXPECT_THROW(one.finish(), CommandError);
}

TEST_F(ImporterTest, a_busy_daemon_is_asked_again) {
  peer_.answers.push_back({503, "too busy"});
  Importer one = importer();
  read(one, document("0000000000000001"));
  one.finish();
  EXPECT_THAT(peer_.asked, SizeIs(2));
  EXPECT_EQ(one.counts().taken, 1);
}

}  // namespace
}  // namespace xrayd::commands
