// Where signers get their credentials from.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "aws/secret.hpp"

namespace xrayd::aws {

/// Credentials for a time.
struct CredentialsLease {
  Credentials keys;
  /// Nothing: they last.
  std::optional<std::chrono::sys_seconds> expires;
  /// For the log: `environment`, `profile x`, `EC2 metadata`, `role arn:... by way of ...`.
  std::string origin;
};

/// Thread-safe.
class CredentialsSource {
 public:
  CredentialsSource() = default;
  CredentialsSource(const CredentialsSource&) = delete;
  CredentialsSource& operator=(const CredentialsSource&) = delete;
  virtual ~CredentialsSource() = default;

  /// What to sign with at present, or null if there is none (yet). Never blocks on the network.
  [[nodiscard]] virtual std::shared_ptr<const CredentialsLease> current() const noexcept = 0;

  /// As current(), but waits until there are some that are not `stale` (which may be null) or the
  /// deadline passes.
  [[nodiscard]] virtual std::shared_ptr<const CredentialsLease> newer_than(
      const CredentialsLease* stale, std::chrono::steady_clock::time_point deadline) noexcept = 0;

  /// A service refused this lease as expired or unknown: new ones are looked for, soon and in the
  /// background. Ignored for a lease that is not the current one.
  virtual void refused(const CredentialsLease& lease) noexcept = 0;

  /// Empty while there are credentials; otherwise one line that says why there are none.
  [[nodiscard]] virtual std::string trouble() const = 0;
};

}  // namespace xrayd::aws
