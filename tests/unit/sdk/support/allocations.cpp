#include "support/allocations.hpp"

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

// Sanitizers bring their own malloc; the counts are asserted in the other builds.
std::uint64_t support::allocations() noexcept {
  return 0;
}

#else

namespace {
thread_local std::uint64_t count = 0;
}  // namespace

std::uint64_t support::allocations() noexcept {
  return count;
}

// glibc's own entry points: malloc in this program, and so operator new, goes through here.
extern "C" {
void* __libc_malloc(std::size_t size);                 // NOLINT
void* __libc_realloc(void* memory, std::size_t size);  // NOLINT
void* malloc(std::size_t size) noexcept {              // NOLINT
  ++count;
  return __libc_malloc(size);
}
void* realloc(void* memory, std::size_t size) noexcept {  // NOLINT
  ++count;
  return __libc_realloc(memory, size);
}
}

#endif
