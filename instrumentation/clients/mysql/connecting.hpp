// Connections: where they go, and their end. Connecting itself is not recorded.
#pragma once

#include "clients/mysql/calls.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {

/// Where the library can be asked, nothing need be remembered.
template <std::size_t Library>
bool is_to_be_remembered() noexcept {
  return GetInfo<Library>::original == nullptr;
}

template <std::size_t Library>
struct RealConnect {
  static constexpr const char* symbol = "mysql_real_connect";
  static inline patching::Original<Mysql*(Mysql*, const char*, const char*, const char*,
                                          const char*, unsigned, const char*, unsigned long)>
      original;
  static Mysql* call(Mysql* connection, const char* host, const char* user, const char* password,
                     const char* database, unsigned port, const char* unix_socket,
                     unsigned long flags) {
    Mysql* const connected =
        original(connection, host, user, password, database, port, unix_socket, flags);
    if (connected != nullptr && is_to_be_remembered<Library>()) {
      const KeepErrno keep;
      remember_connection(connected, host, user, database, port, unix_socket);
    }
    return connected;
  }
};

template <std::size_t Library>
struct SelectDatabase {
  static constexpr const char* symbol = "mysql_select_db";
  static inline patching::Original<int(Mysql*, const char*)> original;
  static int call(Mysql* connection, const char* database) {
    const int result = original(connection, database);
    if (result == 0 && is_to_be_remembered<Library>()) {
      const KeepErrno keep;
      remember_database(connection, database);
    }
    return result;
  }
};

template <std::size_t Library>
struct ChangeUser {
  static constexpr const char* symbol = "mysql_change_user";
  static inline patching::Original<char(Mysql*, const char*, const char*, const char*)> original;
  static char call(Mysql* connection, const char* user, const char* password,
                   const char* database) {
    const char result = original(connection, user, password, database);
    if (result == 0 && is_to_be_remembered<Library>()) {
      const KeepErrno keep;
      remember_user(connection, user, database);
    }
    return result;
  }
};

/// Before the library frees it: its address may be another's at once.
inline void close_connection(const Mysql* connection) noexcept {
  const KeepErrno keep;
  close_open(connection);
  connections().take(connection);
}

template <std::size_t Library>
struct Close {
  static constexpr const char* symbol = "mysql_close";
  static inline patching::Original<void(Mysql*)> original;
  static void call(Mysql* connection) {
    close_connection(connection);
    original(connection);
  }
};

template <std::size_t Library>
struct CloseStart {
  static constexpr const char* symbol = "mysql_close_start";
  static inline patching::Original<int(Mysql*)> original;
  static int call(Mysql* connection) {
    close_connection(connection);
    return original(connection);
  }
};

}  // namespace clients::mysql
XRAY_NAMESPACE_END
