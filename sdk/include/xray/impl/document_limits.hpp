// How large a segment document may be, and what is counted where something is left out.
#pragma once

#include <cstddef>
#include <cstdint>

#include <xray/impl/diagnostics.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Limits of the segment document, in characters unless said otherwise.
inline constexpr std::size_t longest_name = 200;
inline constexpr std::size_t longest_field = 250;
inline constexpr std::size_t longest_arn = 500;
inline constexpr std::size_t longest_annotation = 1000;
inline constexpr std::size_t most_annotations = 50;
inline constexpr std::size_t longest_message = 2048;
/// Of a stack frame's module and function.
inline constexpr std::size_t longest_path = 500;
inline constexpr std::size_t longest_label = 500;
/// Bytes: what fits a datagram of 64,512 bytes together with the header line.
inline constexpr std::size_t largest_document = 64'512 - 32;
/// Subsegments nested deeper leave as documents of their own: readers limit the depth of JSON.
inline constexpr unsigned deepest_document = 100;

inline constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

/// How much of an entity is written. One that is too large for a document is written again with the
/// next limits, and what they take is counted and marked; with the last ones everything fits.
struct WritingLimits {
  bool frames;           ///< stack frames
  std::size_t metadata;  ///< bytes of one metadata value; 0: none, but for a note of how many
  std::size_t longest;   ///< characters of other texts
};
inline constexpr WritingLimits writing_limits[] = {
    {true, no_limit, no_limit},
    {false, no_limit, no_limit},
    {false, 16'384, no_limit},
    {false, 2'048, no_limit},
    {false, 256, 500},
    {false, 0, 100},
    {false, 0, 20},
};

/// What was not written as it was given; counted once it is clear that the text at hand leaves.
struct WritingTally {
  std::uint64_t names_corrected = 0;
  std::uint64_t annotations_dropped = 0;
  std::uint64_t metadata_invalid = 0;
  std::uint64_t metadata_truncated = 0;
  std::uint64_t frames_truncated = 0;
  std::uint64_t strings_truncated = 0;

  void count_all() const noexcept {
    count(counters.names_corrected, names_corrected);
    count(counters.annotations_dropped, annotations_dropped);
    count(counters.metadata_invalid, metadata_invalid);
    count(counters.metadata_truncated, metadata_truncated);
    count(counters.frames_truncated, frames_truncated);
    count(counters.strings_truncated, strings_truncated);
  }
};

}  // namespace detail
XRAY_NAMESPACE_END
