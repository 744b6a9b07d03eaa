#include "support/failing_memory.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

struct Plan {
  bool active = false;
  std::uint64_t granted_left = 0;
  std::uint64_t refusals_left = 0;
  std::uint64_t refused = 0;
};
thread_local Plan plan;

bool refuse() noexcept {
  if (!plan.active) return false;
  if (plan.granted_left != 0) {
    --plan.granted_left;
    return false;
  }
  if (plan.refusals_left == 0) return false;
  --plan.refusals_left;
  ++plan.refused;
  return true;
}

}  // namespace

namespace support {

FailingMemory::FailingMemory(std::uint64_t first, std::uint64_t count) noexcept {
  plan = {true, first - 1, count, 0};
}
FailingMemory::~FailingMemory() {
  plan = {};
}
std::uint64_t FailingMemory::refused() const noexcept {
  return plan.refused;
}

}  // namespace support

// The linker sends calls of malloc here and gives the real one, a sanitizer's too, the other name.
extern "C" {
void* __real_malloc(std::size_t size);                     // NOLINT
void* __real_calloc(std::size_t count, std::size_t size);  // NOLINT
void* __real_realloc(void* memory, std::size_t size);      // NOLINT
void* __wrap_malloc(std::size_t size);                     // NOLINT
void* __wrap_calloc(std::size_t count, std::size_t size);  // NOLINT
void* __wrap_realloc(void* memory, std::size_t size);      // NOLINT
void* __wrap_malloc(std::size_t size) {                    // NOLINT
  return refuse() ? nullptr : __real_malloc(size);
}
void* __wrap_calloc(std::size_t count, std::size_t size) {  // NOLINT
  return refuse() ? nullptr : __real_calloc(count, size);
}
void* __wrap_realloc(void* memory, std::size_t size) {  // NOLINT
  return refuse() ? nullptr : __real_realloc(memory, size);
}
}

// Of the whole program, the C++ library's own calls included.
void* operator new(std::size_t size) {
  void* const memory = refuse() ? nullptr : __real_malloc(size != 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](std::size_t size) {
  return ::operator new(size);
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return refuse() ? nullptr : __real_malloc(size != 0 ? size : 1);
}
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
  return ::operator new(size, tag);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
