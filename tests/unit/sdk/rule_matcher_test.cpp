#include <xray/impl/sampling/rule_matcher.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/allocations.hpp"

using xray::SamplingAttribute;
using xray::SamplingRequest;
using xray::detail::matches_wildcard;
using xray::detail::RuleMatcher;
using xray::detail::RulePatterns;

using namespace std::string_view_literals;

namespace {

constexpr std::size_t fields = 6;

std::string& pattern_of(RulePatterns& patterns, std::size_t field) {
  const std::array<std::string*, fields> all{&patterns.service_name, &patterns.host,
                                             &patterns.method,       &patterns.path,
                                             &patterns.service_type, &patterns.resource_arn};
  return *all[field];
}

void set_text(SamplingRequest& request, std::size_t field, const std::string& text) {
  const std::array<xray::BorrowedText*, fields> all{&request.service_name, &request.host,
                                                    &request.method,       &request.path,
                                                    &request.service_type, &request.resource_arn};
  *all[field] = text;
}

std::string_view text_of(const SamplingRequest& request, std::size_t field) {
  const std::array<std::string_view, fields> all{request.service_name, request.host,
                                                 request.method,       request.path,
                                                 request.service_type, request.resource_arn};
  return all[field];
}

/// What a rule means, said as simply as can be.
bool matches_by_definition(RulePatterns patterns, const SamplingRequest& request) {
  for (std::size_t field = 0; field < fields; ++field) {
    const std::string& pattern = pattern_of(patterns, field);
    if (!pattern.empty() && pattern.find_first_not_of('*') == std::string::npos) continue;
    std::string_view text = text_of(request, field);
    if (field == 3) text = text.substr(0, text.find('?'));  // a path without its query
    const bool absent_counts = field != 5;                  // the resource's ARN
    if (text.empty() ? !absent_counts : !matches_wildcard(pattern, text)) return false;
  }
  for (const auto& [key, value] : patterns.attributes) {
    bool found = false;
    for (std::size_t i = 0; i < request.attribute_count; ++i) {
      const SamplingAttribute& attribute = request.attributes[i];
      found =
          found || (attribute.key.view() == key && matches_wildcard(value, attribute.value.view()));
    }
    if (!found) return false;
  }
  return true;
}

std::size_t find_by_definition(const std::vector<RulePatterns>& rules,
                               const SamplingRequest& request) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (matches_by_definition(rules[i], request)) return i;
  }
  return RuleMatcher::none;
}

RuleMatcher matcher_of(const std::vector<RulePatterns>& rules) {
  RuleMatcher matcher;
  for (const RulePatterns& rule : rules) matcher.add(rule);
  return matcher;
}

/// Texts, and patterns that have a good chance to match them.
class Chance {
 public:
  explicit Chance(unsigned seed) : generator_(seed) {}

  std::size_t below(std::size_t end) { return generator_() % end; }

  /// Few letters, so that much nearly matches; those around A to Z, and bytes beyond ASCII whose
  /// lower bits are letters.
  std::string text(std::size_t longest) {
    static constexpr std::string_view letters = "aAbBzZ@[`{/.-*?\x00\xC1\xE1\xDA\xFA\xC3\xA9"sv;
    std::string result(below(longest + 1), '\0');
    for (char& c : result) c = letters[below(letters.size())];
    return result;
  }

  /// Made of a text by replacing pieces with wildcards, changing cases, and sometimes a byte.
  std::string pattern(std::string_view text) {
    std::string result;
    const std::size_t wildness = 1 + below(12);
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      switch (below(4 * wildness)) {
        case 0:
          result += '*';
          i += below(5);
          break;
        case 1:
          result += '?';
          break;
        case 2:
          result += "*";
          result += c;
          break;
        case 3:
          result += xray::detail::lower_ascii(c);
          break;
        default:
          result += c;
      }
    }
    switch (below(10)) {
      case 0:
        return "*";
      case 1:
        return result + '*';
      case 2:
        return result + this->text(3);
      case 3:
        return "*" + result;
      case 4:
        return {};
      default:
        return result;
    }
  }

 private:
  std::mt19937 generator_;
};

}  // namespace

