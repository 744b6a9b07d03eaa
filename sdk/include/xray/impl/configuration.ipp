#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <xray/configuration.hpp>
#include <xray/impl/environment.hpp>
#include <xray/impl/exceptions.hpp>
#include <xray/impl/off_switch.hpp>
#include <xray/impl/plugin_settings.hpp>
#include <xray/impl/runtime.ipp>
#include <xray/impl/sampling/sampling_settings.hpp>
#include <xray/impl/stack_trace.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

inline void complain(ConfigureResult& result, ConfigureError error, std::string message) {
  if (result) return;  // the first one is told
  result.error = error;
  result.message = "xray: " + std::move(message);
}

inline void check_daemon_address(Settings& settings, std::string_view text, const char* source,
                                 ConfigureResult& result) {
  std::string reason;
  if (auto address = parse_daemon_address(text, &reason)) {
    settings.daemon = std::move(*address);
  } else {
    complain(result, ConfigureError::bad_daemon_address,
             std::string(source) + " is \"" + std::string(text) +
                 "\", not host:port, tcp:host:port udp:host:port or unix:/path: " + reason);
  }
}

inline void check_switch(Variable variable, ConfigureError error, ConfigureResult& result) {
  if (switch_of(variable) != Switch::bad) return;
  complain(result, error,
           std::string(environment_variables[static_cast<unsigned>(variable)].name) + " is \"" +
               std::string(environment(variable)) + "\", not true or false");
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
  const Switch enabled = enabled_by_environment();
  if (enabled != Switch::unset) settings.enabled = enabled == Switch::on;
  const Switch w3c = switch_of(Variable::AWS_XRAY_PROPAGATE_W3C);
  if (w3c == Switch::on || w3c == Switch::off) settings.propagate_w3c = w3c == Switch::on;
  check_switch(Variable::AWS_XRAY_SDK_ENABLED, ConfigureError::bad_enabled, result);
  check_switch(Variable::AWS_XRAY_SDK_DISABLED, ConfigureError::bad_enabled, result);
  check_switch(Variable::AWS_XRAY_PROPAGATE_W3C, ConfigureError::bad_propagate_w3c, result);
}

/// The sampler, and what is kept of what it turns down.
inline void set_sampling(Settings& settings, const Configuration& configuration,
                         ConfigureResult& result) {
  const std::string_view given = environment(Variable::AWS_XRAY_SAMPLING_RULES);
  std::string wrong;
  const auto local =
      local_rules(given.empty() ? configuration.sampling_rules : std::string(given), wrong);
  if (!wrong.empty()) {
    complain(
        result, ConfigureError::bad_sampling_rules,
        std::string(given.empty() ? "Configuration::sampling_rules" : "AWS_XRAY_SAMPLING_RULES") +
            ": " + wrong);
  }
  settings.sampler = configuration.sampler;
  const std::string_view name = environment(Variable::AWS_XRAY_SAMPLER);
  if (!name.empty()) {
    auto named = sampler_named(name, local);
    if (named != nullptr) {
      settings.sampler = std::move(named);
    } else {
      complain(result, ConfigureError::bad_sampler,
               "AWS_XRAY_SAMPLER is \"" + std::string(name) +
                   "\", not central, rules, always, never or a rate from 0 to 1");
    }
  }
  if (settings.sampler == nullptr) settings.sampler = sampler_named("central", local);

  settings.keep = configuration.keep;
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24);
  settings.keep.slower_than =
      std::clamp(settings.keep.slower_than, std::chrono::milliseconds(0), longest);
  const auto number = [&result](Variable variable) {
    const std::string_view text = environment(variable);
    const auto parsed = parse_count(text);
    if (!text.empty() && !parsed) {
      complain(
          result, ConfigureError::bad_keep,
          std::string(name_of(variable)) + " is \"" + std::string(text) + "\", not a whole number");
    }
    return parsed;
  };
  if (const auto faults = number(Variable::AWS_XRAY_KEEP_FAULTS)) {
    settings.keep.per_second = *faults;
  }
  if (const auto slow = number(Variable::AWS_XRAY_KEEP_SLOWER_THAN)) {
    settings.keep.slower_than = std::chrono::milliseconds(*slow);
  }
}

/// Room for one entity with all that a document can hold, and some.
inline constexpr std::size_t smallest_segment_memory = std::size_t{256} << 10U;
/// Whether a variable says true; what is neither true nor false is complained about.
inline bool says_true(Variable variable, ConfigureResult& result) {
  check_switch(variable, ConfigureError::bad_metadata_disabled, result);
  return switch_of(variable) == Switch::on;
}

/// The endpoint that a variable holds; nothing if it is unset, or wrong and complained about.
inline std::optional<HttpEndpoint> endpoint(Variable variable, ConfigureResult& result) {
  const std::string_view text = environment(variable);
  if (text.empty()) return std::nullopt;
  auto parsed = parse_http_endpoint(text);
  if (!parsed) {
    complain(result, ConfigureError::bad_endpoint,
             std::string(name_of(variable)) + " is \"" + std::string(text) +
                 "\", not http://host[:port][/path]");
  }
  return parsed;
}

