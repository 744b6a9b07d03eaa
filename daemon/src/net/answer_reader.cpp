#include "net/answer_reader.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

namespace xrayd::net {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::uint32_t header_limit = std::uint32_t{16} << 10U;
/// Most answers are a few hundred bytes; long ones are read in larger pieces.
constexpr std::size_t first_read = 4096;
constexpr std::size_t later_read = 16'384;
/// What is not parsed yet: at most a header, or the line before a chunk.
constexpr std::size_t buffer_limit = std::size_t{64} << 10U;
constexpr int most_interim_answers = 16;

}  // namespace

class AnswerReader::Impl {
 public:
  using Parser = http::response_parser<http::string_body>;

  Impl(std::size_t longest_body, AnswerTo kind)
      : longest_body_(longest_body), kind_(kind), buffer_(buffer_limit) {
    begin();
  }

  std::span<char> room() {
    const auto place = buffer_.prepare(begun_ ? later_read : first_read);
    return {static_cast<char*>(place.data()), place.size()};
  }

  State commit(std::size_t size) {
    buffer_.commit(size);
    begun_ = begun_ || size > 0;
    while (buffer_.size() > 0) {
      error_code error;
      const std::size_t used = parser_->put(buffer_.data(), error);
      buffer_.consume(used);
      if (error == http::error::need_more) {
        if (buffer_.size() <= buffer_limit - later_read) return State::more;
        return fail("its header is too long");
      }
      if (error) return fail(error);
      if (parser_->is_done()) {
        if (!is_interim()) return State::done;
        if (parser_->get().result_int() == 101) return fail("it changes the protocol");
        if (++interim_answers_ > most_interim_answers) return fail("it has too many interim ones");
        begin();
      } else if (used == 0) {
        return State::more;
      }
    }
    return State::more;
  }

  State end() {
    error_code error;
    if (!parser_->got_some() || !parser_->is_header_done()) return State::more;
    parser_->put_eof(error);
    return !error && parser_->is_done() ? State::done : State::more;
  }

  bool has_begun() const { return begun_; }

  bool has_rest() const { return buffer_.size() > 0; }

  bool keep_alive() const { return parser_->is_done() && parser_->keep_alive() && !has_rest(); }

  const std::string& problem() const { return problem_; }

  HttpResponse take() {
    auto message = parser_->release();
    HttpResponse response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message.base()) {
      const auto name = field.name_string();
      const auto value = field.value();
      response.headers.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
    }
    response.body = std::move(message.body());
    return response;
  }

 private:
  void begin() {
    parser_.emplace();
    parser_->eager(true);
    parser_->header_limit(header_limit);
    parser_->body_limit(longest_body_);
    // An answer to CONNECT has no body: what follows is the tunnel's. If it is a refusal, the
    // connection is closed and nobody wants to read it.
    if (kind_ != AnswerTo::request) parser_->skip(true);
  }

  bool is_interim() const { return parser_->get().result_int() / 100 == 1; }

  State fail(const error_code& error) {
    if (error == http::error::body_limit) {
      return fail("it is longer than " + std::to_string(longest_body_) + " bytes");
    }
    return fail(error.message());
  }
  State fail(const std::string& why) {
    problem_ = why;
    return State::malformed;
  }

  std::size_t longest_body_;
  AnswerTo kind_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::string problem_;
  int interim_answers_ = 0;
  bool begun_ = false;
};

AnswerReader::AnswerReader(std::size_t longest_body, AnswerTo kind)
    : impl_(std::make_unique<Impl>(longest_body, kind)) {
}

AnswerReader::~AnswerReader() = default;

std::span<char> AnswerReader::room() {
  return impl_->room();
}

AnswerReader::State AnswerReader::commit(std::size_t size) {
  return impl_->commit(size);
}

AnswerReader::State AnswerReader::end() {
  return impl_->end();
}

bool AnswerReader::has_begun() const {
  return impl_->has_begun();
}

bool AnswerReader::has_rest() const {
  return impl_->has_rest();
}

bool AnswerReader::keep_alive() const {
  return impl_->keep_alive();
}

std::string AnswerReader::problem() const {
  return impl_->problem();
}

HttpResponse AnswerReader::take() {
  return impl_->take();
}

}  // namespace xrayd::net
