// Any bytes in pieces of any size: the same frames as from the whole, and never more than arrived.
#include "intake/frame_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// Frames of the whole text, by the definition.
std::vector<std::string> expected(std::string_view text, bool& good) {
  std::vector<std::string> frames;
  good = true;
  while (text.size() >= 4) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length * 256 + static_cast<unsigned char>(text[i]);
    if (length == 0 || length > 16U * 1024 * 1024) {
      good = false;
      break;
    }
    if (text.size() < 4 + length) break;
    frames.emplace_back(text.substr(4, length));
    text.remove_prefix(4 + length);
  }
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t piece = 1 + data[0] % 64;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  xrayd::intake::FrameReader reader;
  std::vector<std::string> frames;
  bool good = true;
  for (std::size_t begin = 0; good && begin < text.size(); begin += piece) {
    std::vector<std::string_view> now;
    good = reader.read(text.substr(begin, piece), now);
    for (const std::string_view frame : now) frames.emplace_back(frame);
    if (reader.waiting() > text.size()) std::abort();
  }
  bool expected_good = true;
  if (frames != expected(text, expected_good) || good != expected_good) std::abort();
  return 0;
}
