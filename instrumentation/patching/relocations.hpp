// The places in a module through which it reaches functions of others.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "patching/elf_module.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {

enum class SlotKind {
  call,     ///< of the procedure linkage table; before its first call it may lead to the loader
  address,  ///< of the global offset table: -fno-plt calls, addresses taken by code
  data,     ///< a function pointer in data, filled in by the loader
};

/// What a relocation type of an ELF machine (EM_X86_64, EM_AARCH64) is to us; empty if nothing.
std::optional<SlotKind> slot_kind(unsigned machine, std::uint32_t relocation_type) noexcept;

/// A pointer in a module's memory that the loader fills with a function's address.
struct ImportSlot {
  void** address = nullptr;
  SlotKind kind = SlotKind::call;
  std::uint32_t symbol = 0;  ///< its index in the module
  std::uint32_t index = 0;   ///< of its relocation in its table
  std::string_view name;     ///< in the module's memory, NUL at its end
};

/// Says whether a symbol's name is one to look for.
using NameFilter = bool (*)(std::string_view name, const void* argument);

/// The slots of a module for functions whose names pass `wanted`. Those that are not aligned, or
/// not in the module's writable segments, are left out: they can't be changed in one piece.
std::vector<ImportSlot> import_slots(const ElfModule& module, NameFilter wanted,
                                     const void* argument);

/// Whether a slot of kind `call` with this value has not been called yet: it leads back into the
/// module's own linkage table, as GNU ld and lld write it, from where the loader is asked. Other
/// code of the same module, a wrapper for one, is told from it.
bool is_before_first_call(const ElfModule& module, const ImportSlot& slot,
                          std::uintptr_t value) noexcept;

}  // namespace patching
XRAY_NAMESPACE_END
