#include "local/schema.hpp"

#include "startup_error.hpp"

namespace xrayd::local {

const Schema meta_schema{
    0x58524D31,  // "XRM1"
    1,
    R"(
CREATE TABLE partition(
  name TEXT PRIMARY KEY,        -- of the file, in the same folder
  created_ms INTEGER NOT NULL   -- since 1970
) WITHOUT ROWID;
CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
)",
};

const Schema sampling_schema{
    0x58525331,  // "XRS1"
    1,
    "CREATE TABLE rule(name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;",
};

// `document.key` keeps the order of arrival; `entity` is the id of what it describes. `info` has
// one row.
const Schema partition_schema{
    0x58525431,  // "XRT1"
    2,
    R"(
CREATE TABLE trace(
  key INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  listed_at REAL NOT NULL,
  started REAL NOT NULL,
  ended REAL NOT NULL,
  revision INTEGER NOT NULL,
  segments INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  limit_exceeded INTEGER NOT NULL,
  summary TEXT NOT NULL
);
CREATE INDEX trace_by_time ON trace(listed_at, started, id);
CREATE TABLE document(
  key INTEGER PRIMARY KEY,
  trace INTEGER NOT NULL REFERENCES trace(key),
  entity INTEGER NOT NULL,
  independent INTEGER NOT NULL,
  in_progress INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX document_by_entity ON document(trace, entity, independent);
CREATE TABLE info(
  created_ms INTEGER NOT NULL,
  newest_arrival_ms INTEGER NOT NULL,
  traces INTEGER NOT NULL
);
)",
};

SchemaState examine(Database& database, const Schema& schema) {
  const auto application = database.integer("PRAGMA application_id");
  const auto version = database.integer("PRAGMA user_version");
  if (application == schema.application_id && version == schema.version) return SchemaState::ours;
  const bool unmarked = application == 0 && version == 0;
  const auto tables = database.integer("SELECT count(*) FROM sqlite_schema");
  return unmarked && tables == 0 ? SchemaState::empty : SchemaState::foreign;
}

void create(Database& database, const Schema& schema) {
  database.execute("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL");
  Transaction transaction(database);
  database.execute(schema.tables);
  database.execute("PRAGMA application_id = " + std::to_string(schema.application_id));
  database.execute("PRAGMA user_version = " + std::to_string(schema.version));
  transaction.commit();
}

Database open_or_create(const std::filesystem::path& file, const Schema& schema) {
  Database database(file, Database::Mode::create);
  switch (examine(database, schema)) {
    case SchemaState::empty:
      create(database, schema);
      break;
    case SchemaState::ours:
      break;
    case SchemaState::foreign:
      throw StartupError(file.string() +
                         ": not made by xrayd, or by a later version of it; give another "
                         "--data-dir or move the file away");
  }
  return database;
}

}  // namespace xrayd::local
