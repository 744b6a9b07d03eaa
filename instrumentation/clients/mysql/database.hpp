// Where a connection goes, so far as its library tells.
#pragma once

#include <cstddef>

#include "clients/mysql/library.hpp"
#include "clients/sql_call.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {

/// The functions of one library that are asked.
struct Questions {
  char (*get_info)(Mysql*, int, void*);
  unsigned long (*escape_quote)(Mysql*, char*, const char*, unsigned long, char);
  const char* (*server_info)(Mysql*);
  const char* (*client_info)();
  const char* (*character_set)(Mysql*);
};

template <std::size_t Library>
Questions questions() noexcept {
  return {GetInfo<Library>::original, EscapeQuote<Library>::original, ServerInfo<Library>::original,
          ClientInfo<Library>::original, CharacterSet<Library>::original};
}

/// What may be shown of a connection, as it is at this moment: USE and SET are followed where the
/// server tells the library of them. Type "MySQL" or "MariaDB", by the server's version; of a
/// connection that is not open, or null, there is only the type. The dialect is unknown where
/// NO_BACKSLASH_ESCAPES or ANSI_QUOTES may be on, and with certain character sets.
/// 100 ns; on the connection's thread only.
Database describe(const Questions& ask, Mysql* connection) noexcept;

}  // namespace clients::mysql
XRAY_NAMESPACE_END
