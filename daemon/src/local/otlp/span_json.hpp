// Segments as OpenTelemetry shows them: for retrieved traces in the format OTEL.
#pragma once

#include <string>
#include <vector>

#include "local/document/trace_id.hpp"
#include "local/json/json.hpp"

namespace xrayd::local {

struct SpanDocument {
  EntityId id = 0;
  /// One span in OTLP's JSON (lowerCamelCase, ids in hex), with its resource.
  std::string json;
};

/// A compiled segment (JSON, see CompiledSegment) and all below it: one span each, parents first.
/// None of inferred segments: their callers' spans say the same. Thread-safe.
std::vector<SpanDocument> spans_of(const TraceId& trace, const rapidjson::Value& segment);

}  // namespace xrayd::local
