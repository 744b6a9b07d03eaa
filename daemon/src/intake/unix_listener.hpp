// A listening stream socket in the file system.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "intake/udp_socket.hpp"

namespace xrayd::intake {

/// Its file has mode 0660 and the process' group, whatever the umask: who may write to the daemon
/// is decided by that group, or by the directory. Removed at the end, unless somebody replaced it.
class UnixListener {
 public:
  /// Binds and listens. A socket file that nobody answers on is replaced. Throws StartupError
  /// naming the path and the cause; somebody answering, or a file of another kind, is one.
  explicit UnixListener(std::filesystem::path path);
  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;
  ~UnixListener();

  [[nodiscard]] int get() const noexcept { return socket_.get(); }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  /// Closes the socket and removes its file: from here on clients are refused.
  void close() noexcept;

 private:
  std::filesystem::path path_;
  FileDescriptor socket_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace xrayd::intake
