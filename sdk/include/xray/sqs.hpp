// Traces that arrive with messages of Amazon SQS.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_SQS_HPP
#define XRAY_SQS_HPP

#include <optional>
#include <string_view>

#include <xray/trace_header.hpp>
#include <xray/unsampled.hpp>

XRAY_NAMESPACE_BEGIN
namespace sqs {

/// The system attribute in which a message carries the trace header of whoever sent it.
/// ReceiveMessage returns it where it is asked for (AttributeNames: AWSTraceHeader, or All); an
/// event of AWS Lambda always has it, if the sender was traced.
inline constexpr std::string_view trace_header_attribute = "AWSTraceHeader";

/// The header in a message, from the attribute's text; an empty one where there is none. A worker
/// that polls a queue continues the sender's trace with it: `Segment("worker", header)`. In a
/// Lambda function the invocation has a trace of its own, which X-Ray links to the messages' by
/// itself.
inline TraceHeader trace_header(std::string_view attribute) noexcept {
  return TraceHeader::parse(attribute);
}

/// The same by a look-up: `get_attribute(name)`, the name a `std::string_view`, returns the value
/// of that attribute in whatever converts to `std::string_view`, empty where there is none. Throws
/// what `get_attribute` throws, nothing else.
template <typename GetAttribute>
TraceHeader trace_header_from(GetAttribute&& get_attribute) {
  // The value may be a temporary: it is kept until it is read.
  const auto& attribute = get_attribute(trace_header_attribute);
  return TraceHeader::parse(std::string_view(attribute));
}

/// Whether the message belongs to a trace that its sender records (`Sampled=1`). One without a
/// header, or without a decision, does not.
inline bool is_sampled(const TraceHeader& header) noexcept {
  return header.sampling() == Sampling::sampled;
}
inline bool is_sampled(std::string_view attribute) noexcept {
  return is_sampled(TraceHeader::parse(attribute));
}

/// The work on one message of a batch: what is done as long as it lives is recorded under what is
/// current if the message is sampled, else not at all (see Unsampled).
///
///   for (const auto& message : event.records) {
///     const xray::sqs::MessageScope scope(message.attribute("AWSTraceHeader"));
///     xray::Subsegment subsegment("process-message");
///
/// Where nothing is current nothing is recorded in either case. Ends on the thread it began on.
class MessageScope {
 public:
  explicit MessageScope(const TraceHeader& header) noexcept {
    if (!is_sampled(header)) unsampled_.emplace();
  }
  explicit MessageScope(std::string_view attribute) noexcept
      : MessageScope(TraceHeader::parse(attribute)) {}

  /// Whether the message asks to be recorded.
  [[nodiscard]] bool sampled() const noexcept { return !unsampled_; }

 private:
  std::optional<Unsampled> unsampled_;
};

}  // namespace sqs
XRAY_NAMESPACE_END

#endif  // XRAY_SQS_HPP
