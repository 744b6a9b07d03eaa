// Finds credentials, and new ones before they expire.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "aws/credentials_source.hpp"
#include "aws/endpoints.hpp"
#include "counter_row.hpp"
#include "credentials/environment.hpp"
#include "net/http_client.hpp"

namespace xrayd::credentials {

/// How long things wait. Tests take their own clock, and short waits.
struct KeeperTiming {
  /// Expiry is reckoned by it; empty: the system's clock.
  WallClock clock = {};
  /// After a look-up that failed; doubled each time up to `longest_retry`, less a random part.
  std::chrono::milliseconds first_retry{1000};
  std::chrono::milliseconds longest_retry{60'000};
  /// Look-ups that services' refusals cause begin at least so long after one another.
  std::chrono::milliseconds refusal_pause{5000};
  /// The wall clock is looked at this often at least: it may be set, or the machine have slept.
  std::chrono::milliseconds longest_nap{30'000};
};

struct KeeperSettings {
  Environment environment;
  net::ClientFactory clients;
  /// `-o`: EC2's metadata are not asked.
  bool local_mode = false;
  /// `-r`: the role to take with what the chain finds. Empty: none.
  std::string role_arn;
  std::string external_id;
  /// Empty: AWS_PROFILE, else `default`. One that is named here comes before all else: then neither
  /// the keys of the environment nor its web identity are looked at, as with AWS's own tools.
  std::string profile;
  bool fips = false;
  bool dual_stack = false;
  KeeperTiming timing = {};
};

/// The chain in the order of AWS's own SDKs: environment, web identity, profile (with
/// source_profile, credential_process), container (ECS, EKS), EC2. The first place that has some
/// counts; places that must be asked over the network are asked at the same time. Runs on a thread
/// of its own. Found credentials are renewed before they expire; those of EC2 stay in use for some
/// hours after it if its metadata service has no newer ones, as with AWS's SDKs. Thread-safe.
class Keeper : public aws::CredentialsSource {
 public:
  explicit Keeper(KeeperSettings settings);
  ~Keeper() override;

  /// Begins to look; `region` is for STS. Once.
  void start(const std::string& region);
  /// Gives up a look-up in progress and ends the thread; what was found stays current().
  void stop() noexcept;

  [[nodiscard]] std::shared_ptr<const aws::CredentialsLease> current() const noexcept override;
  [[nodiscard]] std::shared_ptr<const aws::CredentialsLease> newer_than(
      const aws::CredentialsLease* stale,
      std::chrono::steady_clock::time_point deadline) noexcept override;
  void refused(const aws::CredentialsLease& lease) noexcept override;
  [[nodiscard]] std::string trouble() const override;

  void report(CounterRows& rows) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xrayd::credentials
