#include "local/account/account_file.hpp"

#include <map>
#include <utility>

#include "local/database/schema.hpp"
#include "startup_error.hpp"

namespace xrayd::local {
namespace {

const Schema account_schema{
    0x58524131,  // "XRA1"
    1,
    R"(
CREATE TABLE filter_group(
  name TEXT PRIMARY KEY,
  id TEXT NOT NULL,
  filter TEXT NOT NULL,
  insights INTEGER NOT NULL,
  notifications INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE group_tag(
  filter_group TEXT NOT NULL REFERENCES filter_group(name),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY(filter_group, key)
) WITHOUT ROWID;
CREATE TABLE resource_policy(
  name TEXT PRIMARY KEY,
  document TEXT NOT NULL,
  revision INTEGER NOT NULL,
  updated_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE indexing_rule(
  name TEXT PRIMARY KEY,
  percentage REAL NOT NULL,
  modified_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
)",
};

constexpr std::string_view encryption_setting = "encryption key";
constexpr std::string_view destination_setting = "trace segment destination";

StartupError not_opened(const SqliteError& error) {
  const char* const advice =
      error.is_damage() ? "; move the file away to start without its groups, resource policies and "
                          "settings (traces and sampling rules are in other files)"
                        : "; the groups and settings can't be opened";
  return StartupError(error.what() + std::string(advice));
}

// Reading all rows would miss what is wrong between them.
void check(Database& database) {
  Statement statement(database, "PRAGMA quick_check(1)");
  Rows rows = statement.query();
  if (!rows.next() || rows.bytes(0) != "ok") throw database.error(SQLITE_CORRUPT);
}

}  // namespace

AccountFile AccountFile::open(const std::filesystem::path& file) {
  try {
    Database database = open_or_create(file, account_schema);
    // Changes are few: each may wait for the disk.
    database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    check(database);
    return AccountFile(std::move(database));
  } catch (const SqliteError& error) {
    throw not_opened(error);
  }
}

AccountState AccountFile::load() {
  try {
    AccountState state;
    load_groups(state.groups);
    Statement policies(database_,
                       "SELECT name, document, revision, updated_at FROM resource_policy");
    for (Rows rows = policies.query(); rows.next();) {
      state.policies.put({std::string(rows.bytes(0)), std::string(rows.bytes(1)), rows.integer(2),
                          rows.number(3)});
    }
    Statement rules(database_, "SELECT percentage, modified_at FROM indexing_rule WHERE name = ?1");
    for (Rows rows = rules.query(indexing_rule_name); rows.next();) {
      state.indexing_rule = {rows.number(0), rows.number(1)};
    }
    Statement settings(database_, "SELECT name, value FROM setting");
    for (Rows rows = settings.query(); rows.next();) {
      if (rows.bytes(0) == encryption_setting) state.encryption_key = rows.bytes(1);
      if (rows.bytes(0) == destination_setting) state.destination = rows.bytes(1);
    }
    return state;
  } catch (const SqliteError& error) {
    throw not_opened(error);
  }
}

void AccountFile::load_groups(Groups& groups) {
  std::map<std::string, Tags> tags;
  Statement select_tags(database_, "SELECT filter_group, key, value FROM group_tag");
  for (Rows rows = select_tags.query(); rows.next();) {
    tags[std::string(rows.bytes(0))].emplace(rows.bytes(1), rows.bytes(2));
  }
  Statement select(database_, "SELECT name, id, filter, insights, notifications FROM filter_group");
  for (Rows rows = select.query(); rows.next();) {
    Group group;
    group.name = rows.bytes(0);
    group.id = rows.bytes(1);
    group.filter = rows.bytes(2);
    group.insights = {rows.integer(3) != 0, rows.integer(4) != 0};
    group.tags = std::move(tags[group.name]);
    groups.put(std::move(group));
  }
}

void AccountFile::put(const Group& group) {
  const std::string_view name = group.name;
  Transaction transaction(database_);
  Statement insert(database_,
                   "INSERT OR REPLACE INTO filter_group(name, id, filter, insights, notifications) "
                   "VALUES(?1, ?2, ?3, ?4, ?5)");
  insert.run(name, std::string_view(group.id), std::string_view(group.filter),
             std::int64_t{group.insights.insights_enabled},
             std::int64_t{group.insights.notifications_enabled});
  Statement clear(database_, "DELETE FROM group_tag WHERE filter_group = ?1");
  clear.run(name);
  Statement tag(database_, "INSERT INTO group_tag(filter_group, key, value) VALUES(?1, ?2, ?3)");
  for (const auto& [key, value] : group.tags) {
    tag.run(name, std::string_view(key), std::string_view(value));
  }
  transaction.commit();
}

void AccountFile::erase_group(const std::string& name) {
  Transaction transaction(database_);
  Statement tags(database_, "DELETE FROM group_tag WHERE filter_group = ?1");
  tags.run(std::string_view(name));
  Statement group(database_, "DELETE FROM filter_group WHERE name = ?1");
  group.run(std::string_view(name));
  transaction.commit();
}

void AccountFile::put(const ResourcePolicy& policy) {
  Statement insert(database_,
                   "INSERT OR REPLACE INTO resource_policy(name, document, revision, updated_at) "
                   "VALUES(?1, ?2, ?3, ?4)");
  insert.run(std::string_view(policy.name), std::string_view(policy.document), policy.revision,
             policy.updated_at);
}

void AccountFile::erase_policy(const std::string& name) {
  Statement remove(database_, "DELETE FROM resource_policy WHERE name = ?1");
  remove.run(std::string_view(name));
}

void AccountFile::put(const IndexingRule& rule) {
  Statement insert(database_,
                   "INSERT OR REPLACE INTO indexing_rule(name, percentage, modified_at) "
                   "VALUES(?1, ?2, ?3)");
  insert.run(indexing_rule_name, rule.percentage, rule.modified_at);
}

void AccountFile::put_encryption_key(const std::string& key) {
  put_setting(encryption_setting, key);
}

void AccountFile::put_destination(const std::string& destination) {
  put_setting(destination_setting, destination);
}

void AccountFile::put_setting(std::string_view name, std::string_view value) {
  Statement insert(database_, "INSERT OR REPLACE INTO setting(name, value) VALUES(?1, ?2)");
  insert.run(name, value);
}

}  // namespace xrayd::local
