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
struct ThrownNotes;

/// Where a thread is in a trace.
struct Place {
  Record* record = nullptr;  ///< the segment; one reference is held for it
  Node* node = nullptr;      ///< the entity that new subsegments become children of
  Strand* strand = nullptr;  ///< this thread's part of that record
  /// Put there by a ContextScope, which takes it away again; otherwise by a segment that began on
  /// this thread.
  bool scoped = false;
  /// Of a scope: the entity that it shows. What is above is not this place's to look at. Otherwise
  /// a place reaches up to its segment.
  Node* base = nullptr;
};

/// Constant-initialised and trivially destructible, so that it works in static destructors, in
/// plugins, and after other thread-locals are gone. What it holds at thread exit is given back by a
/// pthread key (thread_exit.hpp).
struct ThreadState {
  Place current;
  Record* unsampled = nullptr;  ///< put by for the next unsampled segment
  void* exceptions = nullptr;   ///< the C++ runtime's account of this thread, once looked up
  Block* free_blocks = nullptr;
  std::uint32_t free_count = 0;
  /// Fork generation in which this thread may take the short way through the recording path: it has
  /// what that needs (see is_ready_for_short_way). 0: not.
  std::uint32_t ready = 0;
  std::uint32_t random_generation = 0;  ///< fork generation of `random`; 0: not seeded
  std::uint64_t random[2] = {};
  ThrownNotes* thrown = nullptr;  ///< what the hook of `throw` noted; null until it does
  bool exit_hook_set = false;
  bool sending = false;  ///< inside an emitter, where nothing is recorded
};

#if defined(__clang__)
#define XRAY_CONSTANT_INITIALIZED [[clang::require_constant_initialization]]
#else
#define XRAY_CONSTANT_INITIALIZED __constinit
#endif
#if !defined(__PIC__) || defined(__PIE__)
#define XRAY_TLS_MODEL  // of a program: the compiler knows where it is
#else
// Initial-exec: no call to find it from inside a shared library. It is small enough for the room
// that the loader keeps for libraries opened late. Every copy of the SDK must do the same: one
// that lives in a plugin's dynamic block could not be shared with one that expects it there.
#define XRAY_TLS_MODEL __attribute__((tls_model("initial-exec")))
#endif
XRAY_CONSTANT_INITIALIZED XRAY_PROCESS_WIDE inline thread_local ThreadState thread_state
    XRAY_TLS_MODEL{};
#undef XRAY_CONSTANT_INITIALIZED
#undef XRAY_TLS_MODEL

}  // namespace detail
XRAY_NAMESPACE_END
