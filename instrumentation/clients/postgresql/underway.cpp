#include "clients/postgresql/underway.hpp"

#include <utility>

#include "clients/postgresql/libpq.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::postgresql {

void end_all(Commands& commands) noexcept {
  for (Command& command : commands) {
    if (command.subsegment) command.subsegment->end();
  }
  commands.clear();
}

void Underway::sent_unrecorded() {
  if (!commands_.empty() && commands_.back().kind == Command::Kind::unrecorded) {
    ++commands_.back().count;
  } else {
    commands_.emplace_back();
  }
}

void Underway::sent_sync() {
  commands_.emplace_back();
  commands_.back().kind = Command::Kind::sync;
}

void Underway::answered(int status, Commands& ended) noexcept {
  awaits_null_ = false;
  if (status == result_pipeline_sync) {
    end_until_sync(ended);
    return;
  }
  // What comes at an end of a part, such as a constraint that is checked there, is no command's.
  if (commands_.empty() || commands_.front().kind == Command::Kind::sync) return;
  if (is_partial(status)) return;
  if (!commands_.front().has_one_result && !is_error(status)) return;
  end_first(ended);
  awaits_null_ = true;
}

void Underway::answered_with_null(Commands& ended) noexcept {
  if (awaits_null_) {
    awaits_null_ = false;
  } else if (!is_pipelined_) {  // in a pipeline it says that there is nothing yet
    give_up(ended);
  }
}

void Underway::end_first(Commands& ended) noexcept {
  if (commands_.front().count > 1) {
    --commands_.front().count;
  } else {
    ended.splice(ended.end(), commands_, commands_.begin());
  }
}

void Underway::end_until_sync(Commands& ended) noexcept {
  auto end = commands_.begin();
  while (end != commands_.end() && end->kind != Command::Kind::sync) ++end;
  if (end == commands_.end()) return;  // sent behind our back
  ended.splice(ended.end(), commands_, commands_.begin(), ++end);
}

namespace {

void end_what_was_underway(std::optional<Underway>& known) noexcept {
  if (!known) return;
  Commands ended;
  known->give_up(ended);
  end_all(ended);
}

}  // namespace

void give_up(const void* connection) noexcept {
  if (underway().empty()) return;
  std::optional<Underway> known = underway().take(connection);
  end_what_was_underway(known);
}

void enter_alone(const void* connection, int backend, Commands&& one) {
  Underway state(backend, false);
  state.sent(std::move(one));
  std::optional<Underway> before = underway().put(connection, std::move(state));
  end_what_was_underway(before);
}

}  // namespace clients::postgresql
XRAY_NAMESPACE_END
