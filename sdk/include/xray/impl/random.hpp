// Random bits for ids: fast, per thread, unique across fork.
#pragma once

#include <sys/random.h>
#include <unistd.h>

#include <cstdint>

#include <xray/impl/clock.hpp>
#include <xray/impl/fork.hpp>
#include <xray/impl/no_cancellation.hpp>
#include <xray/impl/thread_state.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Seeds from the kernel; where that fails (a very early boot, a sandbox without the call), from
/// time, thread and process, spread by SplitMix64.
[[gnu::noinline]] inline void seed_random(ThreadState& thread) noexcept {
  const NoCancellation no_cancellation;
  watch_forks();
  auto* const state = thread.random;
  if (::getrandom(state, sizeof thread.random, GRND_NONBLOCK) !=
      static_cast<ssize_t>(sizeof thread.random)) {
    auto spread = static_cast<std::uint64_t>(nanoseconds_of(CLOCK_REALTIME)) ^
                  reinterpret_cast<std::uintptr_t>(&thread) ^
                  (static_cast<std::uint64_t>(::getpid()) << 32U);
    for (std::uint64_t& word : thread.random) {
      spread += 0x9e3779b97f4a7c15U;
      std::uint64_t mixed = spread;
      mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
      mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
      word = mixed ^ (mixed >> 31U);
    }
  }
  state[0] |= 1U;  // odd, as the generator wants it
  thread.random_generation = fork_generation;
}

__extension__ using Uint128 = unsigned __int128;

/// A multiplicative congruential generator of 128 bits of state, of which the upper 64 are the
/// number (multiplier from Steele and Vigna, 2021): two multiplications, half a nanosecond.
[[gnu::always_inline]] inline std::uint64_t next_random(ThreadState& thread) noexcept {
  constexpr std::uint64_t multiplier = 0xda942042e4dd58b5U;
  const Uint128 low = static_cast<Uint128>(thread.random[0]) * multiplier;
  const std::uint64_t high = thread.random[1] * multiplier + static_cast<std::uint64_t>(low >> 64U);
  thread.random[0] = static_cast<std::uint64_t>(low);
  thread.random[1] = high;
  return high;
}

/// The same from a generator that may not be seeded yet.
inline std::uint64_t random_bits(ThreadState& thread) noexcept {
  if (__builtin_expect(static_cast<long>(thread.random_generation != fork_generation), 0) != 0) {
    seed_random(thread);
  }
  return next_random(thread);
}

inline std::uint64_t random_id(ThreadState& thread) noexcept {
  const std::uint64_t id = random_bits(thread);
  return id != 0 ? id : 1;
}

}  // namespace detail
XRAY_NAMESPACE_END
