// When completed subsegments leave ahead of their segment.
#pragma once

#include <cstddef>
#include <cstdint>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN

/// What a thread has recorded into an open segment since its subsegments last left.
struct StreamingState {
  std::uint32_t subsegments = 0;
  std::size_t bytes = 0;
};

/// An extension point, given to configure() in place of Configuration::streaming_threshold. Asked
/// by each thread whenever it begins a subsegment, so it must be quick and thread-safe.
class StreamingStrategy {
 public:
  StreamingStrategy() = default;
  StreamingStrategy(const StreamingStrategy&) = delete;
  StreamingStrategy& operator=(const StreamingStrategy&) = delete;
  virtual ~StreamingStrategy() = default;

  /// Whether the subsegments that are complete should leave now, as independent subsegments.
  [[nodiscard]] virtual bool leaves_now(const StreamingState& state) noexcept = 0;
};

XRAY_NAMESPACE_END
