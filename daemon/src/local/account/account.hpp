// The account of this machine: groups and their tags, resource policies, settings, telemetry.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "counter_row.hpp"
#include "local/account/account_error.hpp"
#include "local/account/account_file.hpp"
#include "local/account/account_state.hpp"
#include "local/account/telemetry.hpp"
#include "local/filter/filter.hpp"

namespace xrayd::local {

struct AccountSettings {
  std::filesystem::path file;
  /// Milliseconds since 1970.
  std::function<std::int64_t()> clock;
};

/// Thread-safe. Changes wait for the disk, everything else doesn't.
class Account {
 public:
  /// Throws StartupError.
  explicit Account(AccountSettings settings);

  /// Everything as it is now. It never changes: who asks again sees what has changed since.
  [[nodiscard]] std::shared_ptr<const AccountState> state() const;

  // On disk when they come back; what is returned is what is stored now. They throw AccountError,
  // and SqliteError where the disk fails: then nothing has changed.

  /// The group's id is made up here.
  Group create_group(Group group);
  Group update_group(const GroupChange& change);
  void delete_group(const GroupKey& key);

  /// Puts what `change` makes of a group's tags in their place; false if there is no such group.
  /// What `change` throws comes through, and nothing has changed. It must not call back.
  bool change_tags(std::string_view arn, const std::function<Tags(Tags)>& change);

  ResourcePolicy put_policy(PolicyChange change);
  void delete_policy(const std::string& name, const std::optional<std::string>& revision_id);

  /// Empty for none.
  void set_encryption_key(const std::string& key);
  /// `percentage` from 0 to 100.
  IndexingRule update_indexing_rule(const std::string& name, double percentage);
  void set_destination(const std::string& destination);

  [[nodiscard]] Telemetry& telemetry() noexcept { return telemetry_; }
  void report(CounterRows& rows) const { telemetry_.report(rows); }

 private:
  [[nodiscard]] double now() const;
  /// `change` gets a copy of the state and writes to the file what it changed there.
  template <typename Change>
  auto change_state(const Change& change);

  AccountSettings settings_;
  Telemetry telemetry_;

  /// Held over the disk's work, so that changes come one after the other.
  std::mutex change_mutex_;
  AccountFile file_;

  mutable std::mutex mutex_;
  std::shared_ptr<const AccountState> state_;
};

/// What the account's groups stand for now; stays as it is when they change.
[[nodiscard]] GroupFilters group_filters(const Account& account);

}  // namespace xrayd::local
