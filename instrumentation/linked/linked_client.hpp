// Makes what xray_patch() links of one client. Included by a source that CMake writes, with
//   XRAY_LINKED_CLIENT                  its name, in quotes
//   XRAY_LINKED_START                   the name of the function that tells of it
//   XRAY_LINKED_FUNCTIONS(X)            X(function) for what is wrapped
//   XRAY_LINKED_COMPANIONS(X)           likewise for what wrappers call besides
//   XRAY_LINKED_OPTIONAL(X), XRAY_LINKED_OPTIONAL_COMPANIONS(X)
//                                       those that not every version of the library has
#pragma once

#include "patching/linked.hpp"

// Nothing is touched but a register that is free at any call: right for variadic functions too.
// NOLINTBEGIN(cppcoreguidelines-macro-usage)
// clang-format off
#if defined(__x86_64__)
#define XRAY_LINKED_JUMP(function) \
  "endbr64\n" \
  "jmpq *xray_linked_" #function "(%rip)\n"
#elif defined(__aarch64__)
#define XRAY_LINKED_JUMP(function) \
  "hint #34\n" \
  "adrp x16, xray_linked_" #function "\n" \
  "ldr x16, [x16, #:lo12:xray_linked_" #function "]\n" \
  "br x16\n"
#endif

// xray_linked_<function>: a pointer to it, by another name where the linker wraps its own. All
// references are such data, for these may also be to nothing.
#define XRAY_LINKED_POINTER(function, name) \
  asm(".pushsection .data\n" \
      ".p2align 3\n" \
      ".globl xray_linked_" #function "\n" \
      ".hidden xray_linked_" #function "\n" \
      ".type xray_linked_" #function ", %object\n" \
      "xray_linked_" #function ":\n" \
      ".quad " name "\n" \
      ".size xray_linked_" #function ", 8\n" \
      ".popsection\n"); \
  extern "C" [[gnu::visibility("hidden")]] void* xray_linked_##function;

// __wrap_<function>, which all calls of it have become.
#define XRAY_LINKED_WRAPPED(function) \
  XRAY_LINKED_POINTER(function, "__real_" #function) \
  asm(".pushsection .text\n" \
      ".p2align 4\n" \
      ".globl __wrap_" #function "\n" \
      ".hidden __wrap_" #function "\n" \
      ".type __wrap_" #function ", %function\n" \
      "__wrap_" #function ":\n" \
      ".cfi_startproc\n" \
      XRAY_LINKED_JUMP(function) \
      ".cfi_endproc\n" \
      ".size __wrap_" #function ", . - __wrap_" #function "\n" \
      ".popsection\n");
#define XRAY_LINKED_COMPANION(function) XRAY_LINKED_POINTER(function, #function)
#define XRAY_LINKED_OPTIONAL_WRAPPED(function) \
  asm(".weak __real_" #function "\n"); \
  XRAY_LINKED_WRAPPED(function)
#define XRAY_LINKED_OPTIONAL_COMPANION(function) \
  asm(".weak " #function "\n"); \
  XRAY_LINKED_COMPANION(function)

XRAY_LINKED_FUNCTIONS(XRAY_LINKED_WRAPPED)
XRAY_LINKED_COMPANIONS(XRAY_LINKED_COMPANION)
XRAY_LINKED_OPTIONAL(XRAY_LINKED_OPTIONAL_WRAPPED)
XRAY_LINKED_OPTIONAL_COMPANIONS(XRAY_LINKED_OPTIONAL_COMPANION)

#define XRAY_LINKED_WRAPPED_ENTRY(function) \
  {#function, &xray_linked_##function, xray_linked_##function},
#define XRAY_LINKED_COMPANION_ENTRY(function) {#function, nullptr, xray_linked_##function},

/// Runs before main(); by its name the linker is made to take this object.
extern "C" [[gnu::constructor, gnu::visibility("hidden")]] void XRAY_LINKED_START() {
  const xray::patching::LinkedFunction functions[] = {
      XRAY_LINKED_FUNCTIONS(XRAY_LINKED_WRAPPED_ENTRY)
      XRAY_LINKED_OPTIONAL(XRAY_LINKED_WRAPPED_ENTRY)
      XRAY_LINKED_COMPANIONS(XRAY_LINKED_COMPANION_ENTRY)
      XRAY_LINKED_OPTIONAL_COMPANIONS(XRAY_LINKED_COMPANION_ENTRY)};
  xray::clients::start_linked_client(
      {XRAY_LINKED_CLIENT, functions, sizeof functions / sizeof *functions});
}
// clang-format on
// NOLINTEND(cppcoreguidelines-macro-usage)
