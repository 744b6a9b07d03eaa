// A part of a trace that is not recorded.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_UNSAMPLED_HPP
#define XRAY_UNSAMPLED_HPP

#include <xray/trace_header.hpp>

XRAY_NAMESPACE_BEGIN

namespace detail {
struct Record;
}

/// As long as it lives nothing is recorded on the calling thread, whatever is current: subsegments
/// begun below do nothing (and don't complain where there is no segment), and calls made from here
/// carry the current trace with `Sampled=0`, so that nobody further down records either. For work
/// inside a sampled request that has a decision of its own, such as one message of a batch.
///
/// What is given an explicit parent (Subsegment's other constructors, a ContextScope) follows that
/// parent. Scopes nest, and end on the thread they began on. No allocation in the steady state.
class Unsampled {
 public:
  XRAY_DECL Unsampled() noexcept;
  Unsampled(const Unsampled&) = delete;
  Unsampled& operator=(const Unsampled&) = delete;
  XRAY_DECL ~Unsampled();

 private:
  detail::Record* record_;
};

XRAY_NAMESPACE_END

#endif  // XRAY_UNSAMPLED_HPP
