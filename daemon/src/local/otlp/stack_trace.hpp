// Stack traces as runtimes print them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace xrayd::local {

/// Texts point into the trace.
struct StackFrame {
  std::string_view path;
  std::int64_t line = 0;
  /// The function.
  std::string_view label;
};

/// An exception, or one that caused another.
struct PrintedException {
  /// Empty for the first one: what threw tells them.
  std::string_view type;
  std::string_view message;
  std::vector<StackFrame> frames;
  /// Frames that are not listed.
  std::size_t skipped = 0;
};

inline constexpr std::size_t max_stack_frames = 100;
inline constexpr std::size_t max_causes = 10;

/// Understands what Java, Python, JavaScript, .NET, PHP and Go print, each line as it looks; other
/// lines are passed over. At least one exception, the outermost first; each was caused by the next.
[[nodiscard]] std::vector<PrintedException> read_stack_trace(std::string_view text);

}  // namespace xrayd::local
