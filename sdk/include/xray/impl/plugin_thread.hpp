// The thread that asks the plugins, once, beside the program's work.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include <xray/eks.hpp>
#include <xray/impl/futex.hpp>
#include <xray/impl/http_client.hpp>
#include <xray/impl/plugin_settings.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// How HTTPS is spoken, where a library that can was linked. `authority` is the PEM text of the
/// certificates that the peer's must come from.
XRAY_PROCESS_WIDE inline std::atomic<HttpsExchange> https_exchange{nullptr};

/// Part of the runtime, and like it never destroyed. Begins when something is traced for the first
/// time, publishes what it finds as it finds it (surroundings.hpp), and ends by itself.
class PluginThread {
 public:
  /// Publishes what needs no looking up. The settings must outlive this.
  explicit PluginThread(const PluginSettings& settings);

  /// Starts the thread, unless it ran before or there is nothing to ask. Cheap, from any thread.
  void start() noexcept {
    if (state_.load(std::memory_order_acquire) == State::idle) begin();
  }

  /// Ends a look-up under way and waits for that; false if it did not end in time (it will when the
  /// system's resolver returns, saying and publishing nothing more). No look-up begins afterwards.
  bool stop(std::chrono::nanoseconds timeout) noexcept;

  /// What was published stands. A look-up that was under way in the parent begins anew in the
  /// child, when it traces.
  void after_fork_in_child() noexcept;

 private:
  enum class State : std::uint8_t { idle, running, over };

  void begin() noexcept;
  static void* run(void* self) noexcept;

  const PluginSettings& settings_;
  std::atomic<State> state_{State::idle};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> complete_{false};  ///< everything was asked
  WakeWord over_;
};

}  // namespace detail
XRAY_NAMESPACE_END
