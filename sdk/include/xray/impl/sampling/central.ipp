#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <xray/impl/daemon_address.hpp>
#include <xray/impl/diagnostics.hpp>
#include <xray/impl/environment.hpp>
#include <xray/impl/exceptions.hpp>
#include <xray/impl/sampling/central_sampler.ipp>
#include <xray/samplers.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

inline std::int64_t sampling_interval(std::chrono::milliseconds interval,
                                      std::chrono::milliseconds longest) noexcept {
  constexpr std::chrono::milliseconds shortest(100);
  return std::chrono::nanoseconds(std::clamp(interval, shortest, longest)).count();
}

inline CentralSettings central_settings(const samplers::CentralOptions& options) {
  CentralSettings settings;
  settings.rules_interval = sampling_interval(options.rules_interval, std::chrono::hours(24));
  settings.targets_interval = sampling_interval(options.targets_interval, std::chrono::minutes(5));
  if (!options.daemon_address.empty()) {
    DaemonAddressReader reader;
    HostPort daemon;
    if (reader.read_host_port(options.daemon_address, daemon)) {
      settings.daemon = std::move(daemon);
    } else {
      log_line("xray: CentralOptions::daemon_address: " + reader.complaint +
               "; the configuration's daemon is asked");
    }
  }
  const std::string_view variable = environment(Variable::AWS_XRAY_DAEMON_ADDRESS);
  if (const auto address = parse_daemon_address(variable)) {
    settings.unconfigured_daemon = address->tcp;
  }
  return settings;
}

}  // namespace detail

XRAY_DECL std::shared_ptr<Sampler> samplers::central(CentralOptions options) {
  XRAY_TRY {
    std::shared_ptr<Sampler> fallback =
        options.fallback != nullptr ? std::move(options.fallback) : default_rules();
    if (fallback == nullptr) return nullptr;
    return std::make_shared<detail::CentralSampler>(detail::central_settings(options),
                                                    std::move(fallback));
  }
  XRAY_CATCH_BAD_ALLOC {
    return nullptr;
  }
}

XRAY_NAMESPACE_END
