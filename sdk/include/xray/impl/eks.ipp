#pragma once

#include <chrono>
#include <cstdlib>

#include <xray/eks.hpp>
#include <xray/impl/plugin_thread.hpp>
#include <xray/impl/runtime.ipp>

XRAY_NAMESPACE_BEGIN
namespace detail {

XRAY_DECL void set_https_exchange(HttpsExchange exchange) noexcept {
  if (https_exchange.exchange(exchange, std::memory_order_acq_rel) != nullptr) return;
  // After the TLS library's own exit handler, which is there already, and so run before it: it must
  // not be taken away under a look-up.
  std::atexit([] {
    if (Runtime* const run = runtime_instance.load()) {
      run->stop_looking_around(std::chrono::seconds(1));
    }
  });
}

}  // namespace detail
XRAY_NAMESPACE_END
