// Who decides whether a trace that begins here is recorded.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <xray/borrowed_text.hpp>
#include <xray/fixed_text.hpp>

XRAY_NAMESPACE_BEGIN

/// A property of a request that sampling rules may ask for by name (`Attributes` of a rule).
struct SamplingAttribute {
  BorrowedText key;
  BorrowedText value;
};

/// What is known of a request when its segment begins; what is empty is unknown, and a rule's
/// pattern for it counts as matched (but for resource_arn and attributes: a rule that asks for
/// those wants to see them). Strings are read during the call only.
struct SamplingRequest {
  /// Filled in by Segment: its name.
  BorrowedText service_name;
  /// Of the Host header, without the port or with it: as the rules are written.
  BorrowedText host;
  BorrowedText method;
  /// Without the query.
  BorrowedText path;
  /// The kind of resource that runs this service, as in Segment::set_origin. Filled in by Segment
  /// with what plugins found, if empty.
  BorrowedText service_type;
  BorrowedText resource_arn;
  const SamplingAttribute* attributes = nullptr;
  std::size_t attribute_count = 0;
};

/// The outcome of a sampling decision.
struct SamplingDecision {
  bool sampled = false;
  /// Sampler::observe() wants to know how the segment ends; an unsampled one is recorded in memory
  /// for that, and then forgotten.
  bool observed = false;
  /// Goes into a sampled segment's document as `aws.xray.sampling_rule_name`; may be empty.
  FixedText<32> rule_name;
};

/// How a segment that was observed ended.
struct SamplingOutcome {
  std::string_view rule_name;
  std::string_view service_name;
  bool sampled = false;
  bool fault = false;
};

/// An extension point: see Configuration::sampler, and <xray/samplers.hpp> for those that are
/// ready. Asked once a trace, where it begins: for every segment whose header brings no decision.
/// Called on the request path, from any thread and several at once: must be quick, must not trace.
class Sampler {
 public:
  Sampler() = default;
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;
  virtual ~Sampler() = default;

  virtual SamplingDecision decide(const SamplingRequest& request) noexcept = 0;

  /// A segment whose decision said `observed` has ended. Called where it ends.
  virtual void observe(const SamplingOutcome& /*outcome*/) noexcept {}

  /// The SDK shuts down: work in the background ends, and is waited for no longer than this.
  /// decide() may still be called.
  virtual void stop(std::chrono::nanoseconds /*timeout*/) noexcept {}
};

XRAY_NAMESPACE_END
