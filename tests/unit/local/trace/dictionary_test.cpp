#include "local/trace/dictionary.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace xrayd::local {
namespace {

constexpr std::size_t plenty = 1'000'000;

std::string nth_text(std::size_t n) {
  return "text number " + std::to_string(n);
}

TEST(Dictionary, texts_are_numbered_in_the_order_in_which_they_came) {
  Dictionary dictionary(plenty, plenty);
  EXPECT_EQ(dictionary.add("a"), 0U);
  EXPECT_EQ(dictionary.add("b"), 1U);
  EXPECT_EQ(dictionary.add("a"), 0U);
  EXPECT_EQ(dictionary.add(""), 2U);
  EXPECT_EQ(dictionary.add(std::string_view("a\0", 2)), 3U);
  EXPECT_EQ(dictionary.size(), 4U);
  EXPECT_EQ(dictionary.text(1), "b");
  EXPECT_EQ(dictionary.text(2), "");
  EXPECT_EQ(dictionary.text(3), std::string_view("a\0", 2));
}

TEST(Dictionary, what_was_never_added_is_not_found) {
  Dictionary dictionary(plenty, plenty);
  EXPECT_EQ(dictionary.text(0), std::nullopt);
  EXPECT_EQ(dictionary.find("a"), std::nullopt);
  dictionary.add("a");
  EXPECT_EQ(dictionary.find("a"), 0U);
  EXPECT_EQ(dictionary.find("aa"), std::nullopt);
  EXPECT_EQ(dictionary.text(1), std::nullopt);
  EXPECT_EQ(dictionary.text(0xFFFFFFFFU), std::nullopt);
}

TEST(Dictionary, many_texts_are_found_and_stay_where_they_are) {
  constexpr std::size_t count = 20'000;
  Dictionary dictionary(plenty, plenty);
  std::vector<std::string_view> at_first;
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = dictionary.add(nth_text(i));
    ASSERT_EQ(number, i);
    at_first.push_back(dictionary.text(*number).value());
  }
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(at_first[i], nth_text(i));
    ASSERT_EQ(dictionary.text(static_cast<Dictionary::Number>(i))->data(), at_first[i].data());
    ASSERT_EQ(dictionary.find(nth_text(i)), i);
    ASSERT_EQ(dictionary.add(nth_text(i)), i);
  }
  EXPECT_EQ(dictionary.size(), count);
}

TEST(Dictionary, no_more_texts_than_allowed_are_taken) {
  Dictionary dictionary(100, plenty);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(dictionary.add(nth_text(i)), i);
  EXPECT_EQ(dictionary.add("one more"), std::nullopt);
  EXPECT_EQ(dictionary.find("one more"), std::nullopt);
  EXPECT_EQ(dictionary.add(nth_text(99)), 99U);
  EXPECT_EQ(dictionary.size(), 100U);
  Dictionary none(0, plenty);
  EXPECT_EQ(none.add(""), std::nullopt);
}

TEST(Dictionary, no_more_bytes_than_allowed_are_taken) {
  Dictionary dictionary(plenty, 10);
  EXPECT_EQ(dictionary.add("12345678"), 0U);
  EXPECT_EQ(dictionary.add("123"), std::nullopt);
  EXPECT_EQ(dictionary.add("12"), 1U);
  EXPECT_EQ(dictionary.add("x"), std::nullopt);
  EXPECT_EQ(dictionary.add(""), 2U);
  EXPECT_EQ(dictionary.add("12345678"), 0U);
}

TEST(Dictionary, long_texts_are_not_taken) {
  Dictionary dictionary(plenty, plenty);
  EXPECT_EQ(dictionary.add(std::string(Dictionary::max_text_bytes, 'x')), 0U);
  EXPECT_EQ(dictionary.add(std::string(Dictionary::max_text_bytes + 1, 'x')), std::nullopt);
  EXPECT_EQ(dictionary.find(std::string(Dictionary::max_text_bytes + 1, 'x')), std::nullopt);
}

// Run under the thread sanitizer.
TEST(Dictionary, readers_look_up_while_a_writer_adds) {
  constexpr std::size_t count = 20'000;
  Dictionary dictionary(plenty, plenty);
  std::atomic<std::size_t> told{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (std::size_t reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&, reader] {
      std::size_t at = reader;
      for (std::size_t known = 0; known < count;) {
        known = told.load(std::memory_order_acquire);
        if (known == 0) continue;
        at = (at * 7 + 13) % known;
        const auto text = dictionary.text(static_cast<Dictionary::Number>(at));
        if (text != nth_text(at) || dictionary.find(nth_text(at)) != at) ++wrong;
        if (dictionary.size() < known) ++wrong;
        // What may just be coming is either not there or right.
        const auto newest = dictionary.text(static_cast<Dictionary::Number>(known));
        if (newest && *newest != nth_text(known)) ++wrong;
        const auto found = dictionary.find(nth_text(known));
        if (found && (*found != known || dictionary.text(*found) != nth_text(known))) ++wrong;
      }
    });
  }
  for (std::size_t i = 0; i < count; ++i) {
    dictionary.add(nth_text(i));
    told.store(i + 1, std::memory_order_release);
  }
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace xrayd::local
