// A socket of ours among the descriptors of a program that may close all of them.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Programs that become daemons close every descriptor that they know nothing of; the number may
/// then be a file or a connection of theirs, which must neither be written to nor closed. One owner
/// at a time.
class OwnSocket {
 public:
  OwnSocket() noexcept = default;
  OwnSocket(const OwnSocket&) = delete;
  OwnSocket& operator=(const OwnSocket&) = delete;
  ~OwnSocket() { close(); }

  /// A new one, not blocking, closed by exec. False: there is none, and errno says why.
  bool open(int family, int type) noexcept {
    close();
    number_ = ::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (number_ < 0) return false;
    move_out_of_the_way();
    struct stat status {};
    if (::fstat(number_, &status) == 0) {
      device_ = status.st_dev;
      inode_ = status.st_ino;
    }
    return true;
  }

  [[nodiscard]] int number() const noexcept { return number_; }
  [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }

  /// Whether the number still means the socket. A system call.
  [[nodiscard]] bool is_still_there() const noexcept {
    struct stat status {};
    return number_ >= 0 && ::fstat(number_, &status) == 0 && status.st_dev == device_ &&
           status.st_ino == inode_;
  }

  /// Leaves alone what is somebody else's by now.
  void close() noexcept {
    if (is_still_there()) ::close(number_);
    number_ = -1;
  }

 private:
  /// Programs count on the lowest number that is free: they close 0 and open what is to be their
  /// standard input. Below 64, for beyond that the kernel makes the table of a process larger,
  /// which takes milliseconds where there are threads.
  static constexpr int out_of_the_way = 32;

  void move_out_of_the_way() noexcept {
    const int moved = ::fcntl(number_, F_DUPFD_CLOEXEC, out_of_the_way);
    if (moved >= 0) ::close(std::exchange(number_, moved));
  }

  int number_ = -1;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace detail
XRAY_NAMESPACE_END
