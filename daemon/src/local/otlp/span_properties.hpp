// Attributes that have no place of their own in a segment.
#pragma once

#include "local/json/json.hpp"
#include "local/otlp/span_context.hpp"

namespace xrayd::local {

/// Writes `annotations` and `metadata`: of the span's attributes, and of a segment's resource
/// (`otel.resource.<key>`), what nothing has used. Texts, numbers and booleans become annotations,
/// max_annotations at most, those first that `aws.xray.annotations` names; the rest is metadata.
/// Everything else must have been written before.
void write_properties(JsonWriter& writer, SpanContext& context);

}  // namespace xrayd::local
