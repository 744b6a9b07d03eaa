// Answers out of pieces of any size.
#include "net/answer_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace xrayd::net {
namespace {

using State = AnswerReader::State;

State feed(AnswerReader& reader, std::string_view text, std::size_t step) {
  State state = State::more;
  while (!text.empty() && state == State::more) {
    const auto room = reader.room();
    const std::size_t size = std::min({step, room.size(), text.size()});
    std::copy_n(text.begin(), size, room.begin());
    text.remove_prefix(size);
    state = reader.commit(size);
  }
  return state;
}

TEST(AnswerReader, reads_the_same_however_the_bytes_come) {
  constexpr std::string_view text =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n"
      "3\r\nabc\r\n10;x=y\r\n0123456789abcdef\r\n0\r\n\r\n";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    AnswerReader reader(1000, AnswerTo::request);
    ASSERT_EQ(feed(reader, text, step), State::done) << step << reader.problem();
    EXPECT_TRUE(reader.keep_alive());
    const HttpResponse response = reader.take();
    EXPECT_EQ(response.body, "abc0123456789abcdef") << step;
    EXPECT_EQ(response.header("a"), "b");
  }
}

TEST(AnswerReader, bounds_the_header_whatever_the_pieces) {
  const std::string text = "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x');
  for (const std::size_t step : {std::size_t{1}, std::size_t{1000}, text.size()}) {
    AnswerReader reader(1000, AnswerTo::request);
    EXPECT_EQ(feed(reader, text, step), State::malformed) << step;
  }
}

TEST(AnswerReader, bounds_the_line_before_a_chunk_and_what_follows_the_last) {
  for (const char* begin : {"5;", "0\r\nX: "}) {
    AnswerReader reader(1000, AnswerTo::request);
    EXPECT_EQ(feed(reader,
                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(begin) +
                       std::string(200'000, 'x'),
                   1000),
              State::malformed)
        << begin;
  }
}

TEST(AnswerReader, bounds_the_number_of_interim_answers) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "HTTP/1.1 100 Continue\r\n\r\n";
  AnswerReader reader(1000, AnswerTo::request);
  EXPECT_EQ(feed(reader, text, 1000), State::malformed);
}

}  // namespace
}  // namespace xrayd::net
