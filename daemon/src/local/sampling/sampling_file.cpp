#include "local/sampling/sampling_file.hpp"

#include "config/log.hpp"
#include "local/database/schema.hpp"
#include "local/sampling/sampling_json.hpp"
#include "local/store/data_directory.hpp"
#include "startup_error.hpp"

namespace xrayd::local {

SamplingFile SamplingFile::try_open(const std::filesystem::path& file) {
  Database database = open_or_create(file, sampling_schema);
  // Rules change seldom and are few: each change may wait for the disk.
  database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.integer("SELECT count(*) FROM rule");
  return SamplingFile(std::move(database));
}

SamplingFile SamplingFile::open(const std::filesystem::path& file) {
  try {
    return try_open(file);
  } catch (const SqliteError& error) {
    if (!error.is_damage()) {
      throw StartupError(std::string(error.what()) + "; the sampling rules can't be opened");
    }
    log::warn(std::string(error.what()) +
              "; the file is set aside as .damaged, and only the rule Default is left");
    set_aside(file);
  }
  try {
    return try_open(file);
  } catch (const SqliteError& error) {
    throw StartupError(std::string(error.what()) + "; the sampling rules can't be opened");
  }
}

std::vector<SamplingRule> SamplingFile::rules() {
  std::vector<SamplingRule> list;
  try {
    Statement select(database_, "SELECT name, body FROM rule ORDER BY name");
    Rows rows = select.query();
    while (rows.next()) {
      const std::string name(rows.bytes(0));
      auto rule = stored_rule(rows.bytes(1));
      if (rule && rule->name == name) {
        list.push_back(*std::move(rule));
      } else {
        log::warn("the stored sampling rule " + name + " can't be read and is left out");
      }
    }
  } catch (const SqliteError& error) {
    log::warn(std::string(error.what()) + "; further sampling rules can't be read");
  }
  return list;
}

void SamplingFile::put(const SamplingRule& rule) {
  Statement insert(database_, "INSERT OR REPLACE INTO rule(name, body) VALUES(?1, ?2)");
  insert.run(std::string_view(rule.name), std::string_view(rule_text(rule)));
}

void SamplingFile::erase(const std::string& name) {
  Statement remove(database_, "DELETE FROM rule WHERE name = ?1");
  remove.run(std::string_view(name));
}

}  // namespace xrayd::local
