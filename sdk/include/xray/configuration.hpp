// How a program sets the SDK up; all of it is optional.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_CONFIGURATION_HPP
#define XRAY_CONFIGURATION_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include <xray/emitter.hpp>
#include <xray/id_generator.hpp>
#include <xray/plugins.hpp>
#include <xray/sampler.hpp>
#include <xray/streaming.hpp>

XRAY_NAMESPACE_BEGIN

/// What a Subsegment without a current segment does.
enum class ContextMissingStrategy : std::uint8_t {
  log_error,      ///< says so, once, and goes on (LOG_ERROR)
  runtime_error,  ///< throws ContextMissing (RUNTIME_ERROR)
  ignore_error,   ///< goes on silently (IGNORE_ERROR)
};

/// Thrown by Subsegment's constructor, only where RUNTIME_ERROR was asked for: the one exception
/// that the SDK throws.
class ContextMissing : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override {
    return "xray: a subsegment was begun without a current segment";
  }
};

/// Segments that a sampler turned down and that are sent after all because of how they ended: see
/// Configuration::keep.
struct KeepUnsampled {
  /// At most so many segments a second; 0: none, and nothing is recorded that was not sampled.
  /// AWS_XRAY_KEEP_FAULTS wins.
  std::uint32_t per_second = 0;
  /// Segments that took longer are kept like those that end in a fault, within the same limit. 0:
  /// only faults are. More than a day counts as a day.
  /// AWS_XRAY_KEEP_SLOWER_THAN wins.
  std::chrono::milliseconds slower_than{0};
};

/// Settings. A default-constructed one is what a program that never calls configure() gets. The
/// environment wins over every field it has a variable for.
struct Configuration {
  /// Name of segments begun with an empty name. AWS_XRAY_TRACING_NAME replaces all names.
  std::string service_name;
  /// `host:port`, or `tcp:host:port udp:host:port` in either order; IPv6 in brackets
  /// (`[::1]:2000`). Host names are looked up again every minute and when the daemon refuses.
  /// Or `unix:/path`, alone or with `tcp:host:port`: a stream socket of xrayd, on which nothing is
  /// lost while it is slow or away; documents wait in the queue instead.
  /// AWS_XRAY_DAEMON_ADDRESS wins.
  std::string daemon_address = "127.0.0.1:2000";
  /// AWS_XRAY_CONTEXT_MISSING wins.
  ContextMissingStrategy context_missing = ContextMissingStrategy::log_error;
  /// Off: nothing is recorded, sent or started, and a segment costs one load. AWS_XRAY_SDK_ENABLED
  /// and AWS_XRAY_SDK_DISABLED win; where they disagree the SDK is off.
  bool enabled = true;
  /// inject() writes W3C's traceparent and tracestate beside X-Amzn-Trace-Id. Reading needs no
  /// setting. AWS_XRAY_PROPAGATE_W3C wins.
  bool propagate_w3c = false;
  /// Write and send a segment on the thread that ends it, rather than on the sender thread: for
  /// processes that are frozen or forked between requests. Always so on AWS Lambda
  /// (LAMBDA_TASK_ROOT).
  bool synchronous = false;
  /// Segments that may wait for the sender; when so many do, further ones are dropped and counted
  /// (Statistics::dropped_queue_full). Rounded up to a power of two, 2 to 65,536.
  std::size_t queue_capacity = 2048;
  /// Subsegments that a thread has begun in an open segment before those that are complete leave
  /// ahead of it, as independent subsegments; at least 1.
  std::uint32_t streaming_threshold = 100;
  /// Bytes that a thread may keep of one open segment; at least 256 KiB. Completed subsegments
  /// leave early to stay below; what is still running and finds no room is dropped and counted
  /// (Statistics::dropped_no_memory).
  std::size_t segment_memory = std::size_t{64} << 20U;
  /// Decides in place of streaming_threshold.
  std::shared_ptr<StreamingStrategy> streaming;
  /// Decides which traces that begin here are recorded. Null: samplers::central(), X-Ray's own
  /// rules, asked for through the daemon. AWS_XRAY_SAMPLER wins. Kept as long as the process lives.
  std::shared_ptr<Sampler> sampler;
  /// Local rules, as JSON text or as the name of a file that holds them (see samplers::rules()).
  /// They decide while X-Ray's are not there, or alone where AWS_XRAY_SAMPLER is `rules`; a
  /// `sampler` of one's own does not see them. Empty: samplers::default_rules().
  /// AWS_XRAY_SAMPLING_RULES wins.
  std::string sampling_rules;
  /// Keeps what went wrong though it was not sampled: every segment whose trace begins here is
  /// recorded in memory, at the cost of a sampled one (nothing of it leaves before its end, so it
  /// may take all of segment_memory), and one that ends in a fault or takes long is sent with the
  /// annotation `xray_kept` (`fault` or `slow`). The services that it calls are told `Sampled=0`
  /// all the same, so only this service's part of the trace is there.
  KeepUnsampled keep;
  /// Makes the ids of traces and (sub)segments instead of the SDK's generator. Kept as long as the
  /// process lives.
  std::shared_ptr<IdGenerator> id_generator;
  /// Which parts of AWS this may run in; what is found goes into every segment: `origin`, and
  /// members of `aws`. Asked on a thread of its own once something is traced, for at most some 15
  /// seconds; segments that end before the answers leave without them. AWS_XRAY_PLUGINS wins.
  Plugins plugins;
  /// A directory that stands for / where plugins read files (/proc/self/cgroup and others): for
  /// tests, and containers that see their host's files elsewhere. AWS_XRAY_FILE_ROOT wins.
  std::string file_root;
  /// Stack frames recorded with an exception, 0 to 64; what is beyond is counted in the document
  /// (`truncated`). 0: none, and no stack is walked. Where the throw hook works (xray::sdk as a
  /// shared library) they are those of the `throw`, else those of where the exception was recorded.
  std::size_t stack_frames = 32;
  /// Replaces the built-in emitters.
  std::shared_ptr<Emitter> emitter;
  /// Takes the SDK's rare messages (one line, no newline) instead of standard error. Called from
  /// any thread; must not trace.
  void (*log)(std::string_view message) = nullptr;
};

