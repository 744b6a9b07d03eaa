// The global off switch.
#pragma once

#include <atomic>

#include <xray/config.hpp>
#include <xray/impl/environment.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Thrown for good by the first use of anything where the environment says so, or by configure().
/// No runtime is made then, and this flag is all that a segment looks at.
XRAY_PROCESS_WIDE inline std::atomic<bool> switched_off{false};

inline bool is_switched_off() noexcept {
  return switched_off.load(std::memory_order_relaxed);
}

/// What the two variables say together; what either does not understand is told elsewhere.
inline Switch enabled_by_environment() noexcept {
  const Switch enabled = switch_of(Variable::AWS_XRAY_SDK_ENABLED);
  const Switch disabled = switch_of(Variable::AWS_XRAY_SDK_DISABLED);
  if (enabled == Switch::off || disabled == Switch::on) return Switch::off;
  if (enabled == Switch::on || disabled == Switch::off) return Switch::on;
  return Switch::unset;
}

}  // namespace detail
XRAY_NAMESPACE_END
