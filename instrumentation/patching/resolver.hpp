// Where a client's functions are, and where an import that was never used would lead.
#pragma once

#include <string>
#include <vector>

#include "patching/held_modules.hpp"
#include "patching/hook_table.hpp"
#include "patching/relocations.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {

/// One library of a client that is in the process.
struct FoundLibrary {
  std::size_t client = 0;   ///< its index among the clients
  std::size_t library = 0;  ///< its index in the client
  ModuleHandle handle;
  std::uintptr_t base = 0;
  std::vector<void*> originals;   ///< of its hooks, in their order; null: the library has it not
  std::vector<void*> companions;  ///< likewise
};

/// The libraries of `clients` that are loaded, with the addresses of their functions: by the
/// library's own handle, for the address that a program sees as `&function` may be a piece of the
/// program that jumps through the very pointer to be changed. `modules` are all held modules.
/// Clears dlerror(). Throws std::bad_alloc.
std::vector<FoundLibrary> find_libraries(const std::vector<Client>& clients,
                                         const std::vector<HeldModule>& modules);

/// The address that the loader would put into an import of `module` at its first use: by the
/// program's global scope, then the module's own. Null if nowhere.
void* resolve_import(const ModuleHandle& program, const HeldModule& module, const ImportSlot& slot);

}  // namespace patching
XRAY_NAMESPACE_END
