#include "clients/call.hpp"

#include <atomic>
#include <exception>

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace {

using xray::detail::CurrentTrace;

std::atomic<const OuterTrace*> outer_trace{nullptr};

/// Whether the thread has a segment: without a look at its context, which counts references.
bool is_traced_here() noexcept {
  const CurrentTrace here = xray::detail::current_trace();
  return here == CurrentTrace::sampled || here == CurrentTrace::unsampled;
}

/// What the thread has not, the process may have.
Context context_from_outside() noexcept {
  const OuterTrace* const outer = outer_trace.load(std::memory_order_acquire);
  if (outer == nullptr || xray::detail::current_trace() != CurrentTrace::none) return Context();
  return outer->context();
}

Tracing tracing_of(CurrentTrace trace) noexcept {
  if (trace == CurrentTrace::sampled) return Tracing::sampled;
  return trace == CurrentTrace::unsampled ? Tracing::unsampled : Tracing::none;
}

}  // namespace

Tracing tracing() noexcept {
  const CurrentTrace here = xray::detail::current_trace();
  if (here != CurrentTrace::none) return tracing_of(here);
  const OuterTrace* const outer = outer_trace.load(std::memory_order_acquire);
  return outer == nullptr ? Tracing::none : outer->tracing();
}

Tracing tracing_within(const Context& context) noexcept {
  const ContextScope scope(context);
  return tracing_of(xray::detail::current_trace());
}

void set_outer_trace(const OuterTrace* outer) noexcept {
  outer_trace.store(outer, std::memory_order_release);
}

namespace {

template <typename... Arguments>
std::optional<Subsegment> begin(Arguments&&... arguments) noexcept {
  try {
    std::optional<Subsegment> subsegment(std::in_place, arguments...);
    if (!subsegment->sampled()) subsegment.reset();
    return subsegment;
  } catch (const std::exception&) {  // ContextMissing, where a segment ended under our hands
    return std::nullopt;
  }
}

}  // namespace

std::optional<Subsegment> begin_call(std::string_view name, Namespace name_space) noexcept {
  if (is_traced_here()) return begin(name, name_space);
  const Context context = context_from_outside();
  return context ? begin(name, context, name_space) : std::nullopt;
}

std::optional<Subsegment> begin_lasting_call(std::string_view name, Namespace name_space) noexcept {
  const Context context = is_traced_here() ? current_context() : context_from_outside();
  return context ? begin(name, context, name_space) : std::nullopt;
}

TraceHeader header_here() noexcept {
  if (is_traced_here()) return current_trace_header();
  const ContextScope scope(context_from_outside());
  return current_trace_header();
}

}  // namespace clients
XRAY_NAMESPACE_END
