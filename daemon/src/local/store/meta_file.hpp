// meta.db: what the store knows beside its traces. Now: which files of traces there are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "local/database/sqlite.hpp"

namespace xrayd::local {

/// For one thread at a time.
class MetaFile {
 public:
  /// Opens `file` or makes it. Throws StartupError if it is damaged, another program's or a later
  /// version's.
  static MetaFile open(const std::filesystem::path& file);

  /// Names of files, sorted.
  std::vector<std::string> partitions();
  void add_partition(const std::string& name, std::int64_t created_ms);
  void remove_partition(const std::string& name);

 private:
  explicit MetaFile(Database database) : database_(std::move(database)) {}

  Database database_;
};

}  // namespace xrayd::local
