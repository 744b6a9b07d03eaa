// Why a span failed.
#pragma once

#include <cstdint>
#include <optional>

#include "local/document/trace_id.hpp"
#include "local/json/json.hpp"
#include "local/otlp/span_context.hpp"

namespace xrayd::local {

/// Writes `fault`, `error` and `throttle` as they are set.
void write_outcome(JsonWriter& writer, const SpanContext& context,
                   std::optional<std::int64_t> http_status);

/// Writes `cause` where the span tells of exceptions, or is in error with a message. Ids of
/// exceptions are made from `id`, so that they are the same whenever the span comes.
void write_cause(JsonWriter& writer, const SpanContext& context, EntityId id);

/// An id made from another's; never 0, the same for the same number.
[[nodiscard]] EntityId derived_id(EntityId id, std::uint64_t number) noexcept;

}  // namespace xrayd::local
