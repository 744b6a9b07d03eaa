#include "intake/unix_listener.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>
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

/// Keeps other daemons that start in the same directory out until it is closed: between its bind()
/// and its listen() a socket looks like one that nobody answers on. Where the directory can't be
/// locked, or is for long by somebody else, it goes without.
FileDescriptor lock_directory_of(const std::filesystem::path& path) {
  using namespace std::chrono_literals;
  const std::filesystem::path directory = path.has_parent_path() ? path.parent_path() : ".";
  FileDescriptor lock(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto deadline = std::chrono::steady_clock::now() + 2s;
  while (lock.get() >= 0 && flock(lock.get(), LOCK_EX | LOCK_NB) != 0 &&
         (errno == EWOULDBLOCK || errno == EINTR) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(1ms);
  }
  return lock;
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
  const FileDescriptor lock = lock_directory_of(path_);
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
