#pragma once

#include <xray/impl/runtime.ipp>
#include <xray/propagation.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

XRAY_DECL bool propagates_w3c() noexcept {
  const Runtime* const run = runtime_instance.load(std::memory_order_acquire);
  return run != nullptr && run->settings().propagate_w3c;
}

}  // namespace detail
XRAY_NAMESPACE_END
