// Any bytes as the answer of another machine: read the same however they arrive, and never more
// than allowed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/answer_reader.hpp"

using xrayd::net::AnswerReader;
using xrayd::net::AnswerTo;
using xrayd::net::HttpResponse;
using State = AnswerReader::State;

namespace {

constexpr std::size_t longest_body = 500;

State feed(AnswerReader& reader, std::string_view text, std::size_t step) {
  State state = State::more;
  while (!text.empty() && state == State::more) {
    const auto room = reader.room();
    const std::size_t size = std::min({step, room.size(), text.size()});
    std::copy_n(text.begin(), size, room.begin());
    text.remove_prefix(size);
    state = reader.commit(size);
  }
  return state == State::more ? reader.end() : state;
}

void check(bool ok) {
  if (!ok) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  constexpr AnswerTo kinds[] = {AnswerTo::request, AnswerTo::head_request, AnswerTo::tunnel};
  const AnswerTo kind = kinds[data[0] % 3];
  const std::size_t step = 1 + data[0] / 3 % 32;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);

  AnswerReader whole(longest_body, kind);
  AnswerReader pieces(longest_body, kind);
  const State state = feed(whole, text, text.size());
  // Of a header that never ends, a part may be found bad sooner or later.
  check((feed(pieces, text, step) == State::done) == (state == State::done));
  check(whole.problem().empty() == (state != State::malformed));
  if (state != State::done) return 0;
  const HttpResponse one = whole.take();
  const HttpResponse other = pieces.take();
  check(one.status == other.status && one.body == other.body);
  check(one.headers.size() == other.headers.size());
  check(one.body.size() <= longest_body && one.status / 100 != 1);
  check(kind == AnswerTo::request || one.body.empty());
  return 0;
}
