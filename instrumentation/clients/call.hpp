// The trace that a hooked call is part of.
#pragma once

#include <optional>
#include <string_view>

#include <xray/context.hpp>
#include <xray/subsegment.hpp>

XRAY_NAMESPACE_BEGIN
namespace clients {

/// What is to be done about a call made here.
enum class Tracing : unsigned char {
  none,       ///< there is no trace: nothing
  unsampled,  ///< there is one and it is not recorded: what goes out carries its header on
  sampled,
};

/// The trace of calls that are made where their thread has none. Asked by any thread.
struct OuterTrace {
  /// Asked by every such call: must be quick once it has answered. It may begin the trace.
  Tracing (*tracing)() noexcept;
  /// Empty: there is none. Counts references, so it is for calls that are recorded.
  Context (*context)() noexcept;
};

/// Set by the preload library, for programs that begin no segments; null: none. Must live as long
/// as the process.
void set_outer_trace(const OuterTrace* outer) noexcept;

/// Asked by every wrapper first. A few nanoseconds, without a segment or with one.
Tracing tracing() noexcept;

/// The same of calls made in this context, which need not be current.
Tracing tracing_within(const Context& context) noexcept;

/// Begins the subsegment of a call that is over when the wrapper returns, on the same thread. It is
/// current meanwhile: what callbacks do becomes its children (but for calls of the preload
/// library's segment). None where nothing is recorded, and out of memory.
std::optional<Subsegment> begin_call(std::string_view name, Namespace name_space) noexcept;

/// The same for a call that another function's wrapper ends, on whatever thread: never current.
std::optional<Subsegment> begin_lasting_call(std::string_view name, Namespace name_space) noexcept;

/// What an outgoing request is to carry where no subsegment was begun for it: the header of what is
/// current here. Empty without a trace.
TraceHeader header_here() noexcept;

}  // namespace clients
XRAY_NAMESPACE_END
