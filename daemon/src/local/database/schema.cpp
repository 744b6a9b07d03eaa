#include "local/database/schema.hpp"

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

// A trace's documents lie in chunks; `places` says where. `listed` is 0 where there is no segment
// yet. `minute` is when its first document was received, in minutes since 1970: `minute.sum` has
// what the records of that minute add up to, for minutes below `info.sums_until`. `posting` lists
// the keys of traces by what they can be found by. `dictionary` has the texts that records name by
// number, `record_prefix`, once there are enough, records that later ones are compressed against.
// `info` has one row; `earliest` and `latest` bound `listed_at`, `span` how far a trace's
// other times are from it.
const Schema partition_schema{
    0x58525431,  // "XRT1"
    3,
    R"(
CREATE TABLE trace(
  key INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  listed INTEGER NOT NULL,
  listed_at REAL NOT NULL,
  started REAL NOT NULL,
  ended REAL NOT NULL,
  revision INTEGER NOT NULL,
  limit_exceeded INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  places BLOB NOT NULL,
  record BLOB NOT NULL
);
CREATE INDEX trace_by_time ON trace(listed_at, started, id, ended) WHERE listed = 1;
CREATE TABLE chunk(key INTEGER PRIMARY KEY, raw_bytes INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE posting(
  term INTEGER NOT NULL,
  batch INTEGER NOT NULL,
  keys BLOB NOT NULL,
  PRIMARY KEY(term, batch)
) WITHOUT ROWID;
CREATE TABLE minute(minute INTEGER PRIMARY KEY, sum BLOB NOT NULL);
CREATE TABLE dictionary(first INTEGER PRIMARY KEY, texts BLOB NOT NULL);
CREATE TABLE record_prefix(bytes BLOB NOT NULL);
CREATE TABLE info(
  created_ms INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  newest_arrival_ms INTEGER NOT NULL,
  traces INTEGER NOT NULL,
  batches INTEGER NOT NULL,
  sums_until INTEGER NOT NULL,
  earliest REAL NOT NULL,
  latest REAL NOT NULL,
  span REAL NOT NULL
);
)",
};

SchemaState examine(Database& database, const Schema& schema) {
  const auto application = database.integer("PRAGMA application_id");
  const auto version = database.integer("PRAGMA user_version");
  if (application == schema.application_id && version == schema.version) return SchemaState::ours;
  if (application == schema.application_id && version > 0 && version < schema.version) {
    return SchemaState::older;
  }
  if (application == schema.application_id && version > schema.version) return SchemaState::later;
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
    case SchemaState::older:
    case SchemaState::later:
    case SchemaState::foreign:
      throw StartupError(file.string() +
                         ": not made by xrayd, or by a later version of it; give another "
                         "--data-dir or move the file away");
  }
  return database;
}

}  // namespace xrayd::local
