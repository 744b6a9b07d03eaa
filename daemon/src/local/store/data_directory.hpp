// The folder that the store lives in: made if need be, ours alone while we run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace xrayd::local {

class DataDirectory {
 public:
  /// Makes the folder, for its owner's eyes only, and locks it. Throws StartupError if that fails
  /// or another daemon has it.
  explicit DataDirectory(const std::filesystem::path& path);
  ~DataDirectory();
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  /// Another process has it just now. Throws StartupError if that can't be told.
  [[nodiscard]] static bool is_in_use(const std::filesystem::path& path);

  [[nodiscard]] std::filesystem::path meta_file() const { return path_ / "meta.db"; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::filesystem::path file(const std::string& name) const { return path_ / name; }

  /// Names of the files of traces that are there.
  [[nodiscard]] std::vector<std::string> partition_names() const;
  /// A name that no file has: `traces-<UTC>-<n>.db`.
  [[nodiscard]] std::string unused_partition_name(std::int64_t now_ms) const;
  /// Files that were set aside, oldest first.
  [[nodiscard]] std::vector<std::filesystem::path> damaged_files() const;

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

/// A database's file and what SQLite keeps beside it.
std::uint64_t database_bytes(const std::filesystem::path& file) noexcept;

/// When one of these was last written, in milliseconds since 1970; 0 where none is there.
std::int64_t last_write_ms(const std::filesystem::path& file) noexcept;

/// Removes a database's file and what SQLite keeps beside it.
void remove_database(const std::filesystem::path& file) noexcept;

/// Renames a database's file so that nothing opens it any more: `<file>.damaged` or whatever is to
/// be added to its name, and its log.
void set_aside(const std::filesystem::path& file, const char* added = ".damaged") noexcept;

}  // namespace xrayd::local
