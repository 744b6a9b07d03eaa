#include "service_manager/notifier.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace xrayd::service_manager {
namespace {

std::string take(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  unsetenv(name);
  return text;
}

/// The number that the whole of `text` is.
std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

/// The protocol asks for this clock, whatever clock ours is.
std::int64_t monotonic_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

ManagerVariables take_manager_variables() {
  ManagerVariables variables;
  variables.notify_socket = take("NOTIFY_SOCKET");
  variables.watchdog_usec = take("WATCHDOG_USEC");
  variables.watchdog_pid = take("WATCHDOG_PID");
  return variables;
}

std::optional<std::chrono::microseconds> watchdog_timeout(const ManagerVariables& variables) {
  const std::optional<std::int64_t> timeout = number(variables.watchdog_usec);
  if (!timeout || *timeout <= 0) return std::nullopt;
  if (!variables.watchdog_pid.empty() && number(variables.watchdog_pid) != getpid()) {
    return std::nullopt;
  }
  return std::chrono::microseconds{*timeout};
}

Notifier::Notifier(const ManagerVariables& variables) : address_(variables.notify_socket) {
  // A path has its zero byte at the end, an abstract name has it in front.
  const bool is_abstract = address_.starts_with('@');
  if (!is_abstract && !address_.starts_with('/')) return;
  if (is_abstract) {
    address_.front() = '\0';
  } else {
    address_.push_back('\0');
  }
  if (address_.size() < 2 || address_.size() > sizeof(sockaddr_un{}.sun_path)) return;
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

Notifier::~Notifier() {
  if (socket_ >= 0) close(socket_);
}

void Notifier::ready() {
  state_ = "READY=1\n";
  send();
}

void Notifier::reloading() {
  state_ = "RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_microseconds()) + "\n";
  send();
}

void Notifier::stopping(std::chrono::microseconds at_most) {
  state_ = "STOPPING=1\n";
  if (at_most.count() > 0) {
    state_ += "EXTEND_TIMEOUT_USEC=" + std::to_string(at_most.count()) + "\n";
  }
  send();
}

void Notifier::status(std::string_view text) {
  status_ = "STATUS=";
  status_ += text.substr(0, longest_status);
  // A newline would begin another assignment.
  std::replace_if(
      status_.begin(), status_.end(),
      [](char letter) { return static_cast<unsigned char>(letter) < 0x20; }, ' ');
  status_ += '\n';
  send();
}

void Notifier::alive() {
  alive_ = true;
  send();
}

void Notifier::send() {
  if (socket_ < 0) return;
  const std::string message = state_ + status_ + (alive_ ? "WATCHDOG=1\n" : "");

  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  // Addressed anew each time: a manager that was itself restarted listens on a new socket.
  ssize_t sent = -1;
  do {
    sent = sendto(socket_, message.data(), message.size(), MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(&to), length);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) {
    ++delayed_;
    return;
  }
  state_.clear();
  status_.clear();
  alive_ = false;
}

}  // namespace xrayd::service_manager
