// The sampler that decides by X-Ray's rules, and the thread that fetches them.
#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xray/fixed_text.hpp>
#include <xray/impl/daemon_address.hpp>
#include <xray/impl/fork.hpp>
#include <xray/impl/futex.hpp>
#include <xray/impl/http_client.hpp>
#include <xray/impl/output.hpp>
#include <xray/impl/sampling/central_rules.hpp>
#include <xray/impl/sampling/central_schedule.hpp>
#include <xray/impl/sampling/published.hpp>
#include <xray/sampler.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

struct CentralSettings {
  /// The daemon's TCP port. Without one: the configuration's; before anything is configured, the
  /// last.
  std::optional<HostPort> daemon;
  HostPort unconfigured_daemon = DaemonAddress().tcp;
  std::int64_t rules_interval = 300'000'000'000;  ///< nanoseconds, as those below
  std::int64_t targets_interval = 10'000'000'000;
  std::int64_t oldest_rules = 3'600'000'000'000;  ///< older ones don't decide any more
};

/// The rules of one process, and its thread that keeps them fresh. That thread holds on to this by
/// itself: whoever made it may go first.
class CentralPoller {
 public:
  /// With one owner, who made it.
  explicit CentralPoller(const CentralSettings& settings);

  /// In a forked child: begins with the rules that the parent had, of whose poller nothing else is
  /// touched, for its threads may have been amid anything. Neither that nor the rules are ever
  /// freed.
  CentralPoller(const CentralSettings& settings, const CentralPoller& of_parent);

  CentralPoller(const CentralPoller&) = delete;
  CentralPoller& operator=(const CentralPoller&) = delete;

  /// An owner is done with it.
  void release() noexcept {
    if (owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  /// Whether this process made it.
  [[nodiscard]] bool is_of_this_process() const noexcept { return generation_ == fork_generation; }
  [[nodiscard]] bool is_running() const noexcept {
    return state_.load(std::memory_order_acquire) == State::running && is_of_this_process();
  }

  /// Starts the thread, where there is none yet; false if that can't be had now.
  bool start() noexcept;

  /// Ends the thread, and waits until that has happened or so much time has passed.
  void stop(std::chrono::nanoseconds timeout) noexcept;

  /// Decides by the rules; false if none of them does. Neither locks nor allocates.
  bool decide(const SamplingRequest& request, SamplingDecision& decision) noexcept;
  /// False if it is about none of these rules.
  bool observe(const SamplingOutcome& outcome) noexcept;

  /// Rules that are too old decide no more.
  void look_at_age() noexcept;

 private:
  enum class State : std::uint8_t { idle, running, over };

  /// Of the poller's thread: what one report took from the rules, and gives back if it does not
  /// arrive.
  class Report;

  static constexpr unsigned most_pages = 100;
  static constexpr std::size_t most_rules = 1000;
  static constexpr std::int64_t pause_after_no_thread = 10'000'000'000;

  ~CentralPoller();

  static void* run(void* self) noexcept;
  void loop() noexcept;
  void make_client_id() noexcept;
  template <typename Work>
  bool attempt(Work&& work) noexcept;

  bool fetch_rules();
  bool fetch_page(const std::string& token, RulesAnswer& answer);
  void use(std::vector<CentralRuleDefinition> definitions);
  void note_skipped(std::size_t skipped, const std::string& first);
  bool report_statistics();
  bool send(Report& report);
  void take_answer(const TargetsAnswer& answer, Report& report);

  /// Sends what is in out_; where there is no good answer, the reason is said.
  bool ask(const char* path, std::string& answer);
  void complain(const HostPort& daemon, std::string_view trouble);
  [[nodiscard]] bool is_stopping() const noexcept {
    return stopping_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] HostPort daemon() const;

  const CentralSettings settings_;
  const std::uint32_t generation_;
  std::atomic<State> state_{State::idle};
  std::atomic<bool> stopping_{false};
  std::atomic<unsigned> owners_{1};
  std::atomic<std::int64_t> no_thread_before_{0};
  WakeWord wake_;
  WakeWord over_;
  Published<CentralRules> rules_;
  const CentralPoller* const of_parent_ = nullptr;  ///< never freed

  // The thread's.
  CentralSchedule schedule_;
  std::unique_ptr<CentralRules> latest_;  ///< published, unless it is too old
  FixedText<24> client_id_;
  Output out_;
};

/// samplers::central().
class CentralSampler : public Sampler {
 public:
  /// The fallback, which is not null, decides where no rule does.
  CentralSampler(const CentralSettings& settings, std::shared_ptr<Sampler> fallback);
  ~CentralSampler() override;

  SamplingDecision decide(const SamplingRequest& request) noexcept override;
  void observe(const SamplingOutcome& outcome) noexcept override;
  void stop(std::chrono::nanoseconds timeout) noexcept override;

 private:
  CentralPoller* prepare(CentralPoller* poller) noexcept;
  CentralPoller* begin_in_child(CentralPoller* of_parent) noexcept;

  const CentralSettings settings_;
  const std::shared_ptr<Sampler> fallback_;
  std::atomic<CentralPoller*> poller_;
  /// Fork generations: in which a poller was made last (or is being made), and all was stopped.
  std::atomic<std::uint32_t> made_in_;
  std::atomic<std::uint32_t> stopped_in_{0};
};

}  // namespace detail
XRAY_NAMESPACE_END
