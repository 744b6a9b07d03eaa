// The tables of the store's files, and how a file is known to be one of ours.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "local/database/sqlite.hpp"

namespace xrayd::local {

/// One kind of file.
struct Schema {
  /// Stands in the file's header: tells our files from other programs' databases.
  std::int32_t application_id;
  /// Stands there too; a file with a higher one was written by a later xrayd.
  std::int32_t version;
  /// SQL that makes the tables.
  const char* tables;
};

extern const Schema meta_schema;
extern const Schema partition_schema;
extern const Schema sampling_schema;

enum class SchemaState {
  /// Nothing in it: new, or its making was interrupted.
  empty,
  ours,
  /// Ours, of a version whose files aren't read any more.
  older,
  /// Ours, of a later version.
  later,
  /// Another program's.
  foreign,
};

SchemaState examine(Database& database, const Schema& schema);

/// Makes the tables and the marks in one transaction.
void create(Database& database, const Schema& schema);

/// Opens a file, or makes it with its tables. Throws StartupError if it is foreign, SqliteError if
/// SQLite can't.
Database open_or_create(const std::filesystem::path& file, const Schema& schema);

}  // namespace xrayd::local
