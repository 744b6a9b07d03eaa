// What stands in for SQLite's functions.
//
// Only the outermost call is recorded. What an SQL function asks the database for is a part of the
// statement that calls it; what the callback of an sqlite3_exec asks is the user's own.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "clients/call.hpp"
#include "clients/sqlite/companions.hpp"
#include "clients/sqlite/execution.hpp"
#include "patching/depth_guard.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::sqlite {

struct Depth;
using Guard = patching::DepthGuard<Depth>;

template <std::size_t Library>
struct Step {
  static constexpr const char* symbol = "sqlite3_step";
  static inline patching::Original<int(sqlite3_stmt*)> original;
  static int call(sqlite3_stmt* statement) {
    const bool sampled = tracing() == Tracing::sampled;
    if (!sampled && none_in_the_middle()) return original(statement);
    const Guard guard;
    if (!guard.is_outermost() || statement == nullptr) return original(statement);
    ConnectionLock lock(api<Library>, api<Library>.db_handle(statement));
    std::optional<Subsegment> begun = begin_step(api<Library>, statement, sampled);
    const int result = original(statement);
    end_step(api<Library>, statement, result, begun, lock);
    return result;
  }
};

template <std::size_t Library>
struct Reset {
  static constexpr const char* symbol = "sqlite3_reset";
  static inline patching::Original<int(sqlite3_stmt*)> original;
  static int call(sqlite3_stmt* statement) {
    if (none_in_the_middle()) return original(statement);
    const Guard guard;
    if (!guard.is_outermost()) return original(statement);  // by a step, which goes on
    std::optional<Subsegment> taken = take_execution(statement);
    const int result = original(statement);
    end_taken(api<Library>, result, taken);
    return result;
  }
};

template <std::size_t Library>
struct Finalize {
  static constexpr const char* symbol = "sqlite3_finalize";
  static inline patching::Original<int(sqlite3_stmt*)> original;
  static int call(sqlite3_stmt* statement) {
    if (none_in_the_middle()) return original(statement);
    std::optional<Subsegment> taken = take_execution(statement);
    const int result = original(statement);
    end_taken(api<Library>, result, taken);
    return result;
  }
};

/// The user's callback of an sqlite3_exec.
struct UserCallback {
  RowCallback* function;
  void* argument;
  bool stopped = false;

  static int run(void* self, int columns, char** values, char** names) {
    auto& user = *static_cast<UserCallback*>(self);
    const patching::DepthPause<Depth> pause;
    const int wish = user.function(user.argument, columns, values, names);
    if (wish != 0) user.stopped = true;
    return wish;
  }
};

template <std::size_t Library>
struct Exec {
  static constexpr const char* symbol = "sqlite3_exec";
  static inline patching::Original<int(sqlite3*, const char*, RowCallback*, void*, char**)>
      original;
  static int call(sqlite3* connection, const char* text, RowCallback* callback, void* argument,
                  char** message) {
    if (tracing() != Tracing::sampled) {
      return original(connection, text, callback, argument, message);
    }
    const Guard guard;
    if (!guard.is_outermost() || connection == nullptr) {
      return original(connection, text, callback, argument, message);
    }
    UserCallback user{callback, argument};
    ConnectionLock lock(api<Library>, connection);
    std::optional<Subsegment> begun = begin_text(api<Library>, connection, text);
    const int result = callback != nullptr
                           ? original(connection, text, &UserCallback::run, &user, message)
                           : original(connection, text, nullptr, argument, message);
    end_text(api<Library>, connection, text, result, user.stopped, begun, lock);
    return result;
  }
};

template <std::size_t Library>
struct GetTable {
  static constexpr const char* symbol = "sqlite3_get_table";
  static inline patching::Original<int(sqlite3*, const char*, char***, int*, int*, char**)>
      original;
  static int call(sqlite3* connection, const char* text, char*** cells, int* rows, int* columns,
                  char** message) {
    if (tracing() != Tracing::sampled) {
      return original(connection, text, cells, rows, columns, message);
    }
    const Guard guard;
    if (!guard.is_outermost() || connection == nullptr) {
      return original(connection, text, cells, rows, columns, message);
    }
    ConnectionLock lock(api<Library>, connection);
    std::optional<Subsegment> begun = begin_text(api<Library>, connection, text);
    const int result = original(connection, text, cells, rows, columns, message);
    end_text(api<Library>, connection, text, result, false, begun, lock);
    return result;
  }
};

/// As much of a statement's text as its caller meant; UTF-16 is not shown.
inline std::string_view given_text(const char* text, int size) noexcept {
  if (text == nullptr) return {};
  return {text, size < 0 ? std::strlen(text) : strnlen(text, static_cast<std::size_t>(size))};
}
inline std::string_view given_text(const void* /*text*/, int /*size*/) noexcept {
  return {};
}

/// The preparing functions, of which only failures are recorded: what was prepared is recorded
/// when it runs.
template <std::size_t Library, typename Name, typename Text, typename... Flags>
struct Preparing {
  static constexpr const char* symbol = Name::symbol;
  static inline patching::Original<int(sqlite3*, const Text*, int, Flags..., sqlite3_stmt**,
                                       const Text**)>
      original;
  static int call(sqlite3* connection, const Text* text, int size, Flags... flags,
                  sqlite3_stmt** statement, const Text** rest) {
    if (tracing() != Tracing::sampled) {
      return original(connection, text, size, flags..., statement, rest);
    }
    const Guard guard;  // preparing asks for the schema, by statements
    if (!guard.is_outermost() || connection == nullptr) {
      return original(connection, text, size, flags..., statement, rest);
    }
    ConnectionLock lock(api<Library>, connection);
    const int result = original(connection, text, size, flags..., statement, rest);
    if (result != result_ok) {
      record_unprepared(api<Library>, connection, given_text(text, size), result, lock);
    }
    return result;
  }
};

struct PrepareName {
  static constexpr const char* symbol = "sqlite3_prepare";
};
struct PrepareV2Name {
  static constexpr const char* symbol = "sqlite3_prepare_v2";
};
struct PrepareV3Name {
  static constexpr const char* symbol = "sqlite3_prepare_v3";
};
struct Prepare16Name {
  static constexpr const char* symbol = "sqlite3_prepare16";
};
struct Prepare16V2Name {
  static constexpr const char* symbol = "sqlite3_prepare16_v2";
};
struct Prepare16V3Name {
  static constexpr const char* symbol = "sqlite3_prepare16_v3";
};

template <std::size_t Library>
struct Prepare : Preparing<Library, PrepareName, char> {};
template <std::size_t Library>
struct PrepareV2 : Preparing<Library, PrepareV2Name, char> {};
template <std::size_t Library>
struct PrepareV3 : Preparing<Library, PrepareV3Name, char, unsigned> {};
template <std::size_t Library>
struct Prepare16 : Preparing<Library, Prepare16Name, void> {};
template <std::size_t Library>
struct Prepare16V2 : Preparing<Library, Prepare16V2Name, void> {};
template <std::size_t Library>
struct Prepare16V3 : Preparing<Library, Prepare16V3Name, void, unsigned> {};

}  // namespace clients::sqlite
XRAY_NAMESPACE_END
