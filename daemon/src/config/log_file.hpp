// The file that the log goes to, if it goes to one.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace xrayd::log {

/// For one thread at a time.
class LogFile {
 public:
  /// Beyond so many bytes a file is put aside.
  static constexpr std::uint64_t full = std::uint64_t{50} << 20U;

  /// Opens the file for appending; it and its parent directories are made where they lack. Throws
  /// StartupError naming path and cause. `rotate_at` 0: it just grows.
  LogFile(std::filesystem::path path, std::uint64_t rotate_at);
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile();

  /// Appends whole lines. What can't be written (a full disk) is left out; the first line that can
  /// be written again is preceded by `note(lines left out)`. Returns false if it was left out.
  bool write(std::string_view lines) noexcept;

  /// Opens the path anew, as a rotation by somebody else wants it. False if that failed: then
  /// writing goes on into the old file.
  bool reopen() noexcept;

  /// Lines left out since the last that was written.
  [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  void rotate() noexcept;
  [[nodiscard]] bool write_all(std::string_view text) noexcept;

  std::filesystem::path path_;
  std::uint64_t rotate_at_;
  int descriptor_ = -1;
  mode_t mode_ = 0644;
  std::uint64_t size_ = 0;
  /// The size at which a rotation is next thought of.
  std::uint64_t limit_ = 0;
  std::uint64_t left_out_ = 0;
  /// The last line was cut.
  bool torn_ = false;
};

}  // namespace xrayd::log