TEST(RuleMatcher, finds_the_first_rule_that_matches) {
  RulePatterns api;
  api.path = "/api/*";
  RulePatterns posts;
  posts.method = "POST";
  const RuleMatcher matcher = matcher_of({api, posts, RulePatterns()});
  SamplingRequest request;
  request.method = "POST";
  request.path = "/api/x";
  EXPECT_EQ(matcher.find(request), 0U);
  request.path = "/other";
  EXPECT_EQ(matcher.find(request), 1U);
  request.method = "GET";
  EXPECT_EQ(matcher.find(request), 2U);
}

TEST(RuleMatcher, without_rules_finds_none) {
  EXPECT_EQ(RuleMatcher().find(SamplingRequest()), RuleMatcher::none);
  RulePatterns never;
  never.path = "/x";
  SamplingRequest request;
  request.path = "/y";
  EXPECT_EQ(matcher_of({never}).find(request), RuleMatcher::none);
}

TEST(RuleMatcher, what_is_not_known_of_a_request_counts_as_matched) {
  for (std::size_t field = 0; field < fields; ++field) {
    RulePatterns rule;
    pattern_of(rule, field) = "wanted";
    const bool is_arn = field == 5;
    EXPECT_EQ(matcher_of({rule}).find(SamplingRequest()), is_arn ? RuleMatcher::none : 0U) << field;
  }
}

TEST(RuleMatcher, what_is_known_must_match_whatever_else_is_not_known) {
  for (std::size_t field = 0; field < fields; ++field) {
    RulePatterns rule;
    for (std::size_t other = 0; other < 5; ++other) pattern_of(rule, other) = "wanted";
    pattern_of(rule, field) = "wanted";
    SamplingRequest request;
    const std::string text = "another";
    set_text(request, field, text);
    EXPECT_EQ(matcher_of({rule}).find(request), RuleMatcher::none) << field;
  }
}

TEST(RuleMatcher, each_field_is_compared_with_its_own_pattern) {
  SamplingRequest request;
  const std::array<std::string, fields> texts{"a-name", "a-host", "a-method",
                                              "a-path", "a-type", "an-arn"};
  for (std::size_t i = 0; i < fields; ++i) set_text(request, i, texts[i]);
  for (std::size_t field = 0; field < fields; ++field) {
    for (std::size_t text = 0; text < fields; ++text) {
      RulePatterns rule;
      pattern_of(rule, field) = texts[text];
      EXPECT_EQ(matcher_of({rule}).find(request), field == text ? 0U : RuleMatcher::none)
          << field << " and " << texts[text];
    }
  }
}

TEST(RuleMatcher, an_empty_pattern_matches_only_what_is_not_known) {
  RulePatterns rule;
  rule.host = "";
  SamplingRequest request;
  EXPECT_EQ(matcher_of({rule}).find(request), 0U);
  request.host = "h";
  EXPECT_EQ(matcher_of({rule}).find(request), RuleMatcher::none);
}

TEST(RuleMatcher, the_query_is_no_part_of_the_path) {
  RulePatterns rule;
  rule.path = "/cart";
  SamplingRequest request;
  request.path = "/cart?customer=c-17";
  EXPECT_EQ(matcher_of({rule}).find(request), 0U);
  rule.path = "*c-17";
  EXPECT_EQ(matcher_of({rule}).find(request), RuleMatcher::none);
}

TEST(RuleMatcher, attributes_must_all_be_there_and_match) {
  RulePatterns rule;
  rule.attributes = {{"tier", "gold*"}, {"Region", "EU-?"}};
  const RuleMatcher matcher = matcher_of({rule});
  SamplingRequest request;
  EXPECT_EQ(matcher.find(request), RuleMatcher::none);
  const SamplingAttribute attributes[] = {{"Region", "eu-1"}, {"tier", "silver"}, {"tier", "GOLD"}};
  request.attributes = attributes;
  request.attribute_count = 3;
  EXPECT_EQ(matcher.find(request), 0U);
  request.attribute_count = 2;
  EXPECT_EQ(matcher.find(request), RuleMatcher::none);
  const SamplingAttribute other_key[] = {{"region", "eu-1"}, {"tier", "gold"}};
  request.attributes = other_key;
  EXPECT_EQ(matcher.find(request), RuleMatcher::none);  // keys are names: case counts
}

