#pragma once

#include <exception>

#include <xray/impl/cause.hpp>
#include <xray/impl/recorder.hpp>
#include <xray/impl/runtime.ipp>
#include <xray/segment.hpp>

XRAY_NAMESPACE_BEGIN

XRAY_DECL Segment::Segment(std::string_view name, const TraceHeader& header) noexcept
    : Entity(nullptr),
      record_(detail::begin_segment(name, header)),
      exceptions_(std::uncaught_exceptions()) {
  if (record_ != nullptr && record_->sampled) node_ = &record_->root;
}

XRAY_DECL Segment::Segment(Segment&& other) noexcept
    : Entity(other.node_), record_(other.record_), exceptions_(other.exceptions_) {
  other.node_ = nullptr;
  other.record_ = nullptr;
}

XRAY_DECL Segment& Segment::operator=(Segment&& other) noexcept {
  if (this != &other) {
    end();
    node_ = other.node_;
    record_ = other.record_;
    exceptions_ = other.exceptions_;
    other.node_ = nullptr;
    other.record_ = nullptr;
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
  detail::Record* const record = record_;
  record_ = nullptr;
  node_ = nullptr;
  detail::end_segment(record, false);
}

XRAY_DECL void Segment::set_user(std::string_view user) noexcept {
  detail::set_text(node_, detail::Detail::Kind::user, user);
}

XRAY_DECL void Segment::set_origin(std::string_view origin) noexcept {
  detail::set_text(node_, detail::Detail::Kind::origin, origin);
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
