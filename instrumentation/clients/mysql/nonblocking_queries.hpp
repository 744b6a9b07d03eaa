// MariaDB's non-blocking functions. What X_start begins is over when it, or X_cont, returns 0;
// until then they return what is to be waited for.
#pragma once

#include "clients/mysql/queries.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {

template <std::size_t Library, typename Result, typename Call>
int start_query(const Result* result, Mysql* connection, std::string_view text, Call&& call) {
  if (is_nested()) return call();
  const Depth depth;
  std::optional<Subsegment> subsegment = begin_query<Library>(connection, text, SqlLasting::longer);
  const int waits_for = call();
  if (waits_for == 0) {
    settle<Library>(subsegment, connection, *result != 0);
  } else {
    const KeepErrno keep;
    keep_open(connection, subsegment);
  }
  return waits_for;
}

/// `original`: an X_cont.
template <std::size_t Library, typename Original, typename Result>
int continue_query(const Original& original, Result* result, Mysql* connection, int status) {
  if (open_calls().empty()) return original(result, connection, status);
  const int waits_for = original(result, connection, status);
  if (waits_for == 0) settle_open<Library>(connection, *result != 0);
  return waits_for;
}

template <std::size_t Library>
struct QueryStart {
  static constexpr const char* symbol = "mysql_query_start";
  static inline patching::Original<int(int*, Mysql*, const char*)> original;
  static int call(int* result, Mysql* connection, const char* text) {
    watch(connection, text);
    if (tracing() != Tracing::sampled || text == nullptr) return original(result, connection, text);
    return start_query<Library>(result, connection, text,
                                [=] { return original(result, connection, text); });
  }
};

template <std::size_t Library>
struct QueryCont {
  static constexpr const char* symbol = "mysql_query_cont";
  static inline patching::Original<int(int*, Mysql*, int)> original;
  static int call(int* result, Mysql* connection, int status) {
    return continue_query<Library>(original, result, connection, status);
  }
};

template <std::size_t Library>
struct RealQueryStart {
  static constexpr const char* symbol = "mysql_real_query_start";
  static inline patching::Original<int(int*, Mysql*, const char*, unsigned long)> original;
  static int call(int* result, Mysql* connection, const char* text, unsigned long size) {
    watch(connection, text, size);
    if (tracing() != Tracing::sampled || text == nullptr) {
      return original(result, connection, text, size);
    }
    return start_query<Library>(result, connection, given_text(text, size),
                                [=] { return original(result, connection, text, size); });
  }
};

template <std::size_t Library>
struct RealQueryCont {
  static constexpr const char* symbol = "mysql_real_query_cont";
  static inline patching::Original<int(int*, Mysql*, int)> original;
  static int call(int* result, Mysql* connection, int status) {
    return continue_query<Library>(original, result, connection, status);
  }
};

template <std::size_t Library>
struct CommitStart {
  static constexpr const char* symbol = "mysql_commit_start";
  static inline patching::Original<int(char*, Mysql*)> original;
  static int call(char* result, Mysql* connection) {
    if (tracing() != Tracing::sampled) return original(result, connection);
    return start_query<Library>(result, connection, "COMMIT",
                                [=] { return original(result, connection); });
  }
};

template <std::size_t Library>
struct CommitCont {
  static constexpr const char* symbol = "mysql_commit_cont";
  static inline patching::Original<int(char*, Mysql*, int)> original;
  static int call(char* result, Mysql* connection, int status) {
    return continue_query<Library>(original, result, connection, status);
  }
};

template <std::size_t Library>
struct RollbackStart {
  static constexpr const char* symbol = "mysql_rollback_start";
  static inline patching::Original<int(char*, Mysql*)> original;
  static int call(char* result, Mysql* connection) {
    if (tracing() != Tracing::sampled) return original(result, connection);
    return start_query<Library>(result, connection, "ROLLBACK",
                                [=] { return original(result, connection); });
  }
};

template <std::size_t Library>
struct RollbackCont {
  static constexpr const char* symbol = "mysql_rollback_cont";
  static inline patching::Original<int(char*, Mysql*, int)> original;
  static int call(char* result, Mysql* connection, int status) {
    return continue_query<Library>(original, result, connection, status);
  }
};

/// Sent is not answered: what it begins is ended by mysql_read_query_result or its _cont.
template <std::size_t Library>
void settle_sent(const int* result, Mysql* connection, int waits_for) noexcept {
  if (waits_for == 0 && *result != 0) settle_open<Library>(connection, true);
}

template <std::size_t Library>
struct SendQueryStart {
  static constexpr const char* symbol = "mysql_send_query_start";
  static inline patching::Original<int(int*, Mysql*, const char*, unsigned long)> original;
  static int call(int* result, Mysql* connection, const char* text, unsigned long size) {
    watch(connection, text, size);
    if (tracing() != Tracing::sampled || text == nullptr) {
      return original(result, connection, text, size);
    }
    if (is_nested()) return original(result, connection, text, size);
    const Depth depth;
    std::optional<Subsegment> subsegment =
        begin_query<Library>(connection, given_text(text, size), SqlLasting::longer);
    const int waits_for = original(result, connection, text, size);
    const KeepErrno keep;
    keep_open(connection, subsegment);
    settle_sent<Library>(result, connection, waits_for);
    return waits_for;
  }
};

template <std::size_t Library>
struct SendQueryCont {
  static constexpr const char* symbol = "mysql_send_query_cont";
  static inline patching::Original<int(int*, Mysql*, int)> original;
  static int call(int* result, Mysql* connection, int status) {
    if (open_calls().empty()) return original(result, connection, status);
    const int waits_for = original(result, connection, status);
    settle_sent<Library>(result, connection, waits_for);
    return waits_for;
  }
};

template <std::size_t Library>
struct ReadQueryResultStart {
  static constexpr const char* symbol = "mysql_read_query_result_start";
  static inline patching::Original<int(char*, Mysql*)> original;
  static int call(char* result, Mysql* connection) {
    if (open_calls().empty()) return original(result, connection);
    const int waits_for = original(result, connection);
    if (waits_for == 0) settle_open<Library>(connection, *result != 0);
    return waits_for;
  }
};

template <std::size_t Library>
struct ReadQueryResultCont {
  static constexpr const char* symbol = "mysql_read_query_result_cont";
  static inline patching::Original<int(char*, Mysql*, int)> original;
  static int call(char* result, Mysql* connection, int status) {
    return continue_query<Library>(original, result, connection, status);
  }
};

template <std::size_t Library>
struct NextResultStart {
  static constexpr const char* symbol = "mysql_next_result_start";
  static inline patching::Original<int(int*, Mysql*)> original;
  static int call(int* result, Mysql* connection) {
    if (open_calls().empty()) return original(result, connection);
    const int waits_for = original(result, connection);
    if (waits_for == 0) settle_open<Library>(connection, *result > 0);
    return waits_for;
  }
};

template <std::size_t Library>
struct NextResultCont {
  static constexpr const char* symbol = "mysql_next_result_cont";
  static inline patching::Original<int(int*, Mysql*, int)> original;
  static int call(int* result, Mysql* connection, int status) {
    if (open_calls().empty()) return original(result, connection, status);
    const int waits_for = original(result, connection, status);
    if (waits_for == 0) settle_open<Library>(connection, *result > 0);
    return waits_for;
  }
};

}  // namespace clients::mysql
XRAY_NAMESPACE_END
