// The service manager's end of its socket.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>

namespace xrayd::service_manager {

class ManagerStandIn {
 public:
  /// `name` as in NOTIFY_SOCKET.
  explicit ManagerStandIn(std::string name)
      : name_(std::move(name)), socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name_.data(), name_.size());
    std::size_t length = offsetof(sockaddr_un, sun_path) + name_.size();
    if (name_.front() == '@') {
      address.sun_path[0] = '\0';
    } else {
      ++length;
    }
    if (socket_ < 0 || bind(socket_, reinterpret_cast<const sockaddr*>(&address),
                            static_cast<socklen_t>(length)) != 0) {
      throw std::runtime_error("no socket at " + name_);
    }
  }
  ManagerStandIn(const ManagerStandIn&) = delete;
  ManagerStandIn& operator=(const ManagerStandIn&) = delete;
  ~ManagerStandIn() {
    close(socket_);
    if (name_.front() != '@') unlink(name_.c_str());
  }

  /// What has come and was not read yet; nothing if nothing has. A datagram is here once send()
  /// has returned, so nobody need wait.
  std::optional<std::string> read() const {
    std::array<char, 4096> space{};
    const ssize_t size = recv(socket_, space.data(), space.size(), MSG_DONTWAIT);
    if (size < 0) return std::nullopt;
    return std::string(space.data(), static_cast<std::size_t>(size));
  }

 private:
  std::string name_;
  int socket_;
};

}  // namespace xrayd::service_manager