TEST(RuleMatcher, every_byte_has_the_case_that_the_slow_comparison_gives_it) {
  for (int in_pattern = 0; in_pattern < 256; ++in_pattern) {
    if (in_pattern == '*' || in_pattern == '?') continue;
    RulePatterns rule;
    rule.host = std::string("x") + static_cast<char>(in_pattern);
    const RuleMatcher matcher = matcher_of({rule});
    for (int in_text = 0; in_text < 256; ++in_text) {
      const std::string text = std::string("X") + static_cast<char>(in_text);
      SamplingRequest request;
      request.host = text;
      ASSERT_EQ(matcher.find(request) == 0, matches_wildcard(rule.host, text))
          << in_pattern << " and " << in_text;
    }
  }
}

// Lengths around eight, which is what is compared at once, and around what is copied (640 bytes of
// all fields together).
TEST(RuleMatcher, texts_of_every_length_match_as_they_do_by_definition) {
  for (std::size_t size = 1; size < 700; size += size < 40 ? 1 : 13) {
    const std::string text(size, 'A');
    std::string other = text;
    other.back() = 'b';
    const std::vector<std::string> patterns = {
        std::string(size, 'a'),
        other,
        "b" + text.substr(1),
        text.substr(1),
        text + "a",
        text + "*",
        text + "?",
        text.substr(1) + "?",
        text.substr(1) + "*",
        "*" + text,
        "?" + text.substr(1),
        text.substr(0, size / 2) + "*" + other.substr(size / 2)};
    for (const std::string& pattern : patterns) {
      for (std::size_t field = 0; field < fields; ++field) {
        RulePatterns rule;
        pattern_of(rule, field) = pattern;
        SamplingRequest request;
        set_text(request, field, text);
        ASSERT_EQ(matcher_of({rule}).find(request) == 0, matches_by_definition(rule, request))
            << size << ' ' << field << ' ' << pattern;
      }
    }
  }
}

TEST(RuleMatcher, random_rules_match_as_they_do_by_definition) {
  Chance chance(20'260'102);
  std::size_t found = 0;
  std::size_t rounds = 0;
  for (int set = 0; set < 1500; ++set) {
    const std::size_t longest = set % 10 == 0 ? 900 : set % 3 == 0 ? 60 : 12;
    std::array<std::string, fields> texts;
    for (std::string& text : texts) text = chance.text(longest);
    std::vector<RulePatterns> rules(1 + chance.below(8));
    for (RulePatterns& rule : rules) {
      for (std::size_t field = 0; field < fields; ++field) {
        if (chance.below(3) == 0) pattern_of(rule, field) = chance.pattern(texts[field]);
      }
      if (chance.below(6) == 0) rule.attributes.emplace_back("k", chance.pattern(texts[0]));
    }
    const RuleMatcher matcher = matcher_of(rules);
    for (int i = 0; i < 8; ++i) {
      SamplingRequest request;
      for (std::size_t field = 0; field < fields; ++field) {
        if (chance.below(8) != 0) set_text(request, field, texts[field]);
      }
      const SamplingAttribute attribute{"k", texts[0]};
      request.attributes = &attribute;
      request.attribute_count = chance.below(2);
      const std::size_t expected = find_by_definition(rules, request);
      ASSERT_EQ(matcher.find(request), expected) << "set " << set << ", request " << i;
      ++rounds;
      if (expected != RuleMatcher::none) ++found;
      // And others: nearly the same, or not at all.
      std::string& changed = texts[chance.below(fields)];
      if (chance.below(2) == 0) {
        changed = chance.text(longest);
      } else if (!changed.empty()) {
        changed[chance.below(changed.size())] = 'b';
      }
    }
  }
  // Else it would say little.
  EXPECT_GT(found, rounds / 5);
  EXPECT_GT(rounds - found, rounds / 5);
}

TEST(RuleMatcher, needs_no_memory_however_long_the_texts_are) {
  RulePatterns rule;
  rule.path = "/a*b*c";
  rule.host = "*.example.com";
  rule.attributes = {{"k", "v*"}};
  const RuleMatcher matcher = matcher_of({rule});
  const std::string path = "/a" + std::string(5000, 'b') + "c";
  const SamplingAttribute attribute{"k", "v"};
  SamplingRequest request;
  request.path = path;
  request.host = "www.example.com";
  request.attributes = &attribute;
  request.attribute_count = 1;
  const auto before = support::allocations();
  EXPECT_EQ(matcher.find(request), 0U);
  EXPECT_EQ(support::allocations(), before);
}
