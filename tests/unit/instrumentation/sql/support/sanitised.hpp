// Statements and what is shown of them, in tables.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "sql/sanitise.hpp"

namespace support {

using xray::sql::Dialect;

inline constexpr Dialect known_dialects[] = {Dialect::sqlite, Dialect::postgresql, Dialect::mysql};
inline constexpr Dialect all_dialects[] = {Dialect::unknown, Dialect::sqlite, Dialect::postgresql,
                                           Dialect::mysql};

inline const char* name_of(Dialect dialect) {
  switch (dialect) {
    case Dialect::unknown:
      return "unknown";
    case Dialect::sqlite:
      return "sqlite";
    case Dialect::postgresql:
      return "postgresql";
    case Dialect::mysql:
      return "mysql";
  }
  return "";
}

inline std::string sanitised(std::string_view statement, Dialect dialect, std::size_t capacity) {
  std::string buffer(capacity, '\0');
  return std::string(xray::sql::sanitise(statement, dialect, buffer.data(), buffer.size()).text);
}

/// With room for all of it.
inline std::string sanitised(std::string_view statement, Dialect dialect) {
  return sanitised(statement, dialect, 2 * statement.size() + 4);
}

struct Shown {
  std::string_view statement;
  std::string_view as;
};

inline void expect_shown(Dialect dialect, std::initializer_list<Shown> cases) {
  for (const Shown& one : cases) {
    EXPECT_EQ(sanitised(one.statement, dialect), one.as)
        << name_of(dialect) << ": " << one.statement;
  }
}

inline void expect_shown_by_all(std::initializer_list<Shown> cases) {
  for (const Dialect dialect : all_dialects) expect_shown(dialect, cases);
}

}  // namespace support
