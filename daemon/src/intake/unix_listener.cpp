#include "intake/unix_listener.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "startup_error.hpp"

namespace xrayd::intake {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& why) {
  throw StartupError("unix socket " + path.string() + " can't be used: " + why);
}

[[noreturn]] void fail(const std::filesystem::path& path) {
  fail(path, std::generic_category().message(errno));
}

FileDescriptor new_socket() {
  return FileDescriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/// Removes the file if it is a socket of a daemon that is gone.
void remove_stale(const std::filesystem::path& path, const sockaddr_un& address) {
  struct stat file {};
  if (lstat(path.c_str(), &file) != 0) fail(path);
  if (!S_ISSOCK(file.st_mode)) fail(path, "a file that is no socket is in its place");
  const FileDescriptor probe = new_socket();
  if (probe.get() < 0) fail(path);
  if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno == EAGAIN) {
    fail(path, "another process listens on it");
  }
  if (errno != ECONNREFUSED) fail(path);
  if (unlink(path.c_str()) != 0) fail(path);
}

}  // namespace

UnixListener::UnixListener(std::filesystem::path path) : path_(std::move(path)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path_.string();
  if (text.size() >= sizeof address.sun_path) fail(path_, "the path is longer than 107 bytes");
  text.copy(address.sun_path, text.size());
  const auto* const name = reinterpret_cast<const sockaddr*>(&address);

  socket_ = new_socket();
  if (get() < 0) fail(path_);
  if (bind(get(), name, sizeof address) != 0) {
    if (errno != EADDRINUSE) fail(path_);
    remove_stale(path_, address);
    if (bind(get(), name, sizeof address) != 0) fail(path_);
  }
  struct stat file {};
  if (lstat(path_.c_str(), &file) != 0) fail(path_);
  device_ = file.st_dev;
  inode_ = file.st_ino;
  constexpr mode_t owner_and_group = 0660;
  constexpr int backlog = 128;
  // Until it listens nobody can connect, whatever the mode.
  if (chmod(path_.c_str(), owner_and_group) != 0 || listen(get(), backlog) != 0) {
    const int problem = errno;
    close();
    errno = problem;
    fail(path_);
  }
}

UnixListener::~UnixListener() {
  close();
}

void UnixListener::close() noexcept {
  if (get() < 0) return;
  struct stat file {};
  if (lstat(path_.c_str(), &file) == 0 && file.st_dev == device_ && file.st_ino == inode_) {
    unlink(path_.c_str());
  }
  const FileDescriptor ended = std::move(socket_);
}

}  // namespace xrayd::intake
