#include "local/meta_file.hpp"

#include "local/schema.hpp"
#include "startup_error.hpp"

namespace xrayd::local {

MetaFile MetaFile::open(const std::filesystem::path& file) {
  try {
    Database database(file, Database::Mode::create);
    switch (examine(database, meta_schema)) {
      case SchemaState::empty:
        create(database, meta_schema);
        break;
      case SchemaState::ours:
        break;
      case SchemaState::foreign:
        throw StartupError(file.string() +
                           ": not made by xrayd, or by a later version of it; give another "
                           "--data-dir or move the file away");
    }
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
