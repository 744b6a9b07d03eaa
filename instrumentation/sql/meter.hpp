// Counts what the sanitiser looks at, so that a test can say that it is linear.
#pragma once

#include <cstddef>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace sql {

struct NoMeter {
  static constexpr bool counts = false;
  static void add(std::size_t /*bytes*/) noexcept {}
};

/// One step a byte looked at.
struct CountingMeter {
  static constexpr bool counts = true;
  std::size_t steps = 0;
  void add(std::size_t bytes) noexcept { steps += bytes; }
};

}  // namespace sql
XRAY_NAMESPACE_END
