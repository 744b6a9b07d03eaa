// Any bytes as an HTTP reply: read the same however they arrive, and never more than allowed.
#include <xray/impl/http_client.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using xray::detail::HttpReplyReader;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t largest = 1000;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t step = text.empty() ? 1 : static_cast<unsigned char>(text.front()) % 16 + 1U;
  if (!text.empty()) text.remove_prefix(1);

  HttpReplyReader whole(largest);
  whole.feed(text);
  const HttpReplyReader::State state = whole.finish();

  HttpReplyReader pieces(largest);
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view piece = rest.substr(0, step);
    pieces.feed(piece);
    rest.remove_prefix(piece.size());
  }
  if (pieces.finish() != state) std::abort();
  if (whole.reply().body.size() > largest || pieces.reply().body.size() > largest) std::abort();
  if (state == HttpReplyReader::State::done) {
    if (whole.reply().status != pieces.reply().status) std::abort();
    if (whole.reply().status < 200 || whole.reply().status > 599) std::abort();
    if (whole.reply().body != pieces.reply().body) std::abort();
  }
  return 0;
}
