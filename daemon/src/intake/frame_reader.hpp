// Cuts a stream into frames.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace xrayd::intake {

/// Reads frames: four bytes of length, big-endian, then so many bytes. They may arrive in pieces of
/// any size; what has arrived of a frame is kept, no memory is set aside for what has not.
class FrameReader {
 public:
  static constexpr std::size_t prefix_bytes = 4;
  static constexpr std::size_t longest_frame = std::size_t{16} << 20U;

  /// Takes the bytes that arrived and appends the frames that are complete now, without their
  /// lengths; they are valid until the next call and as long as `bytes`. False when a length is 0
  /// or beyond longest_frame: frames before it are good, and there can't be any after it. May throw
  /// std::bad_alloc.
  [[nodiscard]] bool read(std::string_view bytes, std::vector<std::string_view>& frames);

  /// Gives back the memory of the frames that the last call completed; they are not valid any more.
  void release() noexcept { std::string().swap(pieced_); }

  /// Bytes of a frame that is not complete.
  [[nodiscard]] std::size_t waiting() const noexcept { return begun_.size(); }

 private:
  std::string begun_;   ///< what arrived of a frame, its length first
  std::string pieced_;  ///< a frame that was completed by the last call
};

}  // namespace xrayd::intake
