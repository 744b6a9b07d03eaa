// LD_PRELOAD=libxray_preload.so: what happens when a program begins and when it ends.
#include <atomic>

#include <xray/impl/environment.hpp>
#include <xray/impl/off_switch.hpp>
#include <xray/patch.hpp>

#include "clients/call.hpp"
#include "clients/environment.hpp"
#include "patching/follow.hpp"
#include "preload/loaded_clients.hpp"
#include "preload/next_function.hpp"
#include "preload/process_segment.hpp"
#include "preload/trace_variable.hpp"

XRAY_NAMESPACE_BEGIN
namespace preload {
namespace {

std::atomic<bool> is_on{false};

bool is_wanted() noexcept {
  return clients::environment(clients::Variable::AWS_XRAY_PATCH) != "none" &&
         detail::enabled_by_environment() != detail::Switch::off;
}

/// Every process that a traced program starts comes through here, forty shells of a build script
/// among them: a program that loads no client is looked at and left alone.
[[gnu::constructor]] void begin() {
  find_next_exits();
  find_next_programs();
  find_next_signals();
  if (!is_wanted()) return;
  TraceVariable::enter();
  // On AWS Lambda the segment is Lambda's own.
  if (detail::environment(detail::Variable::LAMBDA_TASK_ROOT).empty()) {
    ProcessSegment::allow();
    static constexpr clients::OuterTrace process{&ProcessSegment::tracing,
                                                 &ProcessSegment::context};
    clients::set_outer_trace(&process);
  }
  is_on.store(true);
  patching::follow_from_now_on();
  if (is_client_loaded()) patch_all();
}

/// After what the program has registered for its exit, and after its own destructors.
[[gnu::destructor]] void end() {
  ProcessSegment::end(Leaving::process);
}

}  // namespace
}  // namespace preload
XRAY_NAMESPACE_END

bool xray_patching_newcomers() {
  if (!xray::preload::is_on.load() || !xray::preload::is_client_loaded()) return false;
  xray::patch_all();
  return true;
}

// dlsym as programs see it; the rest of the way is patching/follow.cpp's. Not patched as elsewhere,
// for that takes a look at every module of every program.
#if defined(__x86_64__)
#define XRAY_JUMP "jmp"
#elif defined(__aarch64__)
#define XRAY_JUMP "b"
#endif
asm(R"(
  .text
  .p2align 4
  .globl dlsym
  .type dlsym, %function
dlsym:
  .cfi_startproc
  )" XRAY_JUMP R"( xray_patching_hooked_dlsym
  .cfi_endproc
  .size dlsym, . - dlsym
)");
#undef XRAY_JUMP
