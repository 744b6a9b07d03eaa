// All places where credentials may be, in their order.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "credentials/provider.hpp"
#include "credentials/sts.hpp"

namespace xrayd::credentials {

struct ChainSettings {
  StsSettings sts;
  net::ClientFactory clients;
  bool local_mode = false;
  /// Empty: none was named.
  std::string profile;
  /// The role to take with what was found; an empty ARN: none.
  RoleRequest role;
};

/// What one look-up brought.
struct Finding {
  std::optional<aws::CredentialsLease> lease;
  bool outlives_expiry = false;
  /// Of the place in the order, from 0.
  std::size_t rank = 0;
  /// With a lease: what went wrong at places that come before it. Without: why nobody had any.
  std::string trouble;
};

class Chain {
 public:
  explicit Chain(const ChainSettings& settings);
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;
  ~Chain();

  /// Asks the places. Those that need the network are asked at the same time, but only where no
  /// place before them has some at hand. For one thread at a time; may throw std::bad_alloc.
  [[nodiscard]] Finding find();

  /// From any thread: find() ends at once, and so do later ones.
  void call_off() noexcept;

 private:
  using Answers = std::vector<std::optional<Answer>>;
  class Listed;
  class Asked;

  void ask_others(Answers& answers, std::size_t end);
  [[nodiscard]] Finding conclude(Answers& answers) const;
  void take_role(Finding& finding);
  void add(Inquiry& inquiry);
  void remove(Inquiry& inquiry) noexcept;

  ChainSettings settings_;
  std::vector<std::unique_ptr<Provider>> providers_;
  std::mutex mutex_;
  bool called_off_ = false;
  std::vector<Inquiry*> inquiries_;
};

}  // namespace xrayd::credentials
