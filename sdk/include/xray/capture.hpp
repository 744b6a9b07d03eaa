// A callable as a subsegment.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_CAPTURE_HPP
#define XRAY_CAPTURE_HPP

#include <exception>
#include <string_view>
#include <type_traits>
#include <utility>

#include <xray/subsegment.hpp>

XRAY_NAMESPACE_BEGIN

/// Runs `callable` inside a subsegment and returns what it returns. An exception is recorded as the
/// cause, with its type and message, and goes on. `callable` takes nothing, or the subsegment
/// (`Subsegment&`).
template <typename Callable>
decltype(auto) capture(std::string_view name, Callable&& callable) {
  Subsegment subsegment(name);
#if defined(__cpp_exceptions)
  try {
#endif
    if constexpr (std::is_invocable_v<Callable, Subsegment&>) {
      return std::forward<Callable>(callable)(subsegment);
    } else {
      return std::forward<Callable>(callable)();
    }
#if defined(__cpp_exceptions)
  } catch (...) {
    subsegment.add_exception(std::current_exception());
    throw;
  }
#endif
}

XRAY_NAMESPACE_END

#endif  // XRAY_CAPTURE_HPP
