// Why what an account keeps stays as it is.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace xrayd::local {

/// what() is for the caller.
class AccountError : public std::runtime_error {
 public:
  enum class Kind {
    invalid,
    /// There is no such resource: resource() names it.
    not_found,
    /// A policy has another revision than the caller thinks.
    policy_revision,
    malformed_policy,
    /// A policy denies everybody, its owner too, to change it.
    policy_lockout,
    policy_size,
    too_many_policies,
  };

  AccountError(Kind kind, const std::string& message, std::string resource = {})
      : std::runtime_error(message), kind_(kind), resource_(std::move(resource)) {}

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] const std::string& resource() const noexcept { return resource_; }

 private:
  Kind kind_;
  std::string resource_;
};

}  // namespace xrayd::local
