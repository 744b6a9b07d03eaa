// Random bits for ids: fast, per thread, unique across fork.
#pragma once

#include <sys/random.h>
#include <unistd.h>

#include <cstdint>

#include <xray/impl/clock.hpp>
#include <xray/impl/fork.hpp>
#include <xray/impl/thread_state.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

inline std::uint64_t rotate_left(std::uint64_t value, unsigned count) noexcept {
  return (value << count) | (value >> (64U - count));
}

/// Seeds from the kernel; where that fails (a very early boot, a sandbox without the call), from
/// time, thread and process, spread by SplitMix64.
inline void seed_random(ThreadState& thread) noexcept {
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
  if ((state[0] | state[1] | state[2] | state[3]) == 0) state[0] = 1;
  thread.random_generation = fork_generation;
}

/// xoshiro256** (Blackman and Vigna): 256 bits of state, one nanosecond a number.
inline std::uint64_t random_bits(ThreadState& thread) noexcept {
  if (__builtin_expect(static_cast<long>(thread.random_generation != fork_generation), 0) != 0) {
    seed_random(thread);
  }
  auto* const state = thread.random;
  const std::uint64_t result = rotate_left(state[1] * 5, 7) * 9;
  const std::uint64_t shifted = state[1] << 17U;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = rotate_left(state[3], 45);
  return result;
}

inline std::uint64_t random_id(ThreadState& thread) noexcept {
  const std::uint64_t id = random_bits(thread);
  return id != 0 ? id : 1;
}

}  // namespace detail
XRAY_NAMESPACE_END
