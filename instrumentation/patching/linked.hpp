// Functions that the linker led to us: for programs that contain their client library.
//
// `ld --wrap=sqlite3_step` makes every call of sqlite3_step in a program one of
// __wrap_sqlite3_step, which is a jump of ours by a pointer: at first to the function itself, while
// the client is patched to its wrapper. A jump, and no call, so whatever the arguments are.
#pragma once

#include <cstddef>

#include <xray/patch.hpp>

XRAY_NAMESPACE_BEGIN
namespace patching {

/// What reports call a library that a program contains.
inline constexpr const char* linked_statically = "(linked statically)";

struct LinkedFunction {
  const char* symbol = nullptr;
  /// What calls go by; null: a companion, which calls are not led away from.
  void** slot = nullptr;
  /// The function itself; null where the library has it not.
  void* address = nullptr;
};

/// What one program, or one shared library, contains of one client.
struct LinkedClient {
  const char* client = nullptr;  ///< its name
  const LinkedFunction* functions = nullptr;
  std::size_t count = 0;
};

}  // namespace patching

namespace clients {

/// Called by the constructors of what xray_patch() links: the client is traced from now on, unless
/// AWS_XRAY_PATCH says otherwise. Keeps nothing of `linked`. Costs microseconds, throws nothing. A
/// second copy of a client in one process is left alone.
XRAY_INSTRUMENTATION_DECL void start_linked_client(const patching::LinkedClient& linked) noexcept;

}  // namespace clients
XRAY_NAMESPACE_END
