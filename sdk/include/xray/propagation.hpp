// How a trace is read from a request that came in, and written onto a call that goes out.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_PROPAGATION_HPP
#define XRAY_PROPAGATION_HPP

#include <string_view>
#include <utility>

#include <xray/context.hpp>
#include <xray/trace_header.hpp>

XRAY_NAMESPACE_BEGIN

namespace detail {

/// Whether W3C's headers were asked for (Configuration::propagate_w3c).
XRAY_DECL bool propagates_w3c() noexcept;

/// Look-ups of C libraries answer with a null pointer.
inline std::string_view text_of_header(const char* text) noexcept {
  return text != nullptr ? std::string_view(text) : std::string_view();
}
inline std::string_view text_of_header(std::string_view text) noexcept {
  return text;
}

}  // namespace detail

/// Reads the trace that a request continues. `get_header(name)`, the name a `std::string_view`,
/// returns the value of that header in whatever converts to `std::string_view`, empty (or a null
/// `const char*`) where there is none; it is asked for X-Amzn-Trace-Id, traceparent and, where that
/// is there, tracestate. X-Amzn-Trace-Id wins if it has a valid Root: see TraceHeader::parse.
/// Throws what `get_header` throws, nothing else.
template <typename GetHeader>
TraceHeader extract(GetHeader&& get_header) {
  // Values may be temporaries: each is kept until all are read.
  const auto& text = get_header(trace_header_name);
  const auto& traceparent = get_header(traceparent_name);
  if (detail::text_of_header(traceparent).empty()) {
    return TraceHeader::parse(detail::text_of_header(text));
  }
  const auto& tracestate = get_header(tracestate_name);
  return TraceHeader::parse(detail::text_of_header(text), detail::text_of_header(traceparent),
                            detail::text_of_header(tracestate));
}

/// Calls `set_header(name, value)`, both `std::string_view`, with what tells `header` to the
/// callee: X-Amzn-Trace-Id, and where Configuration::propagate_w3c asks for it traceparent and, if
/// the request brought one, tracestate. For calls that have an explicit parent: its trace_header().
/// Does nothing if `header` is empty.
template <typename SetHeader>
void inject(const TraceHeader& header, SetHeader&& set_header) {
  const TraceHeader::Text text = header.to_string();
  if (text.empty()) return;
  set_header(trace_header_name, text.view());
  if (!detail::propagates_w3c()) return;
  const TraceHeader::TraceparentText traceparent = header.traceparent();
  if (traceparent.empty()) return;
  set_header(traceparent_name, traceparent.view());
  if (!header.tracestate().empty()) set_header(tracestate_name, header.tracestate());
}

/// The same for a call made now: the current (sub)segment is its parent. Does nothing without a
/// current segment.
template <typename SetHeader>
void inject(SetHeader&& set_header) {
  inject(current_trace_header(), set_header);
}

XRAY_NAMESPACE_END

#endif  // XRAY_PROPAGATION_HPP
