// RapidJSON where memory runs out: it does not look at what its allocator returns.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>

#include <rapidjson/document.h>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// An allocator for RapidJSON that throws std::bad_alloc.
class ThrowingAllocator {
 public:
  // RapidJSON's names.
  // NOLINTBEGIN(readability-identifier-naming, readability-convert-member-functions-to-static)
  static const bool kNeedFree = true;
  void* Malloc(std::size_t size) { return size != 0 ? ::operator new(size) : nullptr; }
  void* Realloc(void* old, std::size_t old_size, std::size_t size) {
    void* const memory = Malloc(size);
    if (old_size != 0 && size != 0) std::memcpy(memory, old, old_size < size ? old_size : size);
    Free(old);
    return memory;
  }
  static void Free(void* memory) noexcept { ::operator delete(memory); }
  // NOLINTEND(readability-identifier-naming, readability-convert-member-functions-to-static)
};

using CheckedJsonPool = rapidjson::MemoryPoolAllocator<ThrowingAllocator>;
using CheckedJsonDocument =
    rapidjson::GenericDocument<rapidjson::UTF8<>, CheckedJsonPool, ThrowingAllocator>;
using CheckedJsonReader =
    rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>, ThrowingAllocator>;

}  // namespace detail
XRAY_NAMESPACE_END
