#include "aws/secret.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <utility>

namespace xrayd::aws {
namespace {

template <typename Type>
concept Streamable = requires(std::ostream& out, const Type& value) {
  out << value;
};

TEST(Secret, nobody_prints_it_or_takes_it_for_text_by_mistake) {
  static_assert(!Streamable<Secret>);
  static_assert(!std::is_convertible_v<Secret, std::string>);
  static_assert(!std::is_convertible_v<Secret, std::string_view>);
  static_assert(!std::is_convertible_v<std::string, Secret>);
  EXPECT_EQ(Secret("key").reveal(), "key");
}

TEST(Secret, the_text_that_it_takes_over_is_overwritten_where_it_stood) {
  std::string short_text = "twelve bytes";
  const char* const before = short_text.data();
  const Secret secret(std::move(short_text));
  EXPECT_EQ(secret.reveal(), "twelve bytes");
  EXPECT_EQ(std::string_view(before, 12), std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0", 12));
}

TEST(Secret, moving_and_copying_keep_the_text_and_empty_the_source) {
  for (const std::string& text : {std::string("short"), std::string(200, 'l')}) {
    Secret first{std::string_view(text)};
    Secret copy = first;
    EXPECT_EQ(copy, first);
    Secret moved = std::move(first);
    EXPECT_EQ(moved.reveal(), text);
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move)
    copy = Secret("other");
    EXPECT_EQ(copy.reveal(), "other");
    copy = moved;
    EXPECT_EQ(copy.reveal(), text);
    copy = *&copy;
    EXPECT_EQ(copy.reveal(), text);
  }
}

}  // namespace
}  // namespace xrayd::aws
