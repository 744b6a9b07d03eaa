// account.db: what the account keeps on disk, beside the traces.
#pragma once

#include <filesystem>
#include <string>

#include "local/account/account_state.hpp"
#include "local/database/sqlite.hpp"

namespace xrayd::local {

/// For one thread at a time. What is put is on disk when the function comes back; a SqliteError
/// leaves everything there as it was.
class AccountFile {
 public:
  /// Opens `file` or makes it. Throws StartupError where that fails and where the file is damaged,
  /// another program's or a later version's: groups and policies are work that nobody should lose
  /// without a word.
  static AccountFile open(const std::filesystem::path& file);

  /// As it was stored. Throws StartupError where it can't be read.
  [[nodiscard]] AccountState load();

  void put(const Group& group);
  void erase_group(const std::string& name);
  void put(const ResourcePolicy& policy);
  void erase_policy(const std::string& name);
  void put(const IndexingRule& rule);
  void put_encryption_key(const std::string& key);
  void put_destination(const std::string& destination);

 private:
  explicit AccountFile(Database database) : database_(std::move(database)) {}

  void load_groups(Groups& groups);
  void put_setting(std::string_view name, std::string_view value);

  Database database_;
};

}  // namespace xrayd::local
