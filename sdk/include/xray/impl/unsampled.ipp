#pragma once

#include <xray/context.hpp>
#include <xray/impl/context.ipp>
#include <xray/impl/recorder.hpp>
#include <xray/impl/runtime.ipp>
#include <xray/unsampled.hpp>

XRAY_NAMESPACE_BEGIN

XRAY_DECL Unsampled::Unsampled() noexcept : record_(nullptr) {
  TraceHeader header = current_trace_header();
  header.set_sampling(Sampling::not_sampled);
  record_ = detail::begin_segment({}, header);
}

XRAY_DECL Unsampled::~Unsampled() {
  if (record_ != nullptr) detail::end_segment(record_, false);
}

XRAY_NAMESPACE_END
