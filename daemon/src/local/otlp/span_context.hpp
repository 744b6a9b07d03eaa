// What every part of a segment is made of.
#pragma once

#include "local/otlp/attribute_map.hpp"
#include "local/otlp/otlp_request.hpp"

namespace xrayd::local {

/// A span while it becomes a segment. Points to the span and resource.
struct SpanContext {
  const OtlpSpan& span;
  AttributeMap attributes;
  AttributeMap resource;
  /// Else a subsegment; those say nothing of the resource.
  bool is_segment = true;

  [[nodiscard]] bool calls_out() const noexcept {
    return span.kind == SpanKind::client || span.kind == SpanKind::producer ||
           span.kind == SpanKind::consumer;
  }
};

}  // namespace xrayd::local
