// Spans as segment documents.
#pragma once

#include <string>
#include <vector>

#include "local/otlp/otlp_request.hpp"

namespace xrayd::local {

/// X-Ray's own limit; what is beyond goes to the metadata.
inline constexpr std::size_t max_annotations = 50;

/// Appends the documents of a span: one, or two where a call out is the whole of a service's part
/// in a trace (`aws.span.kind` is `LOCAL_ROOT`): the service's segment and the call. False, and
/// nothing appended, where the span makes none: without valid ids or times, or larger than a
/// document may be.
bool append_segments(const OtlpResource& resource, const OtlpSpan& span,
                     std::vector<std::string>& documents);

}  // namespace xrayd::local
