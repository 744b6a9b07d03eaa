// What tables of ids and texts that senders choose hash with.
#pragma once

#include <cstdint>

namespace xrayd::local {

/// Chosen at random once a process. Senders don't know it, so they can't choose what falls into one
/// place of a table.
[[nodiscard]] std::uint64_t hash_secret();

/// The finaliser of SplitMix64: every bit of the input changes half of the output's.
[[nodiscard]] constexpr std::uint64_t mixed_bits(std::uint64_t bits) noexcept {
  bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
  return bits ^ (bits >> 31U);
}

}  // namespace xrayd::local
