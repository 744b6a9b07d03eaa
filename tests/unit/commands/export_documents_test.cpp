#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "fake_peer.hpp"

namespace xrayd::commands {
namespace {

using testing::ElementsAre;

class LinesOutput final : public Output {
 public:
  void write_line(std::string_view line) override { lines.emplace_back(line); }
  void finish() override { finished = true; }

  std::vector<std::string> lines;
  bool finished = false;
};

std::string trace(char id, const std::string& documents) {
  return std::string(R"({"Id":"1-6553f100-00000000000000000000000)") + id + R"(","Documents":[)" +
         documents + "]}";
}

std::string page(const std::string& traces, const std::string& next) {
  return R"({"Traces":[)" + traces + R"(],"Next":)" + next + "}";
}

class ExportTest : public testing::Test {
 protected:
  void run() { export_documents(peer_, options_, output_, counts_); }

  FakePeer peer_;
  config::StoreCommandOptions options_;
  LinesOutput output_;
  ExportCounts counts_;
};

TEST_F(ExportTest, writes_the_documents_of_all_pages_one_a_line) {
  peer_.answers = {{200, page(trace('1', R"("{\"a\":1}","{\n\"b\":\r\n2}")"), R"("5.7.file.db")")},
                   {200, page(trace('2', R"("{}")"), "null")}};
  run();
  EXPECT_THAT(output_.lines, ElementsAre(R"({"a":1})", R"({ "b":  2})", "{}"));
  EXPECT_TRUE(output_.finished);
  EXPECT_EQ(counts_.traces, 2);
  EXPECT_EQ(counts_.documents, 3);
  EXPECT_THAT(peer_.asked,
              ElementsAre("GET /console/api/v1/documents?filter=&cursor= ",
                          "GET /console/api/v1/documents?filter=&cursor=5.7.file.db "));
}

TEST_F(ExportTest, asks_for_what_is_wanted_with_everything_escaped) {
  options_.filter = R"(service("a b") & fault)";
  options_.start = 1700000000.5;
  options_.end = 1700000001;
  peer_.otherwise = {200, page("", "null")};
  run();
  EXPECT_THAT(peer_.asked,
              ElementsAre("GET /console/api/v1/documents?filter=service%28%22a%20b%22%29%20%26%20"
                          "fault&start=1700000000.500000&end=1700000001.000000&cursor= "));
}

TEST_F(ExportTest, a_trace_that_moves_to_the_disk_meanwhile_is_written_once) {
  peer_.answers = {
      {200, page(trace('1', R"("live")"), R"("0.1-6553f100-000000000000000000000001")")},
      {200, page(trace('2', R"("live 2")") + "," + trace('1', R"("again")"), R"("1.9.file.db")")},
      {200, page(trace('2', R"("again")") + "," + trace('3', R"("stored")"), "null")}};
  run();
  EXPECT_THAT(output_.lines, ElementsAre("live", "live 2", "stored"));
}

TEST_F(ExportTest, an_answer_that_makes_no_sense_ends_it_and_what_was_written_is_not_finished) {
  const std::vector<std::string> bodies = {"nonsense", "{}", page("7", "null"),
                                           page(R"({"Id":"x","Documents":[]})", "null"),
                                           page(trace('1', "7"), "null")};
  for (const std::string& body : bodies) {
    peer_.otherwise = {200, body};
    EXPECT_THROW(run(), CommandError) << body;
    EXPECT_FALSE(output_.finished);
  }
}

TEST_F(ExportTest, a_page_that_leads_to_itself_ends_it) {
  peer_.otherwise = {200, page("", R"("5.7.file.db")")};
  EXPECT_THROW(run(), CommandError);
}

}  // namespace
}  // namespace xrayd::commands
