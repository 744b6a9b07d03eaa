// Whether a hooked call is the user's, or the library's own inside another one.
#pragma once

#include <utility>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace patching {

template <typename Tag>
class DepthPause;

/// Knows whether this thread is in a wrapper of one client (`Tag` is any type of its own) already:
/// libraries call their exported functions themselves, and only the outermost call is to be
/// recorded. Other clients are apart, for one may call another: an SQL function that asks a web
/// server. Exceptions and cancellation unwind it; a longjmp() over the outermost wrapper would not.
/// An inner one leaves no trace: it may be suspended on a stack of the library's own, as those of
/// libmariadb's non-blocking functions are, and go on in another thread or never.
template <typename Tag>
class DepthGuard {
 public:
  DepthGuard() noexcept : is_outermost_(!std::exchange(is_inside, true)) {}
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;
  ~DepthGuard() {
    if (is_outermost_) is_inside = false;
  }

  [[nodiscard]] bool is_outermost() const noexcept { return is_outermost_; }

 private:
  friend class DepthPause<Tag>;
  static inline thread_local bool is_inside = false;
  const bool is_outermost_;
};

/// Around a callback of the user's that a library calls: what is called in there is the user's
/// again, and outermost.
template <typename Tag>
class DepthPause {
 public:
  DepthPause() noexcept : was_inside_(std::exchange(DepthGuard<Tag>::is_inside, false)) {}
  DepthPause(const DepthPause&) = delete;
  DepthPause& operator=(const DepthPause&) = delete;
  ~DepthPause() { DepthGuard<Tag>::is_inside = was_inside_; }

 private:
  const bool was_inside_;
};

}  // namespace patching
XRAY_NAMESPACE_END
