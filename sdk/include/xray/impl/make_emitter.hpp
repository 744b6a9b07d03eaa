// The emitter for an address.
#pragma once

#include <memory>

#include <xray/impl/daemon_address.hpp>
#include <xray/impl/daemon_emitter.hpp>
#include <xray/impl/udp_emitter.hpp>
#include <xray/impl/unix_emitter.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

inline std::shared_ptr<DaemonEmitter> make_emitter(const DaemonAddress& address) {
  if (!address.unix_path.empty()) return std::make_shared<UnixEmitter>(address.unix_path);
  return std::make_shared<UdpEmitter>(address.udp);
}

}  // namespace detail
XRAY_NAMESPACE_END
