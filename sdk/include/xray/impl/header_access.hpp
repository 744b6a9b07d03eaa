// What the recorder may do to a header beyond its public face.
#pragma once

#include <string_view>

#include <xray/trace_header.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

struct HeaderAccess {
  /// Puts a tracestate back that came from a header: it was checked there.
  static void restore(TraceHeader& header, std::string_view tracestate) noexcept {
    header.tracestate_.append(tracestate);
  }
};

}  // namespace detail
XRAY_NAMESPACE_END
