#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <xray/configuration.hpp>
#include <xray/impl/environment.hpp>
#include <xray/impl/exceptions.hpp>
#include <xray/impl/runtime.ipp>

XRAY_NAMESPACE_BEGIN
namespace detail {

inline void complain(ConfigureResult& result, ConfigureError error, std::string message) {
  if (result) return;  // the first one is told
  result.error = error;
  result.message = "xray: " + std::move(message);
}

inline bool equal_ignoring_case(std::string_view text, std::string_view upper) {
  if (text.size() != upper.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c) != upper[i]) return false;
  }
  return true;
}

inline void check_daemon_address(Settings& settings, std::string_view text, const char* source,
                                 ConfigureResult& result) {
  if (auto address = parse_daemon_address(text)) {
    settings.daemon = std::move(*address);
  } else {
    complain(result, ConfigureError::bad_daemon_address,
             std::string(source) + " is \"" + std::string(text) +
                 "\", not host:port or tcp:host:port udp:host:port");
  }
}

inline void apply_environment(Settings& settings, ConfigureResult& result) {
  const std::string_view address = environment(Variable::AWS_XRAY_DAEMON_ADDRESS);
  if (!address.empty()) {
    check_daemon_address(settings, address, "AWS_XRAY_DAEMON_ADDRESS", result);
  }
  const std::string_view name = environment(Variable::AWS_XRAY_TRACING_NAME);
  if (!name.empty()) {
    settings.service_name = std::string(name);
    settings.name_is_forced = true;
  }
  const std::string_view missing = environment(Variable::AWS_XRAY_CONTEXT_MISSING);
  if (equal_ignoring_case(missing, "LOG_ERROR")) {
    settings.context_missing = ContextMissingStrategy::log_error;
  } else if (equal_ignoring_case(missing, "RUNTIME_ERROR")) {
    settings.context_missing = ContextMissingStrategy::runtime_error;
  } else if (equal_ignoring_case(missing, "IGNORE_ERROR")) {
    settings.context_missing = ContextMissingStrategy::ignore_error;
  } else if (!missing.empty()) {
    complain(result, ConfigureError::bad_context_missing,
             "AWS_XRAY_CONTEXT_MISSING is \"" + std::string(missing) +
                 "\", not LOG_ERROR, RUNTIME_ERROR or IGNORE_ERROR");
  }
  const std::string_view enabled = environment(Variable::AWS_XRAY_SDK_ENABLED);
  if (equal_ignoring_case(enabled, "FALSE") || enabled == "0") {
    settings.enabled = false;
  } else if (equal_ignoring_case(enabled, "TRUE") || enabled == "1") {
    settings.enabled = true;
  } else if (!enabled.empty()) {
    complain(result, ConfigureError::bad_enabled,
             "AWS_XRAY_SDK_ENABLED is \"" + std::string(enabled) + "\", not true or false");
  }
}

/// Room for one entity with all that a document can hold, and some.
inline constexpr std::size_t smallest_segment_memory = std::size_t{256} << 10U;

XRAY_DECL Settings checked(const Configuration& configuration, ConfigureResult& result) {
  Settings settings;
  settings.daemon = {{"127.0.0.1", "2000"}, {"127.0.0.1", "2000"}};
  check_daemon_address(settings, configuration.daemon_address, "Configuration::daemon_address",
                       result);
  settings.service_name = configuration.service_name;
  settings.context_missing = configuration.context_missing;
  settings.enabled = configuration.enabled;
  settings.synchronous = configuration.synchronous;
  settings.emitter = configuration.emitter;
  if (configuration.queue_capacity < 2 || configuration.queue_capacity > 65'536) {
    complain(result, ConfigureError::bad_queue_capacity,
             "Configuration::queue_capacity is " + std::to_string(configuration.queue_capacity) +
                 ", not 2 to 65536");
  } else {
    settings.queue_capacity = 2;
    while (settings.queue_capacity < configuration.queue_capacity) settings.queue_capacity *= 2;
  }
  settings.streaming = configuration.streaming;
  if (configuration.streaming_threshold < 1) {
    complain(result, ConfigureError::bad_streaming_threshold,
             "Configuration::streaming_threshold is 0, not 1 or more");
  } else {
    settings.streaming_threshold = configuration.streaming_threshold;
  }
  if (configuration.segment_memory < smallest_segment_memory) {
    complain(result, ConfigureError::bad_segment_memory,
             "Configuration::segment_memory is " + std::to_string(configuration.segment_memory) +
                 ", less than " + std::to_string(smallest_segment_memory));
  } else {
    settings.segment_memory = configuration.segment_memory;
  }
  // A sandbox is frozen between invocations, the sender thread with it.
  if (!environment(Variable::LAMBDA_TASK_ROOT).empty()) settings.synchronous = true;
  apply_environment(settings, result);
  return settings;
}

}  // namespace detail

XRAY_DECL ConfigureResult configure(const Configuration& configuration) noexcept {
  ConfigureResult result;
  detail::watch_forks();
  XRAY_TRY {
    const detail::MutexLock lock(detail::runtime_mutex);
    if (detail::runtime_instance.load() != nullptr) {
      detail::complain(result, ConfigureError::in_use,
                       "configure() came after the SDK's first use and was refused");
    } else {
      detail::log_callback.store(configuration.log, std::memory_order_release);
      detail::make_runtime(detail::checked(configuration, result));
    }
  }
  XRAY_CATCH_BAD_ALLOC {
    detail::say_no_memory();
    result.error = ConfigureError::no_memory;
    return result;
  }
  if (result.error == ConfigureError::in_use) {
    detail::reports.configured_late(result.message);
  } else if (result) {
    detail::log_line(result.message);
  }
  return result;
}

XRAY_NAMESPACE_END
