// Memory that runs out on purpose: for programs linked with -Wl,--wrap=malloc and the like.
#pragma once

#include <cstdint>

namespace support {

/// As long as one lives, what this thread's code asks malloc, calloc, realloc or operator new for
/// is refused: from the `first` request on (1: the first one) `count` times. Code of shared
/// libraries that calls malloc itself is not affected. One at a time a thread.
class FailingMemory {
 public:
  static constexpr std::uint64_t for_ever = UINT64_MAX;

  explicit FailingMemory(std::uint64_t first, std::uint64_t count = 1) noexcept;
  FailingMemory(const FailingMemory&) = delete;
  FailingMemory& operator=(const FailingMemory&) = delete;
  ~FailingMemory();

  /// How many requests were refused so far.
  [[nodiscard]] std::uint64_t refused() const noexcept;
};

}  // namespace support