/// What configure() found wrong.
enum class ConfigureError : std::uint8_t {
  none,
  in_use,              ///< something was traced, or configure() called, before
  bad_daemon_address,  ///< the text is not of the form above
  bad_context_missing,
  bad_enabled,        ///< AWS_XRAY_SDK_ENABLED or AWS_XRAY_SDK_DISABLED is not true or false
  bad_propagate_w3c,  ///< nor is AWS_XRAY_PROPAGATE_W3C
  bad_queue_capacity,
  bad_streaming_threshold,
  bad_segment_memory,
  bad_plugins,   ///< AWS_XRAY_PLUGINS has a word that is no plugin's name
  bad_endpoint,  ///< a plugin's metadata service is not http://host[:port][/path]
  bad_metadata_disabled,
  bad_log_group,
  bad_stack_frames,
  bad_sampler,         ///< AWS_XRAY_SAMPLER is no sampler's name and no rate
  bad_sampling_rules,  ///< the rules can't be read; the message names rule, key and value
  bad_keep,            ///< AWS_XRAY_KEEP_FAULTS or AWS_XRAY_KEEP_SLOWER_THAN is no whole number
  no_memory,
};

/// The outcome of configure(): false-like is good.
struct ConfigureResult {
  ConfigureError error = ConfigureError::none;
  /// A sentence that names the setting and its value.
  std::string message;
  explicit operator bool() const noexcept { return error != ConfigureError::none; }
};

/// Sets the SDK up, once a process, before its first use. Never throws; on an error the setting at
/// fault keeps its default, all others take effect, and the message is logged too. Refused (in_use)
/// afterwards. Thread-safe.
///
/// Copies of the SDK in one process (in the program, in plugins, in a preloaded library) are one if
/// they are of the same minor version and see each other's symbols, as they do when linked by the
/// CMake targets: the first call, or the first use, of any of them counts for all. A plugin may be
/// closed: what it recorded still leaves, and what the process will call later (its emitter, its
/// log callback, the sender's code) stays loaded. A forked child keeps the configuration.
XRAY_DECL ConfigureResult configure(const Configuration& configuration) noexcept;

XRAY_NAMESPACE_END

#endif  // XRAY_CONFIGURATION_HPP
