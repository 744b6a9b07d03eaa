// Commands whose results have not all come yet.
#pragma once

#include <cstddef>
#include <list>
#include <optional>

#include <xray/config.hpp>
#include <xray/subsegment.hpp>

#include "clients/handle_map.hpp"
#include "clients/never_destroyed.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::postgresql {

/// What was sent to the server, whether it is recorded or not.
struct Command {
  enum class Kind : unsigned char {
    query,       ///< recorded
    sync,        ///< the end of a pipeline's part
    unrecorded,  ///< in a pipeline, where every command has its turn
  };

  Kind kind = Kind::unrecorded;
  /// One statement: it is over at its result, though the program may ask much later whether another
  /// comes.
  bool has_one_result = true;
  std::size_t count = 1;  ///< of unrecorded ones in a row
  std::optional<Subsegment> subsegment = std::nullopt;
};

/// Lists, because their elements move without an allocation and so under a lock.
using Commands = std::list<Command>;

/// Ends the subsegments, whatever exception is on its way through this thread.
void end_all(Commands& commands) noexcept;

/// The commands of one connection, in the order in which results come. Without a pipeline it is one
/// at most. Results that were taken behind our back (by code that is not patched) are made up for
/// at the next end of a part. Not thread-safe.
class Underway {
 public:
  /// `backend` is the server's process: with another one, the connection is another.
  Underway(int backend, bool is_pipelined) noexcept
      : backend_(backend), is_pipelined_(is_pipelined) {}

  /// `backend` as libpq says it now: 0 where it has none.
  [[nodiscard]] bool is_of(int backend) const noexcept {
    return backend == 0 || backend_ == 0 || backend == backend_;
  }
  /// Nothing more is to be known of the connection.
  [[nodiscard]] bool is_over() const noexcept { return !is_pipelined_ && commands_.empty(); }

  /// Results seem to be fetched where we do not see it.
  [[nodiscard]] bool is_too_long() const noexcept { return commands_.size() > most_commands; }

  void sent(Commands&& one) noexcept { commands_.splice(commands_.end(), one); }
  /// The same for one that is not recorded. Throws std::bad_alloc.
  void sent_unrecorded();
  /// Throws std::bad_alloc.
  void sent_sync();

  /// A result has come. What it ends is moved to `ended`.
  void answered(int status, Commands& ended) noexcept;
  /// NULL has come instead of a result.
  void answered_with_null(Commands& ended) noexcept;
  /// Nothing more will come.
  void give_up(Commands& ended) noexcept { ended.splice(ended.end(), commands_); }

 private:
  static constexpr std::size_t most_commands = 65'536;

  void end_first(Commands& ended) noexcept;
  void end_until_sync(Commands& ended) noexcept;

  int backend_;
  bool is_pipelined_;
  bool awaits_null_ = false;  ///< behind the last result of a command that is over
  Commands commands_;
};

/// By connection: those with commands underway, and those in pipeline mode.
inline HandleMap<Underway>& underway() noexcept {
  static NeverDestroyed<HandleMap<Underway>> map;
  return *map;
}

/// Ends what was underway and forgets it.
void give_up(const void* connection) noexcept;

/// Enters the only command of a connection, and ends what was underway before. Throws
/// std::bad_alloc.
void enter_alone(const void* connection, int backend, Commands&& one);

/// Enters something that was sent in a pipeline, if it is one that we know: `enter(Underway&)`.
template <typename Enter>
void enter_in_pipeline(const void* connection, Enter&& enter) {
  bool is_too_long = false;
  underway().with(connection, [&](Underway& state) {
    enter(state);
    is_too_long = state.is_too_long();
  });
  if (is_too_long) give_up(connection);
}

}  // namespace clients::postgresql
XRAY_NAMESPACE_END
