// One service's part of a trace.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_SEGMENT_HPP
#define XRAY_SEGMENT_HPP

#include <string_view>

#include <xray/entity.hpp>
#include <xray/sampler.hpp>
#include <xray/trace_header.hpp>

XRAY_NAMESPACE_BEGIN

/// One request handled by one service: begins when constructed, ends when destroyed or ended, and
/// then leaves as one document with all of its subsegments that are over (those still running leave
/// on their own when they are). While it lives it is the calling thread's current context: every
/// Subsegment begun there belongs to it. Segments nest; the outer one is current again afterwards.
///
/// Move-only. May end on another thread than it began on; work on several threads is handed over by
/// current_context() and ContextScope.
class Segment : public Entity {
 public:
  /// Begins a segment. `name` is the service's logical name, the node on the service map: letters,
  /// digits, spaces and `_ . : / % & # = + - @`, at most 200 characters; the rest is dropped and
  /// counted. AWS_XRAY_TRACING_NAME replaces every name given here. `header` is what the caller
  /// sent: its trace is continued and its sampling decision final; where it brings none, the
  /// sampler (Configuration::sampler) decides, from the name alone.
  XRAY_DECL explicit Segment(std::string_view name,
                             const TraceHeader& header = TraceHeader()) noexcept;
  /// Begins a segment for an HTTP request, as with set_http_request(); the sampler decides from its
  /// method, and the host and path of its URL, too.
  XRAY_DECL Segment(std::string_view name, const TraceHeader& header,
                    const HttpRequest& request) noexcept;
  /// The sampler decides from what is given here.
  XRAY_DECL Segment(std::string_view name, const TraceHeader& header,
                    const SamplingRequest& request) noexcept;
  XRAY_DECL Segment(Segment&& other) noexcept;
  /// Ends this segment, then takes over the other.
  XRAY_DECL Segment& operator=(Segment&& other) noexcept;
  /// Ends the segment, marked as a fault if an exception is on its way through.
  XRAY_DECL ~Segment();

  /// Ends the segment now; what is called on it afterwards does nothing.
  XRAY_DECL void end() noexcept;

  /// The user this request is for; indexed. Cut at 250 characters.
  XRAY_DECL void set_user(std::string_view user) noexcept;
  /// What kind of AWS resource runs this service, such as `AWS::ECS::Container`.
  XRAY_DECL void set_origin(std::string_view origin) noexcept;
  /// The ARN of the resource that runs this service. Cut at 500 characters.
  XRAY_DECL void set_resource_arn(std::string_view arn) noexcept;
  /// The version of this service's code.
  XRAY_DECL void set_service_version(std::string_view version) noexcept;

  /// The trace this segment belongs to. Valid also when unsampled.
  [[nodiscard]] XRAY_DECL TraceId trace_id() const noexcept;

  /// The header for the response: `Root=...`, and the decision if the request asked for one
  /// (`Sampled=?`).
  [[nodiscard]] XRAY_DECL TraceHeader response_header() const noexcept;

 private:
  XRAY_DECL explicit Segment(detail::Record* record) noexcept;

  int exceptions_;
};

XRAY_NAMESPACE_END

#endif  // XRAY_SEGMENT_HPP
