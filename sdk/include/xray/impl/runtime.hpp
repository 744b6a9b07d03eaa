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
#include <xray/impl/record.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// A configuration that was checked, with the environment applied.
struct Settings {
  std::string service_name;
  bool name_is_forced = false;  ///< by AWS_XRAY_TRACING_NAME
  DaemonAddress daemon;
  ContextMissingStrategy context_missing = ContextMissingStrategy::log_error;
  bool enabled = true;
  bool synchronous = false;
  std::size_t queue_capacity = 2048;
  std::shared_ptr<Emitter> emitter;
};

/// Made at first use and never destroyed: programs trace from static destructors too.
class Runtime {
 public:
  explicit Runtime(Settings settings);

  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }

  /// Hands a closed record (its root) or a single node to the sender, with one reference. Never
  /// blocks on the network, unless settings say synchronous.
  void send(Node* node) noexcept;

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
  Progress send_burst() noexcept;
  void note_sent() noexcept;
  [[nodiscard]] bool emitter_holds_documents() noexcept;
  void wait_a_little_for_daemon() noexcept;
  void drain() noexcept;
  void send_now(Node* node) noexcept;
  void write(Node* node);
  void link(Record& record);

  const Settings settings_;
  EmissionQueue queue_;
  std::atomic<SenderState> sender_state_{SenderState::none};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> gave_up_{false};  ///< a shutdown's deadline has passed
  std::atomic<bool> asleep_{false};
  std::atomic<bool> sender_left_{false};
  std::atomic<std::uint64_t> completed_{0};  ///< entries written and handed to the network
  WakeWord work_;
  WakeWord done_;
  pthread_t sender_thread_{};
  pthread_mutex_t start_mutex_ = PTHREAD_MUTEX_INITIALIZER;

  /// Guards what follows: the sender's, and a caller's in synchronous mode or after shutdown.
  pthread_mutex_t send_mutex_ = PTHREAD_MUTEX_INITIALIZER;
  std::shared_ptr<Emitter> emitter_;
  DaemonEmitter* daemon_ = nullptr;  ///< the same, if it is built in: then it counts by itself
  unsigned held_ = 0;                ///< entries whose documents it has not handed on yet
  DocumentWriter writer_;
  std::vector<Node*> apart_;
};

inline std::atomic<Runtime*> runtime_instance{nullptr};

/// The runtime, made with the default configuration if need be; null when there is no memory for
/// it.
Runtime* runtime() noexcept;

/// Checks a configuration and applies the environment. What is wrong is described in `result` and
/// keeps its default.
Settings checked(const Configuration& configuration, ConfigureResult& result);

}  // namespace detail
XRAY_NAMESPACE_END