/// What the plugins want to know. Variables that belong to others are read, and complained about,
/// only for plugins that use them.
inline PluginSettings plugin_settings(const Configuration& configuration, ConfigureResult& result) {
  PluginSettings settings;
  settings.wanted = configuration.plugins;
  const std::string_view names = environment(Variable::AWS_XRAY_PLUGINS);
  if (!names.empty()) {
    std::string_view wrong;
    if (const auto wanted = parse_plugins(names, wrong)) {
      settings.wanted = *wanted;
    } else {
      complain(result, ConfigureError::bad_plugins,
               "AWS_XRAY_PLUGINS has \"" + std::string(wrong) +
                   "\", not ec2, ecs, eks, elastic_beanstalk, all or none");
    }
  }
  settings.file_root = configuration.file_root;
  const std::string_view root = environment(Variable::AWS_XRAY_FILE_ROOT);
  if (!root.empty()) settings.file_root = std::string(root);
  const std::string_view log_group = environment(Variable::AWS_LOG_GROUP);
  if (log_group.size() <= longest_log_group) {
    settings.log_group = std::string(log_group);
  } else {
    complain(
        result, ConfigureError::bad_log_group,
        "AWS_LOG_GROUP has " + std::to_string(log_group.size()) + " characters, not at most 512");
  }
  if (settings.wanted.contains(Plugin::ec2)) {
    // The AWS SDKs' variable before the one of X-Ray's SDK for Java.
    auto other = endpoint(Variable::AWS_EC2_METADATA_SERVICE_ENDPOINT, result);
    if (!other) other = endpoint(Variable::IMDS_ENDPOINT, result);
    if (other) settings.ec2 = std::move(*other);
    settings.ec2_disabled = says_true(Variable::AWS_EC2_METADATA_DISABLED, result);
    settings.ec2_v1_disabled = says_true(Variable::AWS_EC2_METADATA_V1_DISABLED, result);
  }
  if (settings.wanted.contains(Plugin::ecs)) {
    for (const Variable variable :
         {Variable::ECS_CONTAINER_METADATA_URI_V4, Variable::ECS_CONTAINER_METADATA_URI}) {
      if (auto found = endpoint(variable, result)) settings.ecs.push_back(std::move(*found));
    }
  }
  if (settings.wanted.contains(Plugin::eks)) {
    settings.kubernetes_host = std::string(environment(Variable::KUBERNETES_SERVICE_HOST));
    settings.kubernetes_port = std::string(environment(Variable::KUBERNETES_SERVICE_PORT));
  }
  return settings;
}

XRAY_DECL Settings checked(const Configuration& configuration, ConfigureResult& result) {
  Settings settings;
  check_daemon_address(settings, configuration.daemon_address, "Configuration::daemon_address",
                       result);
  settings.service_name = configuration.service_name;
  settings.context_missing = configuration.context_missing;
  settings.enabled = configuration.enabled;
  settings.propagate_w3c = configuration.propagate_w3c;
  settings.synchronous = configuration.synchronous;
  settings.emitter = configuration.emitter;
  settings.id_generator = configuration.id_generator;
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
  if (configuration.stack_frames > most_stack_frames) {
    complain(result, ConfigureError::bad_stack_frames,
             "Configuration::stack_frames is " + std::to_string(configuration.stack_frames) +
                 ", not 0 to 64");
  } else {
    settings.stack_frames = configuration.stack_frames;
  }
  // A sandbox is frozen between invocations, the sender thread with it.
  if (!environment(Variable::LAMBDA_TASK_ROOT).empty()) settings.synchronous = true;
  apply_environment(settings, result);
  settings.plugins = plugin_settings(configuration, result);
  set_sampling(settings, configuration, result);
  return settings;
}

}  // namespace detail

XRAY_DECL ConfigureResult configure(const Configuration& configuration) noexcept {
  ConfigureResult result;
  detail::prepare_for_runtime();
  detail::keep_loaded(configuration.log);
  detail::keep_loaded_for(configuration.emitter.get());
  detail::keep_loaded_for(configuration.sampler.get());
  XRAY_TRY {
    const detail::MutexLock lock(detail::runtime_mutex);
    if (detail::runtime_instance.load() != nullptr || detail::is_switched_off()) {
      detail::complain(result, ConfigureError::in_use,
                       "configure() came after the SDK's first use and was refused");
    } else {
      detail::log_callback.store(configuration.log, std::memory_order_release);
      detail::Settings settings = detail::checked(configuration, result);
      if (settings.enabled) {
        detail::make_runtime(std::move(settings));
      } else {
        detail::switched_off.store(true);
      }
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
