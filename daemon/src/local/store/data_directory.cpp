#include "local/store/data_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <system_error>

#include "startup_error.hpp"

namespace xrayd::local {
namespace {

namespace fs = std::filesystem;

constexpr const char* lock_name = "xrayd.lock";
constexpr std::array<const char*, 3> beside = {"", "-wal", "-shm"};

[[noreturn]] void fail(const fs::path& path, const std::string& what, int cause) {
  throw StartupError(path.string() + ": " + what + ": " + std::generic_category().message(cause));
}

void make_folder(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return;
  if (path.has_parent_path()) {
    fs::create_directories(path.parent_path(), error);
    if (error) fail(path, "the data directory can't be made", error.value());
  }
  // Traces tell a lot about their users.
  if (::mkdir(path.c_str(), S_IRWXU) != 0 && !fs::is_directory(path, error)) {
    fail(path, "the data directory can't be made", errno);
  }
}

bool is_partition_name(const std::string& name) {
  return name.starts_with("traces-") && name.ends_with(".db");
}

}  // namespace

// Without a slash at the end, for "new/" is an empty name in a folder "new".
DataDirectory::DataDirectory(const fs::path& path)
    : path_(path.has_filename() ? path : path.parent_path()) {
  make_folder(path_);
  const auto file = path_ / lock_name;
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (lock_ < 0) fail(path_, "the data directory can't be written", errno);
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    const int cause = errno;
    ::close(lock_);
    if (cause == EWOULDBLOCK) {
      throw StartupError(path_.string() + ": another xrayd is using this data directory");
    }
    fail(file, "can't be locked", cause);
  }
}

bool DataDirectory::is_in_use(const fs::path& path) {
  const auto file = path / lock_name;
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    fail(file, "can't be read", errno);
  }
  const bool locked = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return locked;
}

DataDirectory::~DataDirectory() {
  ::close(lock_);
}

std::vector<std::string> DataDirectory::partition_names() const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(path_, error), end; !error && it != end; it.increment(error)) {
    auto name = it->path().filename().string();
    if (is_partition_name(name)) names.push_back(std::move(name));
  }
  if (error) fail(path_, "the data directory can't be read", error.value());
  std::sort(names.begin(), names.end());
  return names;
}

std::string DataDirectory::unused_partition_name(std::int64_t now_ms) const {
  const std::time_t seconds = now_ms / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 32> time{};
  std::strftime(time.data(), time.size(), "%Y%m%dT%H%M%SZ", &utc);
  for (int n = 1;; ++n) {
    auto name = std::string("traces-") + time.data() + "-" + std::to_string(n) + ".db";
    std::error_code error;
    if (!fs::exists(path_ / name, error) && !fs::exists(path_ / (name + ".damaged"), error)) {
      return name;
    }
  }
}

std::vector<fs::path> DataDirectory::damaged_files() const {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(path_, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".damaged") files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::uint64_t database_bytes(const fs::path& file) noexcept {
  std::uint64_t sum = 0;
  for (const char* suffix : beside) {
    std::error_code error;
    const auto size = fs::file_size(file.string() + suffix, error);
    if (!error) sum += size;
  }
  return sum;
}

std::int64_t last_write_ms(const fs::path& file) noexcept {
  std::int64_t last = 0;
  for (const char* suffix : beside) {
    struct stat status {};
    if (::stat((file.string() + suffix).c_str(), &status) != 0) continue;
    constexpr std::int64_t ms = 1000;
    last = std::max(last, std::int64_t{status.st_mtim.tv_sec} * ms +
                              std::int64_t{status.st_mtim.tv_nsec} / (ms * ms));
  }
  return last;
}

void remove_database(const fs::path& file) noexcept {
  for (const char* suffix : beside) {
    std::error_code error;
    fs::remove(file.string() + suffix, error);
  }
}

void set_aside(const fs::path& file, const char* added) noexcept {
  for (const char* suffix : beside) {
    std::error_code error;
    fs::rename(file.string() + suffix, file.string() + added + suffix, error);
  }
}

}  // namespace xrayd::local
