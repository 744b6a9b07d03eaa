// Where a thread is: the addresses of its calls, taken cheaply and named later, on the sender.
#pragma once

#include <unwind.h>

#include <cstddef>
#include <cstdint>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// The most frames that an exception keeps.
inline constexpr std::size_t most_stack_frames = 64;
/// The walk ends here however deep the stack is: a runaway recursion must not make its exception
/// dearer than it is. `truncated` is then a lower bound.
inline constexpr std::size_t most_frames_walked = 512;

struct StackTrace {
  std::uint16_t count = 0;
  std::uint32_t truncated = 0;  ///< frames beyond `count`
};

/// The stack of the calling thread into `frames`, at most `most` (up to most_stack_frames) of it,
/// beginning with the call that returns to `from`: what is inside of that are the SDK's own frames.
/// Neither allocates nor locks, but for what the unwinder does when a thread first uses it.
__attribute__((noinline)) inline StackTrace take_stack_trace(void** frames, std::size_t most,
                                                             const void* from) noexcept {
  struct Walk {
    void** frames;
    std::size_t most;
    std::uintptr_t from;
    bool begun;
    std::size_t count;
    std::size_t walked;
  };
  constexpr auto step = [](_Unwind_Context* context, void* argument) -> _Unwind_Reason_Code {
    auto& walk = *static_cast<Walk*>(argument);
    int before_instruction = 0;
    const std::uintptr_t address = _Unwind_GetIPInfo(context, &before_instruction);
    if (address == 0 || walk.walked++ == most_frames_walked) return _URC_END_OF_STACK;
    walk.begun = walk.begun || address == walk.from;
    if (!walk.begun) return _URC_NO_REASON;
    if (walk.count < walk.most) {
      // A return address may be the next function's first: one less is inside the call for sure.
      walk.frames[walk.count] =
          reinterpret_cast<void*>(address - (before_instruction == 0 ? 1U : 0U));
    }
    ++walk.count;
    return _URC_NO_REASON;
  };
  if (most == 0) return {};
  const auto wanted =
      reinterpret_cast<std::uintptr_t>(__builtin_extract_return_addr(const_cast<void*>(from)));
  Walk walk{frames, most, wanted, false, 0, 0};
  _Unwind_Backtrace(step, &walk);
  if (!walk.begun) {
    // The caller's frame can't be told (a signed return address, say): better too much than none.
    walk = Walk{frames, most, 0, true, 0, 0};
    _Unwind_Backtrace(step, &walk);
  }
  const std::size_t kept = walk.count < most ? walk.count : most;
  return {static_cast<std::uint16_t>(kept), static_cast<std::uint32_t>(walk.count - kept)};
}

}  // namespace detail
XRAY_NAMESPACE_END
