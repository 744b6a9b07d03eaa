// Where ids come from: the SDK's generator, or the program's.
#pragma once

#include <atomic>
#include <cstdint>

#include <xray/id_generator.hpp>
#include <xray/impl/clock.hpp>
#include <xray/impl/random.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Configuration::id_generator; null: ours. Set before anything is recorded, owned by the settings.
XRAY_PROCESS_WIDE inline std::atomic<IdGenerator*> id_generator{nullptr};

inline bool has_id_generator() noexcept {
  return __builtin_expect(
             static_cast<long>(id_generator.load(std::memory_order_relaxed) != nullptr), 0) != 0;
}

/// Apart, so that the recording path carries no call where there is no generator.
[[gnu::noinline, gnu::cold]] inline std::uint64_t foreign_segment_id(ThreadState& thread) noexcept {
  const SegmentId id = id_generator.load(std::memory_order_acquire)->segment_id();
  return id.valid() ? id.value() : random_id(thread);
}

[[gnu::noinline, gnu::cold]] inline TraceId foreign_trace_id() noexcept {
  const TraceId id = id_generator.load(std::memory_order_acquire)->trace_id();
  return id.valid() ? id : TraceId::generate();
}

/// The id of a new entity.
inline std::uint64_t new_segment_id(ThreadState& thread) noexcept {
  return has_id_generator() ? foreign_segment_id(thread) : random_id(thread);
}

/// The id of a trace that begins at `wall_nanoseconds` after the epoch.
inline TraceId new_trace_id(ThreadState& thread, std::int64_t wall_nanoseconds) noexcept {
  if (has_id_generator()) return foreign_trace_id();
  const auto seconds = static_cast<std::uint64_t>(wall_nanoseconds / 1'000'000'000);
  const std::uint64_t high = (seconds << 32U) | (random_bits(thread) >> 32U);
  return {high, random_bits(thread)};
}

}  // namespace detail
XRAY_NAMESPACE_END
