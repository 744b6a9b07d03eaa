// What a segment is called, and what kind of service it stands for.
#pragma once

#include <string>
#include <string_view>

#include "local/otlp/span_context.hpp"

namespace xrayd::local {

/// `aws`, `remote`, or empty for work of the service's own.
[[nodiscard]] std::string_view namespace_of(SpanContext& context);
/// Valid, whatever the span says; `span` if it says nothing.
[[nodiscard]] std::string segment_name(SpanContext& context);
/// The service's own name, for a segment that stands for it.
[[nodiscard]] std::string service_name(SpanContext& context);
/// `AWS::EC2::Instance` and the like; empty where the resource is none of AWS.
[[nodiscard]] std::string_view origin_of(SpanContext& context);

}  // namespace xrayd::local
