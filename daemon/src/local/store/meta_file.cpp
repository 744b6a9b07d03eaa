#include "local/store/meta_file.hpp"

#include "local/database/schema.hpp"
#include "startup_error.hpp"

namespace xrayd::local {

MetaFile MetaFile::open(const std::filesystem::path& file) {
  try {
    Database database = open_or_create(file, meta_schema);
    database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    MetaFile meta(std::move(database));
    meta.partitions();
    return meta;
  } catch (const SqliteError& error) {
    throw StartupError(std::string(error.what()) + "; the store can't be opened");
  }
}

std::vector<std::string> MetaFile::partitions() {
  Statement select(database_, "SELECT name FROM partition ORDER BY name");
  std::vector<std::string> names;
  Rows rows = select.query();
  while (rows.next()) names.emplace_back(rows.bytes(0));
  return names;
}

void MetaFile::add_partition(const std::string& name, std::int64_t created_ms) {
  Statement insert(database_, "INSERT OR REPLACE INTO partition(name, created_ms) VALUES(?1, ?2)");
  insert.run(std::string_view(name), created_ms);
}

void MetaFile::remove_partition(const std::string& name) {
  Statement remove(database_, "DELETE FROM partition WHERE name = ?1");
  remove.run(std::string_view(name));
}

}  // namespace xrayd::local
