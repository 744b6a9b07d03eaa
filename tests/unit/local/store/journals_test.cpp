#include "local/live/journals.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "../temporary_directory.hpp"

namespace xrayd::local {
namespace {

class JournalsTest : public testing::Test {
 protected:
  using Documents = std::vector<std::pair<std::int64_t, std::string>>;

  static JournalNumber append(Journals& journals, std::int64_t received_ms,
                              const std::vector<std::string>& texts) {
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    return journals.append(received_ms, views);
  }

  Documents replayed(Journals& journals) {
    Documents documents;
    journals.replay([&](JournalNumber, const JournalRecord& record) {
      documents.emplace_back(record.received_ms, record.document);
    });
    return documents;
  }

  [[nodiscard]] std::size_t files() const {
    const std::filesystem::directory_iterator all(directory_.path());
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  TemporaryDirectory directory_;
};

TEST_F(JournalsTest, documents_come_back_in_order_with_their_times) {
  {
    Journals journals(directory_.path(), 100);
    append(journals, 1, {"one", std::string(200, 'x')});
    append(journals, 2, {"two"});
  }
  Journals journals(directory_.path(), 100);
  const Documents expected{{1, "one"}, {1, std::string(200, 'x')}, {2, "two"}};
  EXPECT_EQ(replayed(journals), expected);
  EXPECT_EQ(files(), 2U);
}

TEST_F(JournalsTest, a_file_goes_when_nothing_in_it_is_needed) {
  Journals journals(directory_.path(), 100);
  const auto first = append(journals, 1, {std::string(200, 'x'), "b"});
  const auto second = append(journals, 1, {"c"});
  EXPECT_LT(first, second);
  journals.release(first, 1);
  EXPECT_EQ(files(), 2U);
  journals.release(first, 1);
  EXPECT_EQ(files(), 1U);
  // The one that is written stays.
  journals.release(second, 1);
  EXPECT_EQ(files(), 1U);
  append(journals, 1, {"d"});
  EXPECT_EQ(files(), 1U);
}

// Else an earlier version of a document could come back after the later one.
TEST_F(JournalsTest, files_go_in_the_order_in_which_they_came) {
  {
    Journals journals(directory_.path(), 10);
    const auto first = append(journals, 1, {"first version"});
    const auto second = append(journals, 1, {"second version"});
    append(journals, 1, {"c"});
    journals.release(second, 1);
    EXPECT_EQ(files(), 3U);
    EXPECT_EQ(journals.files(), 2U);
    journals.release(first, 1);
    EXPECT_EQ(files(), 1U);
    append(journals, 1, {"last version"});
    journals.release(append(journals, 1, {"of another"}), 1);
  }
  Journals journals(directory_.path(), 10);
  const Documents expected{{1, "c"}, {1, "last version"}, {1, "of another"}};
  EXPECT_EQ(replayed(journals), expected);
}

TEST_F(JournalsTest, what_is_released_while_it_is_replayed_takes_no_other_with_it) {
  {
    Journals journals(directory_.path(), 10);
    for (const char* text : {"first of all", "second of all", "third of all"}) {
      append(journals, 1, {text});
    }
  }
  Journals journals(directory_.path(), 10);
  std::size_t seen = 0;
  journals.replay([&](JournalNumber number, const JournalRecord&) {
    ++seen;
    journals.release(number, 1);
  });
  EXPECT_EQ(seen, 3U);
  EXPECT_EQ(files(), 0U);
}

TEST_F(JournalsTest, an_end_that_needs_nothing_leaves_no_file) {
  {
    Journals journals(directory_.path(), 1000);
    journals.release(append(journals, 1, {"a"}), 1);
  }
  EXPECT_EQ(files(), 0U);
}

TEST_F(JournalsTest, released_after_replay_they_go_too) {
  { append(*std::make_unique<Journals>(directory_.path(), 1000), 1, {"a", "b"}); }
  Journals journals(directory_.path(), 1000);
  std::vector<JournalNumber> numbers;
  journals.replay([&](JournalNumber number, const JournalRecord&) { numbers.push_back(number); });
  ASSERT_EQ(numbers.size(), 2U);
  EXPECT_EQ(files(), 1U);
  for (const auto number : numbers) journals.release(number, 1);
  EXPECT_EQ(files(), 0U);
  EXPECT_GT(append(journals, 1, {"c"}), numbers[0]);
}

TEST_F(JournalsTest, cleared_there_is_nothing) {
  Journals journals(directory_.path(), 10);
  append(journals, 1, {"a"});
  append(journals, 1, {"b"});
  journals.clear();
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(journals.bytes(), 0U);
  append(journals, 1, {"c"});
  EXPECT_EQ(files(), 1U);
}

TEST_F(JournalsTest, other_files_are_left_alone) {
  std::ofstream(directory_.path() / "live-x.journal") << "mine";
  std::ofstream(directory_.path() / "live-.journal") << "mine";
  Journals journals(directory_.path(), 10);
  EXPECT_TRUE(replayed(journals).empty());
  journals.clear();
  EXPECT_EQ(files(), 2U);
}

TEST(JournalReader, stops_at_the_first_damage_wherever_it_is) {
  std::string bytes(journal_mark);
  append_journal_record(bytes, 7, "first document");
  const auto first_end = bytes.size();
  append_journal_record(bytes, 8, "second document");
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    JournalReader reader(damaged);
    std::size_t records = 0;
    while (reader.next()) ++records;
    if (at < journal_mark.size()) {
      EXPECT_TRUE(reader.foreign());
      EXPECT_EQ(records, 0U);
    } else {
      EXPECT_EQ(records, at < first_end ? 0U : 1U) << at;
      EXPECT_GT(reader.lost(), 0U);
    }
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    JournalReader reader(std::string_view(bytes).substr(0, size));
    std::size_t records = 0;
    while (reader.next()) ++records;
    EXPECT_FALSE(reader.foreign());
    EXPECT_EQ(records, size < first_end ? 0U : 1U);
  }
}

}  // namespace
}  // namespace xrayd::local
