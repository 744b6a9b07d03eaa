#include "patching/follow.hpp"

#include <dlfcn.h>

#include <atomic>
#include <cerrno>
#include <exception>

#include "patching/patcher.hpp"

// By default; the preload library has a quicker way.
[[gnu::weak]] bool xray_patching_newcomers() {
  xray::patching::process_patcher().patch_again();
  return true;
}

extern "C" {
// In the words of the piece of assembly below, and of nobody else.
[[gnu::used, gnu::visibility("hidden")]] xray::patching::OriginalAddress xray_patching_dlsym;
[[gnu::used, gnu::visibility("hidden")]] void* xray_patching_before_dlsym(
    void* handle, const char* symbol) noexcept;
}

// RTLD_NEXT and RTLD_DEFAULT go by who called dlsym, which is read off the return address. So the
// wrapper must end in a jump that leaves the caller's, which no compiler promises. It answers what
// xray_patching_before_dlsym gives, if that is not null, and jumps to the real one otherwise.
#if defined(__x86_64__)
asm(R"(
  .text
  .p2align 4
  .hidden xray_patching_hooked_dlsym
  .globl xray_patching_hooked_dlsym
  .type xray_patching_hooked_dlsym, @function
xray_patching_hooked_dlsym:
  .cfi_startproc
  endbr64
  pushq %rdi
  .cfi_adjust_cfa_offset 8
  pushq %rsi
  .cfi_adjust_cfa_offset 8
  subq $8, %rsp
  .cfi_adjust_cfa_offset 8
  call xray_patching_before_dlsym
  addq $8, %rsp
  .cfi_adjust_cfa_offset -8
  popq %rsi
  .cfi_adjust_cfa_offset -8
  popq %rdi
  .cfi_adjust_cfa_offset -8
  testq %rax, %rax
  jne 1f
  jmpq *xray_patching_dlsym(%rip)
1:
  ret
  .cfi_endproc
  .size xray_patching_hooked_dlsym, . - xray_patching_hooked_dlsym
)");
#elif defined(__aarch64__)
asm(R"(
  .text
  .p2align 4
  .hidden xray_patching_hooked_dlsym
  .globl xray_patching_hooked_dlsym
  .type xray_patching_hooked_dlsym, %function
xray_patching_hooked_dlsym:
  .cfi_startproc
  hint #34
  stp x29, x30, [sp, #-32]!
  .cfi_adjust_cfa_offset 32
  .cfi_rel_offset x29, 0
  .cfi_rel_offset x30, 8
  mov x29, sp
  stp x0, x1, [sp, #16]
  bl xray_patching_before_dlsym
  cbnz x0, 1f
  ldp x0, x1, [sp, #16]
  ldp x29, x30, [sp], #32
  adrp x16, xray_patching_dlsym
  ldr x16, [x16, #:lo12:xray_patching_dlsym]
  br x16
1:
  ldp x29, x30, [sp], #32
  ret
  .cfi_endproc
  .size xray_patching_hooked_dlsym, . - xray_patching_hooked_dlsym
)");
#endif

XRAY_NAMESPACE_BEGIN
namespace patching {
namespace {

struct ErrnoKept {
  int value = errno;
  ErrnoKept() = default;
  ErrnoKept(const ErrnoKept&) = delete;
  ErrnoKept& operator=(const ErrnoKept&) = delete;
  ~ErrnoKept() { errno = value; }
};

// In a program with AddressSanitizer, what finds a thread's variables is one of the functions that
// are not to be called too early: these are found without it.
[[gnu::tls_model("initial-exec")]] thread_local bool inside_dlsym = false;
std::atomic<bool> is_followed{false};
std::atomic<unsigned long long> modules_seen{0};
std::atomic<bool> clients_are_there{false};

void* answer(void* handle, const char* symbol) {
  const unsigned long long loaded = modules_ever_loaded();
  if (modules_seen.exchange(loaded, std::memory_order_relaxed) != loaded) {
    clients_are_there.store(xray_patching_newcomers(), std::memory_order_relaxed);
  }
  if (!clients_are_there.load(std::memory_order_relaxed)) return nullptr;
  if (handle == RTLD_DEFAULT || handle == RTLD_NEXT) return nullptr;  // not ours to resolve
  Patcher& patcher = process_patcher();
  if (symbol == nullptr || !patcher.wraps(symbol)) return nullptr;
  const auto real = reinterpret_cast<void* (*)(void*, const char*)>(xray_patching_dlsym.get());
  // If it fails, the jump asks again, and leaves the text for dlerror().
  return patcher.wrapper_of(real(handle, symbol));
}

/// The C library's, for the preload library, whose own dlsym stands before it and is called before
/// anything of ours has run.
void* next_dlsym() noexcept {
  void* const recent = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
#if defined(__x86_64__)
  return recent != nullptr ? recent : dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
#else
  return recent != nullptr ? recent : dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.17");
#endif
}

}  // namespace

void follow_from_now_on() noexcept {
  is_followed.store(true, std::memory_order_release);
}

Client follow_client() {
  const Hook hook{"dlsym", reinterpret_cast<void*>(&xray_patching_hooked_dlsym),
                  &xray_patching_dlsym};
  // Until glibc 2.33 it was in libdl. Only one of them has it.
  return {follow_name, {{"libc.so.6", {hook}}, {"libdl.so.2", {hook}}}, true};
}

}  // namespace patching
XRAY_NAMESPACE_END

void* xray_patching_before_dlsym(void* handle, const char* symbol) noexcept {
  using namespace xray::patching;
  if (xray_patching_dlsym.get() == nullptr) xray_patching_dlsym.set(next_dlsym());
  if (!is_followed.load(std::memory_order_acquire)) return nullptr;
  if (inside_dlsym || is_patching()) return nullptr;
  const ErrnoKept errno_kept;
  inside_dlsym = true;
  void* found = nullptr;
  try {
    found = answer(handle, symbol);
  } catch (const std::exception&) {
    found = nullptr;  // no memory: not patched, and nobody else's trouble
  }
  inside_dlsym = false;
  return found;
}
