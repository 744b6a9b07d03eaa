// The SDK's ids as the store and the API need them: in both written forms, as keys, as bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <xray/segment_id.hpp>
#include <xray/trace_id.hpp>

namespace xrayd::local {

using TraceId = xray::TraceId;

/// Takes `1-<8 hex>-<24 hex>` and the 32 hex digits of W3C, in either case. The all-zero id is
/// none.
std::optional<TraceId> parse_trace_id(std::string_view text) noexcept;

/// Big-endian, so that the order of keys in the store is the order of the epochs.
std::array<std::byte, 16> to_bytes(TraceId id) noexcept;
TraceId trace_id_from_bytes(const std::array<std::byte, 16>& bytes) noexcept;

/// The id of a segment or subsegment.
using EntityId = std::uint64_t;

/// Ids are whatever senders choose. These mix in a secret of this process, so that nobody can
/// choose ids that all fall into one bucket.
struct EntityIdHash {
  std::size_t operator()(EntityId id) const noexcept;
};

struct TraceIdHash {
  std::size_t operator()(TraceId id) const noexcept;
};

/// Takes exactly 16 hex digits, in either case, but not the all-zero id.
std::optional<EntityId> parse_entity_id(std::string_view text) noexcept;

/// 16 hex digits, lower case.
std::string entity_id_text(EntityId id);

}  // namespace xrayd::local
