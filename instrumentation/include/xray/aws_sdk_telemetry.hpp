// AWS SDK for C++: its calls as subsegments, by the SDK's own telemetry interface.
#pragma once

#include <smithy/tracing/Tracer.h>
#include <smithy/tracing/TracerProvider.h>

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <xray/xray.hpp>

XRAY_NAMESPACE_BEGIN

namespace detail {

/// A number of three digits; 0 if it is none.
inline int http_status_of(std::string_view text) noexcept {
  if (text.size() != 3) return 0;
  int status = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return 0;
    status = status * 10 + (digit - '0');
  }
  return status;
}

inline std::string_view attribute_of(const Aws::Map<Aws::String, Aws::String>& attributes,
                                     const char* key) {
  const auto found = attributes.find(key);
  return found == attributes.end() ? std::string_view()
                                   : std::string_view(found->second.data(), found->second.size());
}

// NOLINTBEGIN(readability-identifier-naming): functions have the names of the SDK's interface

/// One span of the SDK; records nothing where there is nothing to record it in.
class AwsSdkSpan : public smithy::components::tracing::TraceSpan {
 public:
  explicit AwsSdkSpan(Aws::String name) : TraceSpan(std::move(name)) {}

  void begin(std::string_view service, std::string_view operation) {
    subsegment_.emplace(service, Namespace::aws);
    AwsCall call;
    call.operation = operation;
    subsegment_->set_aws(call);
  }

  void emitEvent(Aws::String, const Aws::Map<Aws::String, Aws::String>&) override {}

  void setAttribute(Aws::String key, Aws::String value) override {
    if (!subsegment_) return;
    const std::string_view name(key.data(), key.size());
    const std::string_view text(value.data(), value.size());
    if (name == "aws.region" || name == "cloud.region") subsegment_->add_aws("region", text);
    if (name == "aws.request_id") subsegment_->add_aws("request_id", text);
    if (name == "http.status_code" || name == "http.response.status_code") {
      const int status = http_status_of(text);
      if (status != 0) subsegment_->set_http_response(status);
    }
  }

  void setStatus(smithy::components::tracing::TraceSpanStatus status) override {
    if (subsegment_ && status == smithy::components::tracing::TraceSpanStatus::ERROR) {
      subsegment_->set_fault();
    }
  }

  void end() override { subsegment_.reset(); }

 private:
  std::optional<Subsegment> subsegment_;
};

class AwsSdkTracer : public smithy::components::tracing::Tracer {
 public:
  std::shared_ptr<smithy::components::tracing::TraceSpan> CreateSpan(
      Aws::String name, const Aws::Map<Aws::String, Aws::String>& attributes,
      smithy::components::tracing::SpanKind kind) override {
    auto span = std::make_shared<AwsSdkSpan>(std::move(name));
    const std::string_view service = attribute_of(attributes, "rpc.service");
    if (kind == smithy::components::tracing::SpanKind::CLIENT && !service.empty() &&
        service != "XRay" && current_context()) {
      span->begin(service, attribute_of(attributes, "rpc.method"));
    }
    return span;
  }
};

}  // namespace detail

/// Makes every operation of a client of AWS SDK for C++ (1.11.300 or later, the ones that trace) an
/// `aws` subsegment, named after the service and with the operation:
///
///     Aws::Client::ClientConfiguration configuration;
///     configuration.telemetryProvider =
///         Aws::MakeShared<smithy::components::tracing::TelemetryProvider>(
///             "xray", Aws::MakeUnique<xray::AwsSdkTracerProvider>("xray"),
///             Aws::MakeUnique<smithy::components::tracing::NoopMeterProvider>("xray"),
///             [] {}, [] {});
///
/// The span covers an operation with all of its attempts, from the endpoint's resolution to the
/// parsed answer. The SDK tells it no region, request id or status: where libcurl is patched those
/// are told by the request itself, below this subsegment. X-Ray's own calls, internal spans, and
/// what is called without a current segment are not recorded. Asynchronous operations run on the
/// SDK's executor: give them a segment there by xray::bind_context. Spans end on the thread they
/// began on, as the SDK has them do. Thread-safe; throws only what the SDK's strings and
/// std::make_shared throw.
///
/// Debian has no package of AWS SDK for C++: this header is compiled and tested against the shape
/// of its interface, not against the SDK itself.
class AwsSdkTracerProvider : public smithy::components::tracing::TracerProvider {
 public:
  std::shared_ptr<smithy::components::tracing::Tracer> GetTracer(
      Aws::String, const Aws::Map<Aws::String, Aws::String>&) override {
    return tracer_;
  }

 private:
  std::shared_ptr<detail::AwsSdkTracer> tracer_ = std::make_shared<detail::AwsSdkTracer>();
};

// NOLINTEND(readability-identifier-naming)

XRAY_NAMESPACE_END
