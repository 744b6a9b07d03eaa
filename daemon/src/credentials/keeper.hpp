// Finds credentials, and new ones before they expire.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "aws/credentials_source.hpp"
#include "aws/endpoints.hpp"
#include "counter_row.hpp"
#include "net/http_client.hpp"

namespace xrayd::credentials {

/// Reads one environment variable; nothing if it isn't set.
using Environment = std::function<std::optional<std::string>(const char* name)>;

struct KeeperSettings {
  Environment environment;
  net::ClientFactory clients;
  /// `-o`: EC2's metadata are not asked.
  bool local_mode = false;
  /// `-r`: the role to take with what the chain finds. Empty: none.
  std::string role_arn;
  std::string external_id;
  /// Empty: AWS_PROFILE, else `default`.
  std::string profile;
  bool fips = false;
  bool dual_stack = false;
};

/// The chain in the order of AWS's own SDKs: environment, web identity, profile (with
/// source_profile, credential_process), container (ECS, EKS), EC2. Runs on a thread of its own.
class Keeper : public aws::CredentialsSource {
 public:
  explicit Keeper(KeeperSettings settings);
  ~Keeper() override;

  /// Begins to look; `region` is for STS.
  void start(const std::string& region);
  /// Gives up a look-up in progress and ends the thread.
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
