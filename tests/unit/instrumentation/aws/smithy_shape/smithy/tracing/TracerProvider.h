// See TraceSpan.h.
#pragma once

#include <smithy/tracing/Tracer.h>

// NOLINTBEGIN(readability-identifier-naming): names are the SDK's
namespace smithy::components::tracing {

class TracerProvider {
 public:
  virtual ~TracerProvider() = default;
  virtual std::shared_ptr<Tracer> GetTracer(Aws::String scope,
                                            const Aws::Map<Aws::String, Aws::String>& with) = 0;
};

}  // namespace smithy::components::tracing
// NOLINTEND(readability-identifier-naming)
