// errno, as the user's call left it.
#pragma once

#include <cerrno>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace clients {

/// Around what a wrapper does before or after the library's function: restores errno at its end.
class KeepErrno {
 public:
  KeepErrno() noexcept : value_(errno) {}
  KeepErrno(const KeepErrno&) = delete;
  KeepErrno& operator=(const KeepErrno&) = delete;
  ~KeepErrno() { errno = value_; }

 private:
  int value_;
};

}  // namespace clients
XRAY_NAMESPACE_END
