#pragma once

#include <utility>

#include <xray/impl/cause.hpp>
#include <xray/impl/exceptions.hpp>
#include <xray/impl/recorder.hpp>
#include <xray/impl/runtime.ipp>
#include <xray/impl/sampling/keep_unsampled.hpp>
#include <xray/impl/sampling/request_parts.hpp>
#include <xray/segment.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// The request's parts are taken apart only where somebody decides by them.
inline Record* begin_segment(std::string_view name, const TraceHeader& header,
                             const xray::HttpRequest& request) noexcept {
  if (header.sampling() == Sampling::sampled || header.sampling() == Sampling::not_sampled) {
    return begin_segment(name, header);
  }
  const SamplingRequest parts = sampling_request(request);
  return begin_segment(name, header, &parts);
}

}  // namespace detail

XRAY_DECL Segment::Segment(detail::Record* record) noexcept
    : Entity(nullptr, record), exceptions_(0) {
  if (record != nullptr && record->sampled) {
    node_ = &record->root;
    exceptions_ = detail::uncaught_exceptions(detail::thread_state);
  }
}

XRAY_DECL Segment::Segment(std::string_view name, const TraceHeader& header) noexcept
    : Segment(detail::begin_segment(name, header)) {
}

XRAY_DECL Segment::Segment(std::string_view name, const TraceHeader& header,
                           const HttpRequest& request) noexcept
    : Segment(detail::begin_segment(name, header, request)) {
  set_http_request(request);
}

XRAY_DECL Segment::Segment(std::string_view name, const TraceHeader& header,
                           const SamplingRequest& request) noexcept
    : Segment(detail::begin_segment(name, header, &request)) {
}

XRAY_DECL Segment::Segment(Segment&& other) noexcept
    : Entity(std::move(other)), exceptions_(other.exceptions_) {
}

XRAY_DECL Segment& Segment::operator=(Segment&& other) noexcept {
  if (this != &other) {
    end();
    node_ = std::exchange(other.node_, nullptr);
    record_ = std::exchange(other.record_, nullptr);
    exceptions_ = other.exceptions_;
  }
  return *this;
}

XRAY_DECL Segment::~Segment() {
  if (record_ != nullptr) {
    detail::end_segment(record_, detail::record_leaving_exception(node_, exceptions_));
  }
}

XRAY_DECL void Segment::end() noexcept {
  if (record_ == nullptr) return;
  node_ = nullptr;
  detail::end_segment(std::exchange(record_, nullptr), false);
}

XRAY_DECL void Segment::set_user(std::string_view user) noexcept {
  detail::set_text(node_, detail::Detail::Kind::user, user);
}

XRAY_DECL void Segment::set_origin(std::string_view origin) noexcept {
  detail::set_text(node_, detail::Detail::Kind::origin, origin);
}

XRAY_DECL void Segment::set_resource_arn(std::string_view arn) noexcept {
  detail::set_text(node_, detail::Detail::Kind::resource_arn, arn, detail::longest_arn);
}

XRAY_DECL void Segment::set_service_version(std::string_view version) noexcept {
  detail::set_text(node_, detail::Detail::Kind::service_version, version);
}

XRAY_DECL TraceId Segment::trace_id() const noexcept {
  return record_ != nullptr ? detail::header_of(record_, node_).trace_id() : TraceId();
}

XRAY_DECL TraceHeader Segment::response_header() const noexcept {
  if (record_ == nullptr) return {};
  const TraceHeader header = detail::header_of(record_, node_);
  return {header.trace_id(), SegmentId(),
          record_->asked == Sampling::requested ? header.sampling() : Sampling::unknown};
}

XRAY_NAMESPACE_END
