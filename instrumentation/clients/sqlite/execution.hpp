// The subsegments of SQLite's statements.
#pragma once

#include <optional>
#include <string_view>

#include <xray/subsegment.hpp>

#include "clients/sqlite/api.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::sqlite {

// A prepared statement's execution goes from its first step until it is done, fails, is reset or
// finalized. Where a step leaves it in the middle its subsegment is kept by the statement's
// address. One that is never finished is part of no document: its segment leaves without it, and
// it leaves alone when the statement is reset at last.
//
// None of these functions throws, and each leaves errno as it is.

/// Whether no execution is in the middle: a nanosecond, for wrappers to ask first.
bool none_in_the_middle() noexcept;

/// The lock that SQLite's functions themselves hold while they use a connection; a thread may take
/// it twice. Held from before a call until what the call left behind has been read: another
/// thread's next call frees the message, and writes its own.
class ConnectionLock {
 public:
  /// `connection` may be null.
  ConnectionLock(const Api& api, sqlite3* connection) noexcept;
  ConnectionLock(const ConnectionLock&) = delete;
  ConnectionLock& operator=(const ConnectionLock&) = delete;
  ~ConnectionLock() { release(); }

  void release() noexcept;

 private:
  const Api& api_;
  sqlite3_mutex* mutex_;
};

// What follows is called with the lock held; the functions that end a subsegment release it before,
// for they may send documents.

/// Before a step: begins an execution, if this step is its first and `sampled`.
std::optional<Subsegment> begin_step(const Api& api, sqlite3_stmt* statement,
                                     bool sampled) noexcept;

/// After it: ends the execution, or keeps it for the next step.
void end_step(const Api& api, sqlite3_stmt* statement, int result, std::optional<Subsegment>& begun,
              ConnectionLock& lock) noexcept;

/// What was in the middle; before sqlite3_finalize, as another thread may get the address after it.
/// This and the next need no lock.
std::optional<Subsegment> take_execution(sqlite3_stmt* statement) noexcept;

/// Ends it after sqlite3_reset or sqlite3_finalize, whose result tells how it went.
void end_taken(const Api& api, int result, std::optional<Subsegment>& taken) noexcept;

/// Text given to sqlite3_exec and its like.
std::optional<Subsegment> begin_text(const Api& api, sqlite3* connection,
                                     const char* text) noexcept;
/// `stopped`: the user's callback wanted no more rows, which is no failure.
void end_text(const Api& api, sqlite3* connection, const char* text, int result, bool stopped,
              std::optional<Subsegment>& begun, ConnectionLock& lock) noexcept;

/// A statement that could not be prepared: a failed call that takes no time.
void record_unprepared(const Api& api, sqlite3* connection, std::string_view text, int result,
                       ConnectionLock& lock) noexcept;

}  // namespace clients::sqlite
XRAY_NAMESPACE_END
