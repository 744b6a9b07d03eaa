// The ways out of a process that pass by its exit handlers, as programs see them.
#include <unistd.h>

#include "preload/next_function.hpp"
#include "preload/process_segment.hpp"

XRAY_NAMESPACE_BEGIN
namespace preload {
namespace {

NextFunction<void(int)> next_underscore_exit("_exit");
NextFunction<void(int)> next_c_exit("_Exit");

}  // namespace

void find_next_exits() noexcept {
  next_underscore_exit.find();
  next_c_exit.find();
}

}  // namespace preload
XRAY_NAMESPACE_END

// Named for the linker alone: the headers' declarations have attributes that differ by version.
extern "C" {

[[gnu::visibility("default"), noreturn]] void xray_preload_underscore_exit(int status) asm("_exit");
void xray_preload_underscore_exit(int status) {
  xray::preload::ProcessSegment::end(xray::preload::Leaving::process);
  xray::preload::next_underscore_exit(status);
  __builtin_unreachable();
}

[[gnu::visibility("default"), noreturn]] void xray_preload_c_exit(int status) asm("_Exit");
void xray_preload_c_exit(int status) {
  xray::preload::ProcessSegment::end(xray::preload::Leaving::process);
  xray::preload::next_c_exit(status);
  __builtin_unreachable();
}
}
