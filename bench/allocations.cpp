#include "allocations.hpp"

#include <cstddef>

namespace {
thread_local std::uint64_t count = 0;
}  // namespace

std::uint64_t bench::allocations() noexcept {
  return count;
}

// glibc's own entry points: every malloc of this program goes through here.
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
