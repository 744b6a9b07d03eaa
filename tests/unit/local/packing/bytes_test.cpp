#include "local/packing/bytes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace xrayd::local {
namespace {

constexpr auto largest = std::numeric_limits<std::uint64_t>::max();

// A reader of a copy that is exactly as long as the bytes, so that the address sanitizer sees
// every read beyond them.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) {
    for (const char c : bytes) bytes_.push_back(static_cast<std::byte>(c));
  }
  [[nodiscard]] ByteReader reader() const { return ByteReader(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

std::string written(const std::function<void(ByteWriter&)>& write) {
  std::string out;
  ByteWriter writer(out);
  write(writer);
  return out;
}

std::string number_bytes(std::uint64_t value) {
  return written([&](ByteWriter& writer) { writer.number(value); });
}

std::vector<std::uint64_t> interesting_numbers() {
  std::vector<std::uint64_t> numbers;
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    numbers.insert(numbers.end(), {power - 1, power, power + 1, ~power});
  }
  numbers.push_back(largest);
  return numbers;
}

TEST(Bytes, numbers_come_back) {
  for (const std::uint64_t value : interesting_numbers()) {
    const Bytes bytes(number_bytes(value));
    ByteReader reader = bytes.reader();
    EXPECT_EQ(reader.number(), value);
    EXPECT_FALSE(reader.failed());
    EXPECT_TRUE(reader.at_end());
  }
}

TEST(Bytes, signed_numbers_come_back) {
  for (const std::uint64_t bits : interesting_numbers()) {
    const auto value = static_cast<std::int64_t>(bits);
    const Bytes bytes(written([&](ByteWriter& writer) { writer.signed_number(value); }));
    ByteReader reader = bytes.reader();
    EXPECT_EQ(reader.signed_number(), value);
    EXPECT_FALSE(reader.failed());
    EXPECT_TRUE(reader.at_end());
  }
}

TEST(Bytes, small_magnitudes_take_few_bytes) {
  EXPECT_EQ(number_bytes(0).size(), 1U);
  EXPECT_EQ(number_bytes(127).size(), 1U);
  EXPECT_EQ(number_bytes(128).size(), 2U);
  EXPECT_EQ(number_bytes(16383).size(), 2U);
  EXPECT_EQ(number_bytes(largest).size(), 10U);
  for (const std::int64_t value : {-64, -1, 0, 1, 63}) {
    EXPECT_EQ(written([&](ByteWriter& writer) { writer.signed_number(value); }).size(), 1U)
        << value;
  }
}

TEST(Bytes, golden_bytes) {
  EXPECT_EQ(number_bytes(300), "\xAC\x02");
  EXPECT_EQ(written([](ByteWriter& writer) { writer.signed_number(-2); }), "\x03");
  EXPECT_EQ(written([](ByteWriter& writer) { writer.fixed(0x0102030405060708U); }),
            "\x08\x07\x06\x05\x04\x03\x02\x01");
  EXPECT_EQ(written([](ByteWriter& writer) { writer.text("ab"); }),
            "\x02"
            "ab");
}

TEST(Bytes, fixed_numbers_and_reals_come_back) {
  for (const std::uint64_t value : interesting_numbers()) {
    const Bytes bytes(written([&](ByteWriter& writer) { writer.fixed(value); }));
    EXPECT_EQ(bytes.reader().left(), 8U);
    EXPECT_EQ(bytes.reader().fixed(), value);
  }
  using Limits = std::numeric_limits<double>;
  for (const double value : {0.0, 1.5, -1e300, Limits::max(), Limits::min(), Limits::denorm_min(),
                             Limits::infinity(), -Limits::infinity()}) {
    const Bytes bytes(written([&](ByteWriter& writer) { writer.real(value); }));
    EXPECT_EQ(bytes.reader().real(), value);
  }
  const Bytes negative_zero(written([](ByteWriter& writer) { writer.real(-0.0); }));
  EXPECT_TRUE(std::signbit(negative_zero.reader().real()));
  const Bytes none(written([](ByteWriter& writer) { writer.real(Limits::quiet_NaN()); }));
  EXPECT_TRUE(std::isnan(none.reader().real()));
}

TEST(Bytes, texts_come_back_whatever_is_in_them) {
  const std::string every = [] {
    std::string text;
    for (int c = 0; c < 256; ++c) text += static_cast<char>(c);
    return text;
  }();
  for (const std::string& text : {std::string(), std::string(1, '\0'), every, every + every}) {
    const Bytes bytes(written([&](ByteWriter& writer) { writer.text(text); }));
    ByteReader reader = bytes.reader();
    EXPECT_EQ(reader.text(), text);
    EXPECT_FALSE(reader.failed());
    EXPECT_TRUE(reader.at_end());
  }
}

struct Read {
  std::uint64_t number = 0;
  std::int64_t signed_number = 0;
  std::uint64_t fixed = 0;
  std::string_view text;
  std::uint8_t byte = 0;
};

Read read_all(ByteReader& reader) {
  Read read;
  read.number = reader.number();
  read.signed_number = reader.signed_number();
  read.fixed = reader.fixed();
  read.text = reader.text();
  read.byte = reader.byte();
  return read;
}

const std::string all_kinds = written([](ByteWriter& writer) {
  writer.number(300);
  writer.signed_number(-70000);
  writer.fixed(largest);
  writer.text("text");
  writer.byte(9);
});

TEST(Bytes, truncation_at_every_byte_fails) {
  const Bytes whole(all_kinds);
  ByteReader reader = whole.reader();
  EXPECT_EQ(read_all(reader).byte, 9);
  EXPECT_FALSE(reader.failed());
  for (std::size_t size = 0; size < all_kinds.size(); ++size) {
    const Bytes bytes(std::string_view(all_kinds).substr(0, size));
    ByteReader short_reader = bytes.reader();
    read_all(short_reader);
    EXPECT_TRUE(short_reader.failed()) << size;
  }
}

TEST(Bytes, after_a_failure_everything_is_nothing) {
  const Bytes bytes(all_kinds);
  ByteReader reader = bytes.reader();
  reader.fail();
  const Read read = read_all(reader);
  EXPECT_EQ(read.number, 0U);
  EXPECT_EQ(read.signed_number, 0);
  EXPECT_EQ(read.fixed, 0U);
  EXPECT_EQ(read.text, "");
  EXPECT_EQ(read.byte, 0);
  EXPECT_EQ(reader.count(), 0U);
  EXPECT_EQ(reader.real(), 0.0);
  EXPECT_EQ(reader.left(), 0U);
  EXPECT_TRUE(reader.at_end());
  EXPECT_TRUE(reader.failed());
}

TEST(Bytes, a_truncated_value_is_nothing_rather_than_its_first_part) {
  const Bytes number("\xFF\xFF");
  EXPECT_EQ(number.reader().number(), 0U);
  const Bytes fixed("\x01\x02\x03");
  EXPECT_EQ(fixed.reader().fixed(), 0U);
  const Bytes text(
      "\x04"
      "abc");
  EXPECT_EQ(text.reader().text(), "");
}

TEST(Bytes, numbers_of_more_than_64_bits_fail) {
  const std::string nine(9, '\xFF');
  for (const char last : {'\x02', '\x7F', '\x80', '\xFF'}) {
    const Bytes bytes(nine + last + std::string(8, '\0'));
    ByteReader reader = bytes.reader();
    EXPECT_EQ(reader.number(), 0U);
    EXPECT_TRUE(reader.failed());
  }
  const Bytes endless(std::string(1000, '\x80'));
  ByteReader reader = endless.reader();
  EXPECT_EQ(reader.number(), 0U);
  EXPECT_TRUE(reader.failed());
}

TEST(Bytes, zeros_in_front_of_a_number_are_taken) {
  const Bytes bytes(std::string("\x85\x80\x00", 3));
  ByteReader reader = bytes.reader();
  EXPECT_EQ(reader.number(), 5U);
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.failed());
}

