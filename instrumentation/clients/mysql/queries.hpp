// Queries sent as text.
//
// A query is over when its function returns; the rows may still be under way. Where several results
// come (of a procedure, or of statements with semicolons between them), it is over when the last of
// them has: the same subsegment, ended by mysql_next_result.
#pragma once

#include "clients/mysql/calls.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {

/// A call that returns when there is a result.
template <std::size_t Library, typename Call>
auto query_at_once(Mysql* connection, std::string_view text, Call&& call) -> decltype(call()) {
  if (is_nested()) return call();
  const Depth depth;
  const bool lasts = may_have_more_results(text);
  std::optional<Subsegment> subsegment =
      begin_query<Library>(connection, text, lasts ? SqlLasting::longer : SqlLasting::this_call);
  const auto result = call();
  if (lasts) {
    settle<Library>(subsegment, connection, result != 0);
  } else {
    finish<Library>(subsegment, connection, result != 0);
  }
  return result;
}

template <std::size_t Library>
struct Query {
  static constexpr const char* symbol = "mysql_query";
  static inline patching::Original<int(Mysql*, const char*)> original;
  static int call(Mysql* connection, const char* text) {
    watch(connection, text);
    if (tracing() != Tracing::sampled || text == nullptr) return original(connection, text);
    return query_at_once<Library>(connection, text, [=] { return original(connection, text); });
  }
};

template <std::size_t Library>
struct RealQuery {
  static constexpr const char* symbol = "mysql_real_query";
  static inline patching::Original<int(Mysql*, const char*, unsigned long)> original;
  static int call(Mysql* connection, const char* text, unsigned long size) {
    watch(connection, text, size);
    if (tracing() != Tracing::sampled || text == nullptr) return original(connection, text, size);
    return query_at_once<Library>(connection, given_text(text, size),
                                  [=] { return original(connection, text, size); });
  }
};

/// A COMMIT, which the library sends itself.
template <std::size_t Library>
struct Commit {
  static constexpr const char* symbol = "mysql_commit";
  static inline patching::Original<char(Mysql*)> original;
  static char call(Mysql* connection) {
    if (tracing() != Tracing::sampled) return original(connection);
    return query_at_once<Library>(connection, "COMMIT", [=] { return original(connection); });
  }
};

template <std::size_t Library>
struct Rollback {
  static constexpr const char* symbol = "mysql_rollback";
  static inline patching::Original<char(Mysql*)> original;
  static char call(Mysql* connection) {
    if (tracing() != Tracing::sampled) return original(connection);
    return query_at_once<Library>(connection, "ROLLBACK", [=] { return original(connection); });
  }
};

/// Asks without waiting; mysql_read_query_result waits.
template <std::size_t Library>
struct SendQuery {
  static constexpr const char* symbol = "mysql_send_query";
  static inline patching::Original<int(Mysql*, const char*, unsigned long)> original;
  static int call(Mysql* connection, const char* text, unsigned long size) {
    watch(connection, text, size);
    if (tracing() != Tracing::sampled || text == nullptr) return original(connection, text, size);
    if (is_nested()) return original(connection, text, size);
    const Depth depth;
    std::optional<Subsegment> subsegment =
        begin_query<Library>(connection, given_text(text, size), SqlLasting::longer);
    const int result = original(connection, text, size);
    if (result != 0) {
      finish<Library>(subsegment, connection, true);
    } else {
      const KeepErrno keep;
      keep_open(connection, subsegment);
    }
    return result;
  }
};

/// Ends what is open of a connection, after its result came or failed to.
template <std::size_t Library>
void settle_open(Mysql* connection, bool failed) noexcept {
  const KeepErrno keep;
  std::optional<Subsegment> subsegment = open_calls().take(connection);
  settle<Library>(subsegment, connection, failed);
}

template <std::size_t Library>
struct ReadQueryResult {
  static constexpr const char* symbol = "mysql_read_query_result";
  static inline patching::Original<char(Mysql*)> original;
  static char call(Mysql* connection) {
    if (open_calls().empty()) return original(connection);
    const char result = original(connection);
    settle_open<Library>(connection, result != 0);
    return result;
  }
};

/// Below 0 there are no more, above 0 the next one failed.
template <std::size_t Library>
struct NextResult {
  static constexpr const char* symbol = "mysql_next_result";
  static inline patching::Original<int(Mysql*)> original;
  static int call(Mysql* connection) {
    if (open_calls().empty()) return original(connection);
    const int result = original(connection);
    settle_open<Library>(connection, result > 0);
    return result;
  }
};

}  // namespace clients::mysql
XRAY_NAMESPACE_END
