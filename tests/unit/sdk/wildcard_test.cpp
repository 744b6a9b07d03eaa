#include <xray/impl/wildcard.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

using xray::detail::matches_wildcard;

namespace {

/// What the pattern means, said as simply as can be.
bool matches_by_definition(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') {
    return matches_by_definition(pattern.substr(1), text) ||
           (!text.empty() && matches_by_definition(pattern, text.substr(1)));
  }
  return !text.empty() && (pattern.front() == '?' || pattern.front() == text.front()) &&
         matches_by_definition(pattern.substr(1), text.substr(1));
}

/// The number-th text over the letters, shortest first.
std::string text_of(unsigned number, std::string_view letters) {
  std::string text;
  while (number != 0) {
    --number;
    text += letters[number % letters.size()];
    number /= static_cast<unsigned>(letters.size());
  }
  return text;
}

}  // namespace

TEST(Wildcard, a_star_stands_for_any_or_none_and_a_question_mark_for_one) {
  EXPECT_TRUE(matches_wildcard("*", ""));
  EXPECT_TRUE(matches_wildcard("*", "anything"));
  EXPECT_TRUE(matches_wildcard("*.example.com", "a.b.example.com"));
  EXPECT_FALSE(matches_wildcard("*.example.com", "example.com"));
  EXPECT_TRUE(matches_wildcard("a?c", "abc"));
  EXPECT_FALSE(matches_wildcard("a?c", "ac"));
  EXPECT_FALSE(matches_wildcard("?", ""));
}

TEST(Wildcard, the_whole_text_must_match) {
  EXPECT_FALSE(matches_wildcard("abc", "abcd"));
  EXPECT_FALSE(matches_wildcard("bcd", "abcd"));
  EXPECT_TRUE(matches_wildcard("", ""));
  EXPECT_FALSE(matches_wildcard("", "a"));
}

TEST(Wildcard, letters_match_in_either_case) {
  EXPECT_TRUE(matches_wildcard("GET /Api/*", "get /aPI/x"));
  EXPECT_FALSE(matches_wildcard("@", "`"));  // a bit apart, as letters of two cases are
  EXPECT_FALSE(matches_wildcard("[", "{"));
}

TEST(Wildcard, every_short_pattern_means_what_it_says) {
  unsigned matches = 0;
  for (unsigned p = 0; p < 1365; ++p) {
    const std::string pattern = text_of(p, "ab*?");
    for (unsigned t = 0; t < 127; ++t) {
      const std::string text = text_of(t, "ab");
      const bool expected = matches_by_definition(pattern, text);
      ASSERT_EQ(matches_wildcard(pattern, text), expected) << pattern << " and " << text;
      if (expected) ++matches;
    }
  }
  EXPECT_GT(matches, 10'000U);
}

// By trying every star in turn this would not end.
TEST(Wildcard, no_pattern_takes_for_ever) {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "*a";
  EXPECT_FALSE(matches_wildcard(pattern + "b", std::string(4000, 'a')));
  EXPECT_TRUE(matches_wildcard(pattern, std::string(4000, 'a')));
}
