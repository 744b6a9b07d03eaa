// Ids of a program's own making.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_ID_GENERATOR_HPP
#define XRAY_ID_GENERATOR_HPP

#include <xray/segment_id.hpp>
#include <xray/trace_id.hpp>

XRAY_NAMESPACE_BEGIN

/// Makes the ids that the SDK gives to traces and (sub)segments, in place of its own generator: see
/// Configuration::id_generator. Called on the recording path, from any thread and several at once;
/// must not trace. TraceId::generate() and SegmentId::generate() are the SDK's own generator
/// whatever is set, so an implementation may build on them. For an id that is not valid() the SDK
/// takes one of its own.
class IdGenerator {
 public:
  IdGenerator() = default;
  IdGenerator(const IdGenerator&) = delete;
  IdGenerator& operator=(const IdGenerator&) = delete;
  virtual ~IdGenerator() = default;

  /// The id of a trace that begins here. X-Ray reads its first 32 bits as the epoch seconds of the
  /// start where they look like it, and takes any others too.
  virtual TraceId trace_id() noexcept = 0;
  /// The id of one segment or subsegment, unique within its trace.
  virtual SegmentId segment_id() noexcept = 0;
};

XRAY_NAMESPACE_END

#endif  // XRAY_ID_GENERATOR_HPP
