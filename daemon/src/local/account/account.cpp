#include "local/account/account.hpp"

#include <array>
#include <cstddef>
#include <random>
#include <type_traits>
#include <utility>

namespace xrayd::local {
namespace {

constexpr double ms_per_second = 1000;

// As long as X-Ray's, and of the same letters.
std::string unique_id() {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  constexpr std::size_t length = 52;
  std::random_device random;
  std::string id(length, '\0');
  for (char& c : id) c = letters[random() % letters.size()];
  return id;
}

}  // namespace

Account::Account(AccountSettings settings)
    : settings_(std::move(settings)),
      file_(AccountFile::open(settings_.file)),
      state_(std::make_shared<const AccountState>(file_.load())) {
}

std::shared_ptr<const AccountState> Account::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

double Account::now() const {
  return static_cast<double>(settings_.clock()) / ms_per_second;
}

template <typename Change>
auto Account::change_state(const Change& change) {
  const std::lock_guard change_lock(change_mutex_);
  auto next = std::make_shared<AccountState>(*state());
  auto result = change(*next);
  const std::lock_guard lock(mutex_);
  state_ = std::move(next);
  return result;
}

Group Account::create_group(Group group) {
  group.id = unique_id();
  return change_state([&](AccountState& state) {
    Group created = state.groups.create(std::move(group));
    file_.put(created);
    return created;
  });
}

Group Account::update_group(const GroupChange& change) {
  return change_state([&](AccountState& state) {
    Group updated = state.groups.update(change);
    file_.put(updated);
    return updated;
  });
}

void Account::delete_group(const GroupKey& key) {
  change_state([&](AccountState& state) {
    const Group removed = state.groups.remove(key);
    file_.erase_group(removed.name);
    return true;
  });
}

bool Account::change_tags(std::string_view arn, const std::function<Tags(Tags)>& change) {
  return change_state([&](AccountState& state) {
    const Group* found = state.groups.find_arn(arn);
    if (found == nullptr) return false;
    Group group = *found;
    group.tags = change(std::move(group.tags));
    file_.put(group);
    state.groups.put(std::move(group));
    return true;
  });
}

ResourcePolicy Account::put_policy(PolicyChange change) {
  return change_state([&](AccountState& state) {
    ResourcePolicy policy = state.policies.change(std::move(change), now());
    file_.put(policy);
    return policy;
  });
}

void Account::delete_policy(const std::string& name,
                            const std::optional<std::string>& revision_id) {
  change_state([&](AccountState& state) {
    state.policies.remove(name, revision_id);
    file_.erase_policy(name);
    return true;
  });
}

void Account::set_encryption_key(const std::string& key) {
  change_state([&](AccountState& state) {
    file_.put_encryption_key(key);
    state.encryption_key = key;
    return true;
  });
}

IndexingRule Account::update_indexing_rule(const std::string& name, double percentage) {
  constexpr double most = 100;
  if (name != indexing_rule_name) {
    throw AccountError(AccountError::Kind::not_found, "Indexing rule not found", name);
  }
  if (!(percentage >= 0 && percentage <= most)) {
    throw AccountError(AccountError::Kind::invalid,
                       "DesiredSamplingPercentage must be between 0 and 100");
  }
  return change_state([&](AccountState& state) {
    const IndexingRule rule{percentage, now()};
    file_.put(rule);
    state.indexing_rule = rule;
    return rule;
  });
}

void Account::set_destination(const std::string& destination) {
  change_state([&](AccountState& state) {
    file_.put_destination(destination);
    state.destination = destination;
    return true;
  });
}

GroupFilters group_filters(const Account& account) {
  return [state = account.state()](std::string_view name_or_arn) {
    return state->groups.filter_of(name_or_arn);
  };
}

}  // namespace xrayd::local
