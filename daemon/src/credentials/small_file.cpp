#include "credentials/small_file.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace xrayd::credentials {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

std::string why(int error) {
  return std::error_code(error, std::generic_category()).message();
}

std::string home_of_user() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr || found->pw_dir == nullptr) {
    return {};
  }
  return found->pw_dir;
}

}  // namespace

FileText read_small_file(const std::string& path, std::size_t longest) {
  FileText result;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.number() < 0) {
    result.absent = errno == ENOENT || errno == ENOTDIR;
    result.problem = path + ": " + why(errno);
    return result;
  }
  struct stat status {};
  if (::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) {
    result.problem = path + ": is no ordinary file";
    return result;
  }
  // One that is longer than it said is read on; so the size is a hint only.
  std::size_t room = static_cast<std::size_t>(status.st_size) < longest
                         ? static_cast<std::size_t>(status.st_size) + 1
                         : longest + 1;
  std::size_t filled = 0;
  while (true) {
    result.text.resize(room);
    const ssize_t got = ::read(file.number(), result.text.data() + filled, room - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      result.problem = path + ": " + why(errno);
      result.text.clear();
      return result;
    }
    filled += static_cast<std::size_t>(got);
    if (filled > longest) {
      result.problem = path + ": is longer than " + std::to_string(longest) + " bytes";
      result.text.clear();
      return result;
    }
    if (got == 0) break;
    if (filled == room) room = std::min(room * 2, longest + 1);
  }
  result.text.resize(filled);
  return result;
}

std::string with_home(const std::string& path, const Environment& environment) {
  if (path != "~" && !path.starts_with("~/")) return path;
  std::string home = value_of(environment, "HOME");
  if (home.empty()) home = home_of_user();
  return home + path.substr(1);
}

}  // namespace xrayd::credentials