TEST(Bytes, counts_of_more_than_can_follow_fail) {
  for (const std::uint64_t count : {std::uint64_t{4}, std::uint64_t{1} << 32U, largest}) {
    const Bytes bytes(number_bytes(count) + "abc");
    ByteReader reader = bytes.reader();
    EXPECT_EQ(reader.count(), 0U);
    EXPECT_TRUE(reader.failed());
    ByteReader text_reader = bytes.reader();
    EXPECT_EQ(text_reader.text(), "");
    EXPECT_TRUE(text_reader.failed());
  }
  const Bytes bytes(number_bytes(3) + "abc");
  EXPECT_EQ(bytes.reader().count(), 3U);
}

TEST(Bytes, any_bytes_are_read_without_reading_past_them) {
  std::minstd_rand random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random());
    const Bytes bytes(text);
    ByteReader reader = bytes.reader();
    for (std::size_t left = text.size() + 1; !reader.at_end() && reader.left() < left;) {
      left = reader.left();
      switch (random() % 5) {
        case 0:
          reader.number();
          break;
        case 1:
          reader.signed_number();
          break;
        case 2:
          reader.fixed();
          break;
        case 3:
          EXPECT_LE(reader.text().size(), left);
          break;
        default:
          reader.byte();
      }
    }
    EXPECT_TRUE(reader.at_end());
  }
}

}  // namespace
}  // namespace xrayd::local
