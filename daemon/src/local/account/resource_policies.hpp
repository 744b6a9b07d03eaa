// Resource policies: kept, checked for form, and never asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace xrayd::local {

struct ResourcePolicy {
  std::string name;
  std::string document;
  /// From 1, one more with each change.
  std::int64_t revision = 1;
  /// Seconds since 1970.
  double updated_at = 0;

  [[nodiscard]] std::string revision_id() const { return std::to_string(revision); }
};

/// A policy made or changed.
struct PolicyChange {
  std::string name;
  std::string document;
  /// The revision that is changed; `0` if there must be none of that name yet.
  std::optional<std::string> revision_id;
  /// Take it even if it denies everybody to change it.
  bool may_lock_out = false;
};

/// At most five. For one thread at a time.
class ResourcePolicies {
 public:
  static constexpr std::size_t max_policies = 5;
  /// Of a document.
  static constexpr std::size_t max_bytes = std::size_t{5} * 1024;

  /// By name.
  [[nodiscard]] std::vector<ResourcePolicy> all() const;

  // Both throw AccountError and leave everything as it was.

  /// `now` in seconds since 1970.
  const ResourcePolicy& change(PolicyChange change, double now);
  void remove(const std::string& name, const std::optional<std::string>& revision_id);

  /// As it was stored, unchecked.
  void put(ResourcePolicy policy);

 private:
  std::map<std::string, ResourcePolicy> policies_;
};

}  // namespace xrayd::local
