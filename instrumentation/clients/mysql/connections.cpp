#include "clients/mysql/connections.hpp"

#include <charconv>
#include <exception>
#include <string_view>

#include "clients/never_destroyed.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {
namespace {

template <std::size_t Capacity>
void set(FixedText<Capacity>& field, const char* text) noexcept {
  field = FixedText<Capacity>();
  if (text != nullptr) field.append(text);
}

/// Under the map's lock; enters the connection if it is not there.
template <typename Change>
void change(const Mysql* connection, Change&& action) noexcept {
  try {
    if (connections().with(connection, action)) return;
    Known known;
    action(known);
    connections().put(connection, known);
  } catch (const std::exception&) {  // out of memory: the document says less
  }
}

}  // namespace

HandleMap<Known>& connections() noexcept {
  static NeverDestroyed<HandleMap<Known>> map;
  return *map;
}

void remember_connection(const Mysql* connection, const char* host, const char* user,
                         const char* database, unsigned port, const char* unix_socket) noexcept {
  const bool is_local = unix_socket != nullptr || host == nullptr || *host == '\0' ||
                        std::string_view(host) == "localhost";
  Known known;
  set(known.where.host, is_local ? "localhost" : host);
  set(known.where.user, user);
  set(known.where.database, database);
  if (!is_local) {
    constexpr unsigned usual_port = 3306;
    char digits[12];
    const auto end =
        std::to_chars(digits, digits + sizeof digits, port != 0 ? port : usual_port).ptr;
    known.where.port.append({digits, static_cast<std::size_t>(end - digits)});
  }
  // Connected anew, a session has its server's settings.
  change(connection, [&known](Known& entry) { entry = known; });
}

void remember_database(const Mysql* connection, const char* database) noexcept {
  change(connection, [database](Known& entry) { set(entry.where.database, database); });
}

void remember_user(const Mysql* connection, const char* user, const char* database) noexcept {
  change(connection, [user, database](Known& entry) {
    set(entry.where.user, user);
    set(entry.where.database, database);
  });
}

void remember_changed_quoting(const Mysql* connection) noexcept {
  change(connection, [](Known& entry) { entry.quoting_changed = true; });
}

}  // namespace clients::mysql
XRAY_NAMESPACE_END
