// How often the calling thread asked for memory.
#pragma once

#include <cstdint>

namespace support {

/// Calls of operator new and malloc by this thread so far.
std::uint64_t allocations() noexcept;

}  // namespace support
