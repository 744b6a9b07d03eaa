#include "intake/frame_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace xrayd::intake {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;

std::string frame(const std::string& body) {
  const std::size_t size = body.size();
  return {std::string{static_cast<char>(size >> 24U), static_cast<char>(size >> 16U),
                      static_cast<char>(size >> 8U), static_cast<char>(size)} +
          body};
}

/// What one reader makes of pieces; `good` is its last word.
std::vector<std::string> read_all(const std::vector<std::string>& pieces, bool& good) {
  FrameReader reader;
  std::vector<std::string> result;
  good = true;
  for (const std::string& piece : pieces) {
    std::vector<std::string_view> frames;
    good = reader.read(piece, frames);
    for (const std::string_view one : frames) result.emplace_back(one);
    if (!good) break;
  }
  return result;
}

TEST(FrameReader, several_frames_in_one_piece_come_out_in_order) {
  bool good = false;
  EXPECT_THAT(read_all({frame("one") + frame("two") + frame("\0\n"s)}, good),
              ElementsAre("one", "two", "\0\n"s));
  EXPECT_TRUE(good);
}

TEST(FrameReader, a_frame_may_be_cut_anywhere_even_in_its_length) {
  const std::string text = frame("first") + frame(std::string(300, 'x')) + frame("last");
  for (std::size_t size = 1; size <= text.size(); ++size) {
    std::vector<std::string> pieces;
    for (std::size_t begin = 0; begin < text.size(); begin += size) {
      pieces.push_back(text.substr(begin, size));
    }
    bool good = false;
    EXPECT_THAT(read_all(pieces, good), ElementsAre("first", std::string(300, 'x'), "last"))
        << size;
    EXPECT_TRUE(good);
  }
}

TEST(FrameReader, a_length_of_zero_ends_it_after_the_frames_before) {
  bool good = true;
  EXPECT_THAT(read_all({frame("good") + "\0\0\0\0more"s}, good), ElementsAre("good"));
  EXPECT_FALSE(good);
  EXPECT_THAT(read_all({"\0\0"s, "\0\0"s}, good), IsEmpty());
  EXPECT_FALSE(good);
}

TEST(FrameReader, a_length_beyond_16_mib_ends_it_and_16_mib_is_taken) {
  bool good = true;
  EXPECT_THAT(read_all({"\x01\0\0\x01"s}, good), IsEmpty());
  EXPECT_FALSE(good);
  EXPECT_THAT(read_all({"\xff\xff"s, "\xff\xff"s}, good), IsEmpty());
  EXPECT_FALSE(good);
  const std::string longest = frame(std::string(FrameReader::longest_frame, 'x'));
  const auto frames = read_all({longest.substr(0, 1'000'000), longest.substr(1'000'000)}, good);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].size(), FrameReader::longest_frame);
  EXPECT_TRUE(good);
}

TEST(FrameReader, a_claimed_length_costs_no_memory_before_the_bytes_come) {
  FrameReader reader;
  std::vector<std::string_view> frames;
  EXPECT_TRUE(reader.read("\0\xff\xff\xff"s, frames));
  EXPECT_EQ(reader.waiting(), 4U);
}

}  // namespace
}  // namespace xrayd::intake
