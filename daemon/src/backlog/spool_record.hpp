// One batch as bytes in a spool file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "backlog/batch.hpp"

namespace xrayd::backlog {

/// A record is a header of 40 bytes, then for each document 8 bytes that say where it lies (begin
/// and size, as Batch::Part), then the request's body. Numbers are little-endian:
///
///     0  magic, 8 bytes that occur in no body (which is valid UTF-8) and in no part
///     8  state: `record_delivered`, or anything else: not delivered
///    12  payload's length: parts and body
///    16  documents, 1 to 50
///    20  CRC-32 of the payload
///    24  when the first document was accepted, milliseconds since 1970
///    32  CRC-32 of the header but its state, which changes in place, and this
///    36  0
struct RecordHeader {
  bool delivered = false;
  std::uint32_t payload = 0;
  std::uint32_t documents = 0;
  std::uint32_t payload_crc = 0;
  std::int64_t accepted_ms = 0;
};

inline constexpr std::size_t record_header_size = 40;
inline constexpr std::size_t record_state_offset = 8;
inline constexpr std::uint32_t record_waiting = 0;
inline constexpr std::uint32_t record_delivered = 0x454e4f44;
inline constexpr std::string_view record_magic = "\xffXRAY\xfesp";
/// More than any batch has; a header that claims more is damaged.
inline constexpr std::uint32_t largest_payload = std::uint32_t{64} << 20U;

using RecordHeaderBytes = std::array<char, record_header_size>;

/// The header for a batch of 1 to 50 documents that lies in memory.
[[nodiscard]] RecordHeaderBytes encode_header(const Batch& batch,
                                              std::int64_t accepted_ms) noexcept;

/// Nothing where `bytes` are not 40 or more that begin with an undamaged header.
[[nodiscard]] std::optional<RecordHeader> decode_header(std::string_view bytes) noexcept;

/// Whether parts and body are those that the header was written for, and fit each other.
[[nodiscard]] bool is_payload_of(const RecordHeader& header, const Batch& batch) noexcept;

}  // namespace xrayd::backlog
