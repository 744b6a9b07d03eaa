// See TraceSpan.h.
#pragma once

#include <smithy/tracing/TraceSpan.h>

// NOLINTBEGIN(readability-identifier-naming): names are the SDK's
namespace smithy::components::tracing {

enum class SpanKind { INTERNAL, CLIENT, SERVER };

class Tracer {
 public:
  virtual ~Tracer() = default;
  virtual std::shared_ptr<TraceSpan> CreateSpan(Aws::String name,
                                                const Aws::Map<Aws::String, Aws::String>& with,
                                                SpanKind kind) = 0;
};

}  // namespace smithy::components::tracing
// NOLINTEND(readability-identifier-naming)
