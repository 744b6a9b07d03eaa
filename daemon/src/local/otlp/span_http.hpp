// Requests and answers in spans.
#pragma once

#include <cstdint>
#include <optional>

#include "local/json/json.hpp"
#include "local/otlp/span_context.hpp"

namespace xrayd::local {

/// Writes the member `http`, if the span is of a request. Answers its status, if there is one.
std::optional<std::int64_t> write_http(JsonWriter& writer, SpanContext& context);

}  // namespace xrayd::local
