// The folder that the spool lives in: made if need be, ours alone while we run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace xrayd::backlog {

/// Not thread-safe.
class SpoolDirectory {
 public:
  /// Makes the folder, for its owner's eyes only, and locks it. Throws StartupError naming it if
  /// that fails or another daemon has it.
  explicit SpoolDirectory(const std::filesystem::path& path);
  ~SpoolDirectory();
  SpoolDirectory(const SpoolDirectory&) = delete;
  SpoolDirectory& operator=(const SpoolDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// `<number>.spool`, with zeros before it.
  [[nodiscard]] std::filesystem::path file(std::uint64_t number) const;
  /// Numbers of the files that are there, in order.
  [[nodiscard]] std::vector<std::uint64_t> numbers() const;

  /// Makes and locks the folder anew where somebody removed it, its lock, or moved it away. Empty,
  /// or why it can't be.
  [[nodiscard]] std::string renew();

 private:
  [[nodiscard]] std::string make();

  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace xrayd::backlog
