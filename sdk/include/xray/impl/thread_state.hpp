// What the SDK keeps for each thread.
#pragma once

#include <cstdint>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

struct Block;
struct Node;
struct Record;
struct Strand;

/// Constant-initialised and trivially destructible, so that it works in static destructors, in
/// plugins, and after other thread-locals are gone. What it holds at thread exit is given back by a
/// pthread key (thread_exit.hpp).
struct ThreadState {
  Record* record = nullptr;  ///< the current segment; one reference is held for it
  Node* node = nullptr;      ///< the entity that new subsegments become children of
  Strand* strand = nullptr;  ///< this thread's part of that record
  Block* free_blocks = nullptr;
  std::uint32_t free_count = 0;
  std::uint32_t random_generation = 0;  ///< fork generation of `random`; 0: not seeded
  std::uint64_t random[4] = {};
  bool exit_hook_set = false;
};

#if defined(XRAY_HEADER_ONLY) || !defined(__PIC__)
inline __constinit thread_local ThreadState thread_state{};
#else
// Initial-exec: no call to find it from inside a shared library. It is small enough for the room
// that the loader keeps for libraries opened late.
inline __constinit thread_local ThreadState thread_state
    __attribute__((tls_model("initial-exec"))){};
#endif

/// Counts the forks behind this process, from 1. Thread state and records of an earlier generation
/// belong to the parent.
inline std::uint32_t fork_generation = 1;

}  // namespace detail
XRAY_NAMESPACE_END
