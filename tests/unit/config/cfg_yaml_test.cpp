#include "config/cfg_yaml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace xrayd::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Kind = FileSetting::Kind;

std::string complaint(const std::string& text) {
  try {
    static_cast<void>(read_settings(text));
  } catch (const YamlError& problem) {
    return problem.what();
  }
  return "it was read";
}

/// `key=value@line` for each.
std::vector<std::string> listed(const std::string& text) {
  std::vector<std::string> result;
  for (const FileSetting& setting : read_settings(text)) {
    std::string one = setting.key + "=";
    for (const std::string& value : setting.values) one += value + ";";
    one += setting.kind == Kind::value     ? ""
           : setting.kind == Kind::list    ? "list"
           : setting.kind == Kind::nothing ? "nothing"
                                           : "other";
    result.push_back(one + "@" + std::to_string(setting.line));
  }
  return result;
}

TEST(CfgYaml, keys_are_joined_with_their_sections_and_know_their_line) {
  EXPECT_THAT(listed("# a comment\nA: 1\nB:\n  C: 'x y'\n  D: {E: \"\"}\n\nF: last # so\n"),
              testing::ElementsAre("A=1;@2", "B.C=x y;@4", "B.D.E=;@5", "F=last;@7"));
}

TEST(CfgYaml, nothing_is_not_an_empty_text) {
  EXPECT_THAT(listed("A:\nB: ~\nC: null\nD: \"\"\nE: '~'\n"),
              testing::ElementsAre("A=nothing@1", "B=nothing@2", "C=nothing@3", "D=;@4", "E=~;@5"));
}

TEST(CfgYaml, a_key_that_is_there_twice_is_there_twice) {
  EXPECT_THAT(listed("A: 1\nA: 2\n"), testing::ElementsAre("A=1;@1", "A=2;@2"));
}

TEST(CfgYaml, lists_of_texts_are_lists_and_all_others_are_of_no_use) {
  EXPECT_THAT(listed("A: [x, 'y']\nB:\n  - z\nC: []\n"),
              testing::ElementsAre("A=x;y;list@1", "B=z;list@2", "C=list@4"));
  EXPECT_THAT(listed("A: [x, [y, [z]], {k: [v]}, w]\nB: 1\n"),
              testing::ElementsAre("A=x;w;other@1", "B=1;@2"));
}

TEST(CfgYaml, a_section_without_keys_is_a_key_of_no_use) {
  EXPECT_THAT(listed("A: {}\nB:\n  C: {}\n"), testing::ElementsAre("A=other@1", "B.C=other@3"));
}

TEST(CfgYaml, a_dot_in_a_key_is_not_a_section) {
  const auto settings = read_settings("Socket.UDPAddress: x\nA:\n  B.C: {D: 1}\nE: 1\n");
  ASSERT_EQ(settings.size(), 3U);
  EXPECT_TRUE(settings[0].dotted);
  EXPECT_TRUE(settings[1].dotted);
  EXPECT_FALSE(settings[2].dotted);
}

TEST(CfgYaml, only_the_first_document_counts_and_none_is_none) {
  EXPECT_THAT(listed("---\nA: 1\n---\nB: 2\n"), testing::ElementsAre("A=1;@2"));
  for (const char* text : {"", "\n\n", "# only this\n", "---\n", "~\n", "{}\n"}) {
    EXPECT_TRUE(read_settings(text).empty()) << text;
  }
}

TEST(CfgYaml, an_alias_stands_for_a_text_and_for_nothing_larger) {
  EXPECT_THAT(listed("A: &x one\nB: *x\nC: [*x, *x]\n"),
              testing::ElementsAre("A=one;@1", "B=one;@2", "C=one;one;list@3"));
  EXPECT_THAT(complaint("A: &x {B: 1}\nC: *x\n"),
              StartsWith("line 2: an alias can stand for a single text only"));
  EXPECT_THAT(complaint("A: &x [1]\nB: [*x, *x]\n"), StartsWith("line 2: an alias"));
  EXPECT_THAT(complaint("A: {<<: *x}\n"), StartsWith("line 1: "));
}

TEST(CfgYaml, a_bomb_of_aliases_costs_nothing) {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char name = 'b'; name <= 'z'; ++name) {
    const char before = static_cast<char>(name - 1);
    bomb += std::string(1, name) + ": &" + name + " [";
    for (int i = 0; i < 9; ++i) bomb += std::string(i > 0 ? "," : "") + "*" + before;
    bomb += "]\n";
  }
  EXPECT_THAT(complaint(bomb), HasSubstr("an alias can stand for a single text only"));

  std::string long_texts = "A: &a " + std::string(16'000, 'x') + "\nB: [*a";
  for (int i = 0; i < 100'000; ++i) long_texts += ",*a";
  EXPECT_THAT(complaint(long_texts + "]\n"), HasSubstr("more than 1000 texts"));
}

TEST(CfgYaml, depth_and_lengths_have_limits) {
  std::string sections;
  std::string braces = "A: ";
  std::string brackets = "A: ";
  for (std::size_t depth = 0; depth < 5000; ++depth) {
    if (depth < 100) sections += std::string(depth, ' ') + "a:\n";
    braces += "{a: ";
    brackets += "[";
  }
  EXPECT_THAT(complaint(sections + std::string(100, ' ') + "b: 1\n"), HasSubstr("too deeply"));
  EXPECT_THAT(complaint(braces), HasSubstr("too deeply"));
  EXPECT_THAT(complaint(brackets), HasSubstr("too deeply"));
  EXPECT_THAT(complaint(std::string(257, 'k') + ": 1\n"), HasSubstr("more than 256 bytes"));
  EXPECT_THAT(complaint("A: " + std::string(16'385, 'v')), HasSubstr("more than 16 KiB"));
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "k" + std::to_string(i) + ": 1\n";
  EXPECT_THAT(complaint(many), "line 1001: more than 1000 texts");
}

TEST(CfgYaml, what_is_no_map_of_texts_is_refused_with_its_line) {
  EXPECT_EQ(complaint("abc"), "line 1: cannot unmarshal !!str into keys");
  EXPECT_EQ(complaint("\n- a\n"), "line 2: cannot unmarshal !!seq into keys");
  EXPECT_THAT(complaint("A: 1\n? [b]\n: 2\n"), StartsWith("line 2: a key must be"));
  EXPECT_THAT(complaint("A: 1\n? {b: c}\n: 2\n"), StartsWith("line 2: a key must be"));
  EXPECT_THAT(complaint("A: 1\n\tB: 2\n"), StartsWith("line 2: "));
  EXPECT_THAT(complaint("A: [1\nB: 2\n"), StartsWith("line "));
  EXPECT_THAT(complaint("A: *nowhere\n"), StartsWith("line 1: "));
}

}  // namespace
}  // namespace xrayd::config
