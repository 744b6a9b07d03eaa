// How often the calling thread asked for memory.
#pragma once

#include <cstdint>

namespace bench {

/// Calls of malloc and realloc (and so of operator new) by this thread so far.
std::uint64_t allocations() noexcept;

}  // namespace bench
