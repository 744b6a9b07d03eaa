#include "backlog/spool_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <utility>

#include "startup_error.hpp"

namespace xrayd::backlog {
namespace {

namespace fs = std::filesystem;

std::string cause(int error) {
  return std::generic_category().message(error);
}

}  // namespace

// Without a slash at the end, for "new/" is an empty name in a folder "new".
SpoolDirectory::SpoolDirectory(const fs::path& path)
    : path_(path.has_filename() ? path : path.parent_path()) {
  if (const std::string why = make(); !why.empty()) throw StartupError(why);
}

SpoolDirectory::~SpoolDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

std::string SpoolDirectory::make() {
  std::error_code error;
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), error);
  // Traces tell a lot about their users.
  if (::mkdir(path_.c_str(), S_IRWXU) != 0 && !fs::is_directory(path_, error)) {
    return path_.string() + ": the spool directory can't be made: " + cause(errno);
  }
  const fs::path file = path_ / "spool.lock";
  const int lock =
      ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (lock < 0) return path_.string() + ": the spool directory can't be written: " + cause(errno);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const int why = errno;
    ::close(lock);
    if (why == EWOULDBLOCK) {
      return path_.string() + ": another xrayd is using this spool directory";
    }
    return file.string() + ": can't be locked: " + cause(why);
  }
  const int before = std::exchange(lock_, lock);
  if (before >= 0) ::close(before);
  return {};
}

std::string SpoolDirectory::renew() {
  struct stat ours {};
  struct stat there {};
  const fs::path file = path_ / "spool.lock";
  const bool is_there = ::fstat(lock_, &ours) == 0 && ::stat(file.c_str(), &there) == 0 &&
                        ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
  return is_there ? std::string() : make();
}

fs::path SpoolDirectory::file(std::uint64_t number) const {
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "%016llu.spool", static_cast<unsigned long long>(number));
  return path_ / name.data();
}

std::vector<std::uint64_t> SpoolDirectory::numbers() const {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (fs::directory_iterator it(path_, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::uint64_t number = 0;
    const auto [stop, bad] = std::from_chars(name.data(), name.data() + name.size(), number);
    // Only names that we would give: two of them never mean one file.
    if (bad == std::errc() && file(number).filename() == name) numbers.push_back(number);
  }
  if (error) {
    throw StartupError(path_.string() + ": the spool directory can't be read: " + error.message());
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace xrayd::backlog
