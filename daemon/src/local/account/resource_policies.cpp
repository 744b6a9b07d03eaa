#include "local/account/resource_policies.hpp"

#include <utility>

#include "local/account/account_error.hpp"
#include "local/account/policy_document.hpp"

namespace xrayd::local {
namespace {

using Kind = AccountError::Kind;

void check_revision(const std::optional<std::string>& given, const std::string& latest) {
  if (!given || *given == latest) return;
  throw AccountError(Kind::policy_revision,
                     "The policy revision id does not match the latest revision");
}

}  // namespace

std::vector<ResourcePolicy> ResourcePolicies::all() const {
  std::vector<ResourcePolicy> list;
  list.reserve(policies_.size());
  for (const auto& [name, policy] : policies_) list.push_back(policy);
  return list;
}

const ResourcePolicy& ResourcePolicies::change(PolicyChange change, double now) {
  if (change.document.size() > max_bytes) {
    throw AccountError(Kind::policy_size, "Policy document exceeds the maximum size of " +
                                              std::to_string(max_bytes) + " bytes");
  }
  if (const auto fault = policy_document_fault(change.document); !fault.empty()) {
    throw AccountError(Kind::malformed_policy, fault);
  }
  if (!change.may_lock_out && locks_everybody_out(change.document)) {
    throw AccountError(Kind::policy_lockout,
                       "The policy would prevent its owner from calling PutResourcePolicy");
  }
  const auto found = policies_.find(change.name);
  const bool is_new = found == policies_.end();
  check_revision(change.revision_id, is_new ? "0" : found->second.revision_id());
  if (is_new && policies_.size() >= max_policies) {
    throw AccountError(Kind::too_many_policies,
                       "Resource policy limit exceeded: " + std::to_string(max_policies));
  }
  const std::int64_t revision = is_new ? 1 : found->second.revision + 1;
  const std::string name = change.name;
  put({std::move(change.name), std::move(change.document), revision, now});
  return policies_.find(name)->second;
}

void ResourcePolicies::remove(const std::string& name,
                              const std::optional<std::string>& revision_id) {
  const auto found = policies_.find(name);
  if (found == policies_.end()) throw AccountError(Kind::invalid, "Resource policy not found");
  check_revision(revision_id, found->second.revision_id());
  policies_.erase(found);
}

void ResourcePolicies::put(ResourcePolicy policy) {
  auto name = policy.name;
  policies_.insert_or_assign(std::move(name), std::move(policy));
}

}  // namespace xrayd::local
