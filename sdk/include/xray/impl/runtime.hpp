// What a process has one of: settings, the queue, the sender.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <xray/configuration.hpp>
#include <xray/impl/daemon_address.hpp>
#include <xray/impl/diagnostics.hpp>
#include <xray/impl/document_writer.hpp>
#include <xray/impl/emission_queue.hpp>
#include <xray/impl/fork.hpp>
#include <xray/impl/futex.hpp>
#include <xray/impl/make_emitter.hpp>
#include <xray/impl/plugin_thread.hpp>
#include <xray/impl/record.hpp>
#include <xray/impl/sampling/reservoir.hpp>
#include <xray/samplers.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// A configuration that was checked, with the environment applied.
struct Settings {
  std::string service_name;
  bool name_is_forced = false;  ///< by AWS_XRAY_TRACING_NAME
  DaemonAddress daemon;
  ContextMissingStrategy context_missing = ContextMissingStrategy::log_error;
  bool enabled = true;
  bool propagate_w3c = false;
  bool synchronous = false;
  std::size_t queue_capacity = 2048;
  std::uint32_t streaming_threshold = 100;
  std::size_t segment_memory = std::size_t{64} << 20U;
  std::shared_ptr<StreamingStrategy> streaming;
  std::size_t stack_frames = 32;
  std::shared_ptr<Sampler> sampler;
  KeepUnsampled keep;
  std::shared_ptr<Emitter> emitter;
  std::shared_ptr<IdGenerator> id_generator;
  PluginSettings plugins;
};

/// Stands in for an emitter that a forked child can't use: what it is given is lost, and counted.
class LostEmitter : public Emitter {
 public:
  void emit(std::string_view /*document*/) noexcept override {
    count(counters.dropped_send_failed);
    reports.send_failed(
        "xray: the process forked while its emitter was at work, so that the child has none; its "
        "documents are being dropped");
  }
};

/// Made at first use and never destroyed: programs trace from static destructors too.
class Runtime {
 public:
  explicit Runtime(Settings settings);

  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }

  /// Places for segments that were not sampled and are sent after all.
  [[nodiscard]] Reservoir& kept() noexcept { return kept_; }

  /// Something is traced: asks the plugins, unless that was done. Cheap.
  void look_around() noexcept { plugins_.start(); }
  void stop_looking_around(std::chrono::nanoseconds timeout) noexcept { plugins_.stop(timeout); }

  /// Hands something to the sender, with one reference of its record. Never blocks on the network,
  /// unless settings say synchronous.
  void send(const Emission& emission) noexcept;

  /// Whether more can be handed over without being dropped, as far as one can tell.
  [[nodiscard]] bool has_room() const noexcept;

  [[nodiscard]] bool flush(std::chrono::nanoseconds timeout) noexcept;
  [[nodiscard]] bool shutdown(std::chrono::nanoseconds timeout) noexcept;
  void replace_emitter(std::shared_ptr<Emitter> emitter) noexcept;

  // Called around fork, see fork.hpp.
  void before_fork() noexcept;
  void after_fork_in_parent() noexcept;
  void after_fork_in_child() noexcept;

 private:
  enum class SenderState : std::uint8_t { none, running, ended };

  /// What a look at the queue came to.
  struct Progress {
    unsigned entries = 0;  ///< sent
    DaemonWait wait;       ///< for the daemon, before more can be
    bool settled = true;   ///< the emitter has nothing to look after
  };

  static void* run_sender(void* runtime) noexcept;
  void sender_loop() noexcept;
  bool start_sender() noexcept;
  int create_sender() noexcept;
  /// Whether the sender, told to stop, is still there.
  [[nodiscard]] bool sender_lingers() const noexcept;
  bool wait_for_sender(std::int64_t deadline) noexcept;
  void start_sending_anew() noexcept;
  Progress send_burst() noexcept;
  void note_sent() noexcept;
  [[nodiscard]] bool emitter_holds_documents() noexcept;
  void wait_a_little_for_daemon() noexcept;
  void drain() noexcept;
  void drop(const Emission& emission) noexcept;
  void send_now(const Emission& emission) noexcept;
  void write(const Emission& emission);
  [[nodiscard]] ClockMap clock_until_now(const Record& record) const noexcept;
  template <typename Emit>
  void write_record(Record& record, Emit& emit);
  template <typename Emit>
  void write_chapter(Chapter& chapter, Emit& emit);

  const Settings settings_;
  PluginThread plugins_{settings_.plugins};
  Reservoir kept_;
  EmissionQueue queue_;
  std::atomic<SenderState> sender_state_{SenderState::none};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> gave_up_{false};  ///< a shutdown's deadline has passed
  std::atomic<bool> asleep_{false};
  std::atomic<bool> sender_left_{false};
  std::atomic<std::uint64_t> completed_{0};  ///< entries written and handed to the network
  /// The emitter has something to hand on, again too: a daemon that goes may leave frames unread.
  std::atomic<bool> emitter_pending_{false};
  WakeWord work_;
  WakeWord done_;
  pthread_t sender_thread_{};
  /// Guards the sender's start and end; nobody waits while holding it.
  pthread_mutex_t start_mutex_ = PTHREAD_MUTEX_INITIALIZER;
  bool send_is_locked_ = false;  ///< around fork, where an emitter may be at work for long

  /// Guards what follows: the sender's, and a caller's in synchronous mode or after shutdown.
  pthread_mutex_t send_mutex_ = PTHREAD_MUTEX_INITIALIZER;
  std::shared_ptr<Emitter> emitter_;
  bool emitter_counts_ = false;  ///< what it sends and loses, by itself
  /// The same, if it is built in.
  std::atomic<DaemonEmitter*> daemon_{nullptr};
  unsigned held_ = 0;             ///< entries whose documents it has not handed on yet
  bool patience_is_out_ = false;  ///< it was waited for in vain, and still has to be waited for
  DocumentWriter writer_;
  TickRate tick_rate_;
  std::vector<Node*> apart_;  ///< nodes that begin documents of their own
  LostEmitter lost_emitter_;
};

XRAY_PROCESS_WIDE inline std::atomic<Runtime*> runtime_instance{nullptr};

/// The runtime, made with the default configuration if need be; null when there is no memory for
/// it, or the SDK is off.
Runtime* runtime() noexcept;

/// Checks a configuration and applies the environment. What is wrong is described in `result` and
/// keeps its default.
Settings checked(const Configuration& configuration, ConfigureResult& result);

}  // namespace detail
XRAY_NAMESPACE_END
