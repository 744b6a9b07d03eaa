#include "credentials/chain.hpp"

#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include "credentials/container_provider.hpp"
#include "credentials/environment_provider.hpp"
#include "credentials/instance_provider.hpp"
#include "credentials/profile_provider.hpp"
#include "credentials/web_identity_provider.hpp"

namespace xrayd::credentials {
namespace {

using namespace std::chrono_literals;

void add_to(std::string& list, const Provider& provider, const std::string& reason) {
  if (!list.empty()) list += "; ";
  list += provider.title() + ": " + reason;
}

}  // namespace

/// Among those that call_off() reaches.
class Chain::Listed {
 public:
  Listed(Chain& chain, Inquiry& inquiry) : chain_(chain), inquiry_(inquiry) {
    chain_.add(inquiry_);
  }
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;
  ~Listed() { chain_.remove(inquiry_); }

 private:
  Chain& chain_;
  Inquiry& inquiry_;
};

/// A place while it is asked. Ends the asking when it goes.
class Chain::Asked {
 public:
  Asked(Chain& chain, Provider& provider, std::size_t rank)
      : provider_(provider),
        rank_(rank),
        inquiry_(chain.settings_.clients, provider.limit()),
        listed_(chain, inquiry_) {}
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;
  ~Asked() {
    inquiry_.call_off();
    if (thread_.joinable()) thread_.join();
  }

  /// On a thread of its own; if there is none to be had, answer() asks.
  void begin() {
    try {
      thread_ = std::thread([this] { ask(); });
    } catch (const std::system_error&) {
      return;
    }
  }

  [[nodiscard]] std::size_t rank() const { return rank_; }
  void call_off() noexcept { inquiry_.call_off(); }

  /// Waits for it. Once.
  Answer answer() {
    if (thread_.joinable()) {
      thread_.join();
    } else {
      ask();
    }
    return std::move(answer_);
  }

 private:
  void ask() noexcept {
    try {
      answer_ = provider_.ask(inquiry_);
    } catch (const std::exception& problem) {
      answer_.reason = problem.what();
    }
  }

  Provider& provider_;
  std::size_t rank_;
  Inquiry inquiry_;
  Listed listed_;
  Answer answer_;
  std::thread thread_;
};

Chain::Chain(const ChainSettings& settings) : settings_(settings) {
  const StsSettings& sts = settings_.sts;
  if (settings_.profile.empty()) {
    providers_.push_back(std::make_unique<EnvironmentProvider>(sts.environment));
    providers_.push_back(std::make_unique<WebIdentityProvider>(sts));
  }
  providers_.push_back(
      std::make_unique<ProfileProvider>(sts, settings_.profile, settings_.local_mode));
  providers_.push_back(std::make_unique<ContainerProvider>(sts.environment, sts.clock));
  providers_.push_back(
      std::make_unique<InstanceProvider>(sts.environment, sts.clock, settings_.local_mode));
}

Chain::~Chain() = default;

void Chain::add(Inquiry& inquiry) {
  const std::lock_guard lock(mutex_);
  if (called_off_) inquiry.call_off();
  inquiries_.push_back(&inquiry);
}

void Chain::remove(Inquiry& inquiry) noexcept {
  const std::lock_guard lock(mutex_);
  std::erase(inquiries_, &inquiry);
}

void Chain::call_off() noexcept {
  const std::lock_guard lock(mutex_);
  called_off_ = true;
  for (Inquiry* inquiry : inquiries_) inquiry->call_off();
}

Finding Chain::find() {
  Answers answers(providers_.size());
  std::size_t rank = 0;
  for (; rank < providers_.size(); ++rank) {
    answers[rank] = providers_[rank]->at_hand();
    if (answers[rank] && answers[rank]->lease) break;
  }
  ask_others(answers, rank);
  Finding finding = conclude(answers);
  if (finding.lease && !settings_.role.arn.empty()) take_role(finding);
  return finding;
}

/// Those of the first `end` places that have not answered yet.
void Chain::ask_others(Answers& answers, std::size_t end) {
  std::vector<std::unique_ptr<Asked>> asked;
  for (std::size_t rank = 0; rank < end; ++rank) {
    if (!answers[rank]) asked.push_back(std::make_unique<Asked>(*this, *providers_[rank], rank));
  }
  // The first one is asked on this thread.
  for (std::size_t i = 1; i < asked.size(); ++i) asked[i]->begin();
  for (const auto& each : asked) {
    Answer& answer = answers[each->rank()].emplace(each->answer());
    if (answer.lease) break;
  }
  for (const auto& each : asked) each->call_off();
}

Finding Chain::conclude(Answers& answers) const {
  Finding finding;
  std::string failures;
  std::string all;
  for (std::size_t rank = 0; rank < answers.size(); ++rank) {
    auto& answer = answers[rank];
    if (!answer) continue;
    if (answer->lease) {
      finding.lease = std::move(answer->lease);
      finding.outlives_expiry = answer->outlives_expiry;
      finding.rank = rank;
      finding.trouble = std::move(failures);
      return finding;
    }
    if (!answer->absent) add_to(failures, *providers_[rank], answer->reason);
    add_to(all, *providers_[rank], answer->reason);
  }
  finding.trouble = std::move(all);
  return finding;
}

void Chain::take_role(Finding& finding) {
  Inquiry inquiry(settings_.clients, 20s);
  const Listed listed(*this, inquiry);
  const std::string& arn = settings_.role.arn;
  Answer answer = assume_role(settings_.sts, finding.lease->keys, settings_.role,
                              "role " + arn + " by way of " + finding.lease->origin, inquiry);
  finding.outlives_expiry = false;
  if (!answer.lease) {
    finding.trouble = "role " + arn + " by way of " + finding.lease->origin + ": " + answer.reason;
  }
  finding.lease = std::move(answer.lease);
}

}  // namespace xrayd::credentials
