// Tells the service manager (systemd, or whoever speaks its notification protocol) how we are.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xrayd::service_manager {

/// What a service manager puts into the environment of a service.
struct ManagerVariables {
  /// NOTIFY_SOCKET: a path, or `@name` in the abstract namespace. Empty: nobody listens.
  std::string notify_socket;
  /// WATCHDOG_USEC, a number of microseconds. Empty: no watchdog.
  std::string watchdog_usec;
  /// WATCHDOG_PID: whose watchdog it is. Empty: ours.
  std::string watchdog_pid;
};

/// Reads these variables and removes them, lest a child that we start (as for credential_process)
/// speaks in our name. To be called before there are threads, for the environment is everybody's.
[[nodiscard]] ManagerVariables take_manager_variables();

/// How often the service manager wants to hear from us, at the least; nothing if it does not, if
/// the number is none, or if it is meant for another process.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_timeout(
    const ManagerVariables& variables);

/// The way to the service manager. Nothing here blocks or throws (but bad_alloc at construction);
/// without a manager everything does nothing. What the manager can't take right now is sent along
/// with the next message, so that it learns where we stand even if it was busy. Not thread-safe.
class Notifier {
 public:
  /// An address that is no unix socket's is as none.
  explicit Notifier(const ManagerVariables& variables);
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;
  ~Notifier();

  /// True if there is somebody to tell.
  [[nodiscard]] bool is_connected() const { return socket_ >= 0; }

  /// Started, or done with reloading: we serve.
  void ready();
  /// The configuration is read anew, or the log opened anew; ready() follows.
  void reloading();
  /// We are about to end and ask not to be killed within `at_most`.
  void stopping(std::chrono::microseconds at_most);
  /// One line for people, seen in `systemctl status`. Control characters become blanks; beyond
  /// longest_status bytes it is cut.
  void status(std::string_view text);
  /// A sign of life for the watchdog.
  void alive();

  /// Messages that could not be delivered when they were due, so far.
  [[nodiscard]] std::uint64_t delayed() const { return delayed_; }

  static constexpr std::size_t longest_status = 512;

 private:
  void send();

  int socket_ = -1;
  /// As the kernel wants it: a path, or a zero byte and a name.
  std::string address_;
  /// What the manager has yet to hear: assignments, each with its newline.
  std::string state_;
  std::string status_;
  bool alive_ = false;
  std::uint64_t delayed_ = 0;
};

}  // namespace xrayd::service_manager
