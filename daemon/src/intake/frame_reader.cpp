#include "intake/frame_reader.hpp"

#include <algorithm>
#include <utility>

namespace xrayd::intake {
namespace {

std::size_t length_at(std::string_view bytes) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < FrameReader::prefix_bytes; ++i) {
    length = (length << 8U) | static_cast<unsigned char>(bytes[i]);
  }
  return length;
}

bool is_possible(std::size_t length) {
  return length > 0 && length <= FrameReader::longest_frame;
}

}  // namespace

bool FrameReader::read(std::string_view bytes, std::vector<std::string_view>& frames) {
  release();
  if (!begun_.empty()) {
    const auto take = [&](std::size_t wanted) {
      const std::size_t size = std::min(bytes.size(), wanted - begun_.size());
      begun_ += bytes.substr(0, size);
      bytes.remove_prefix(size);
      return begun_.size() == wanted;
    };
    if (begun_.size() < prefix_bytes && !take(prefix_bytes)) return true;
    const std::size_t length = length_at(begun_);
    if (!is_possible(length)) return false;
    if (!take(prefix_bytes + length)) return true;
    pieced_ = std::exchange(begun_, {});
    frames.push_back(std::string_view(pieced_).substr(prefix_bytes));
  }
  while (bytes.size() >= prefix_bytes) {
    const std::size_t length = length_at(bytes);
    if (!is_possible(length)) return false;
    if (bytes.size() - prefix_bytes < length) break;
    frames.push_back(bytes.substr(prefix_bytes, length));
    bytes.remove_prefix(prefix_bytes + length);
  }
  begun_ = bytes;
  return true;
}

}  // namespace xrayd::intake
