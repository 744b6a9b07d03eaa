// sampling.db: the sampling rules on disk, beside the traces.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "local/database/sqlite.hpp"
#include "local/sampling/sampling_rules.hpp"

namespace xrayd::local {

/// For one thread at a time.
class SamplingFile {
 public:
  /// Opens `file` or makes it. One that is damaged is set aside with a warning; one of another
  /// program or of a later version is a StartupError, and so is one that can't be opened.
  static SamplingFile open(const std::filesystem::path& file);

  /// All rules that can be read. Those that can't stay where they are, and the log says so.
  [[nodiscard]] std::vector<SamplingRule> rules();

  /// On disk when these come back. Both throw SqliteError.
  void put(const SamplingRule& rule);
  void erase(const std::string& name);

 private:
  explicit SamplingFile(Database database) : database_(std::move(database)) {}
  static SamplingFile try_open(const std::filesystem::path& file);

  Database database_;
};

}  // namespace xrayd::local
