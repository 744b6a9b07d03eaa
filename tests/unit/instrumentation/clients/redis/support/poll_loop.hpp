// Runs one asynchronous connection of hiredis by poll().
#pragma once

#include <hiredis/async.h>
#include <poll.h>

namespace support {

class PollLoop {
 public:
  explicit PollLoop(redisAsyncContext* context) : context_(context) {
    context->ev.data = this;
    context->ev.addRead = [](void* loop) { of(loop).reads_ = true; };
    context->ev.delRead = [](void* loop) { of(loop).reads_ = false; };
    context->ev.addWrite = [](void* loop) { of(loop).writes_ = true; };
    context->ev.delWrite = [](void* loop) { of(loop).writes_ = false; };
    context->ev.cleanup = [](void* loop) { of(loop).context_ = nullptr; };
  }
  PollLoop(const PollLoop&) = delete;
  PollLoop& operator=(const PollLoop&) = delete;
  ~PollLoop() {
    if (context_ != nullptr) redisAsyncFree(context_);
  }

  /// Whether hiredis has not freed the connection yet.
  [[nodiscard]] bool is_open() const { return context_ != nullptr; }

  /// Until `is_over()`, the connection's end, or ten seconds in which nothing happens; gives
  /// is_over().
  template <typename IsOver>
  bool run(IsOver&& is_over) {
    while (!is_over() && context_ != nullptr) {
      pollfd watched{context_->c.fd, 0, 0};
      if (reads_) watched.events |= POLLIN;
      if (writes_) watched.events |= POLLOUT;
      if (::poll(&watched, 1, 10'000) <= 0) break;
      const int seen = watched.revents;
      if ((seen & (POLLIN | POLLERR | POLLHUP)) != 0) redisAsyncHandleRead(context_);
      if (context_ != nullptr && (seen & POLLOUT) != 0) redisAsyncHandleWrite(context_);
    }
    return is_over();
  }

 private:
  static PollLoop& of(void* loop) { return *static_cast<PollLoop*>(loop); }

  redisAsyncContext* context_;
  bool reads_ = false;
  bool writes_ = false;
};

}  // namespace support
