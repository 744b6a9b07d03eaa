#include "config/log_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

#include "config/log.hpp"
#include "startup_error.hpp"

namespace xrayd::log {
namespace {

/// A pipe that nobody reads must not keep the daemon from starting: it is an error at once.
int open_for_appending(const char* path, mode_t mode) {
  const int descriptor =
      open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);
  if (descriptor >= 0) fcntl(descriptor, F_SETFL, O_APPEND);
  return descriptor;
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& cause) {
  throw StartupError("log file " + printable(path.string()) + " can't be opened: " + cause);
}

}  // namespace

LogFile::LogFile(std::filesystem::path path, std::uint64_t rotate_at)
    : path_(std::move(path)), rotate_at_(rotate_at), limit_(rotate_at) {
  std::error_code problem;
  if (path_.has_parent_path()) std::filesystem::create_directories(path_.parent_path(), problem);
  // That a directory could not be made shows when the file is opened.
  descriptor_ = open_for_appending(path_.c_str(), mode_);
  if (descriptor_ < 0) refuse(path_, std::generic_category().message(errno));
  struct stat status {};
  if (fstat(descriptor_, &status) == 0) {
    mode_ = status.st_mode & 0777U;
    size_ = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
  }
}

LogFile::~LogFile() {
  close(descriptor_);
}

bool LogFile::write(std::string_view lines) noexcept {
  if (rotate_at_ > 0 && size_ > 0 && size_ + lines.size() > limit_) rotate();
  // After a cut line the next one begins at the margin, for whoever reads them by lines.
  if (torn_ && !write_all("\n")) {
    ++left_out_;
    return false;
  }
  torn_ = false;
  if (!write_all(lines)) {
    ++left_out_;
    return false;
  }
  left_out_ = 0;
  return true;
}

bool LogFile::write_all(std::string_view text) noexcept {
  bool begun = false;
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      torn_ = torn_ || begun;
      return false;
    }
    begun = true;
    size_ += static_cast<std::uint64_t>(written);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool LogFile::reopen() noexcept {
  const int fresh = open_for_appending(path_.c_str(), mode_);
  if (fresh < 0) return false;
  struct stat status {};
  const bool known = fstat(fresh, &status) == 0;
  // The umask of a running daemon is stricter than that of its start.
  if (known && status.st_size == 0 && S_ISREG(status.st_mode)) {
    static_cast<void>(fchmod(fresh, mode_));
  }
  close(std::exchange(descriptor_, fresh));
  size_ = known ? static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0)) : 0;
  limit_ = rotate_at_;
  torn_ = false;
  return true;
}

void LogFile::rotate() noexcept {
  struct stat named {};
  struct stat held {};
  if (lstat(path_.c_str(), &named) != 0 || fstat(descriptor_, &held) != 0) {
    // Somebody took the file away: a new one is wanted.
    if (!reopen()) limit_ = size_ + rotate_at_;
    return;
  }
  // Devices, pipes and links (/dev/stdout) are nobody's to rename.
  if (!S_ISREG(named.st_mode)) {
    limit_ = size_ + rotate_at_;
    return;
  }
  const bool is_ours = named.st_dev == held.st_dev && named.st_ino == held.st_ino;
  const std::string old = path_.string() + ".1";
  if (is_ours && rename(path_.c_str(), old.c_str()) != 0) {
    // Perhaps the directory is not ours. Try again when it has grown as much once more.
    limit_ = size_ + rotate_at_;
    return;
  }
  if (!reopen()) limit_ = size_ + rotate_at_;
}

}  // namespace xrayd::log
