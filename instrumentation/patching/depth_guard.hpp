// Whether a hooked call is the user's, or the library's own inside another one.
#pragma once

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace patching {

/// Counts how deep this thread is in the wrappers of one client (`Tag` is any type of its own):
/// libraries call their exported functions themselves, and only the outermost call is to be
/// recorded. Other clients are counted apart, for one may call another: an SQL function that asks
/// a web server. Exceptions and cancellation unwind it; a longjmp() over a wrapper would not.
template <typename Tag>
class DepthGuard {
 public:
  DepthGuard() noexcept { ++depth; }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;
  ~DepthGuard() { --depth; }

  [[nodiscard]] bool is_outermost() const noexcept { return depth == 1; }

 private:
  static inline thread_local unsigned depth = 0;
};

}  // namespace patching
XRAY_NAMESPACE_END
