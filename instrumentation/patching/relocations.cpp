#include "patching/relocations.hpp"

#include <elf.h>

#include <cstring>

XRAY_NAMESPACE_BEGIN
namespace patching {
namespace {

#if defined(__x86_64__)
constexpr unsigned this_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr unsigned this_machine = EM_AARCH64;
#else
#error "patching knows the relocations of x86-64 and AArch64 only"
#endif

/// A function, as far as the table says; imports of unloaded libraries may have no type.
bool may_be_function(const ElfW(Sym) & symbol) noexcept {
  const unsigned type = ELF64_ST_TYPE(symbol.st_info);
  return type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE;
}

void add_slots(const ElfModule& module, const ElfW(Rela) * table, std::size_t count,
               NameFilter wanted, const void* argument, std::vector<ImportSlot>& slots) {
  for (std::size_t i = 0; i < count; ++i) {
    const ElfW(Rela)& relocation = table[i];
    const auto kind =
        slot_kind(this_machine, static_cast<std::uint32_t>(ELF64_R_TYPE(relocation.r_info)));
    if (!kind) continue;
    // A pointer into the middle of something is not a function's.
    if (*kind == SlotKind::data && relocation.r_addend != 0) continue;
    const auto index = static_cast<std::uint32_t>(ELF64_R_SYM(relocation.r_info));
    if (index == 0) continue;
    const ElfW(Sym)* const symbol = module.symbol(index);
    if (symbol == nullptr || !may_be_function(*symbol)) continue;
    const std::string_view name = module.symbol_name(index);
    if (name.empty() || !wanted(name, argument)) continue;
    const std::uintptr_t address = module.base() + relocation.r_offset;
    if (address % alignof(void*) != 0 || !module.contains_data(address, sizeof(void*))) continue;
    slots.push_back(
        {reinterpret_cast<void**>(address), *kind, index, static_cast<std::uint32_t>(i), name});
  }
}

}  // namespace

std::optional<SlotKind> slot_kind(unsigned machine, std::uint32_t relocation_type) noexcept {
  if (machine == EM_X86_64) {
    switch (relocation_type) {
      case R_X86_64_JUMP_SLOT:
        return SlotKind::call;
      case R_X86_64_GLOB_DAT:
        return SlotKind::address;
      case R_X86_64_64:
        return SlotKind::data;
      default:
        return std::nullopt;
    }
  }
  if (machine == EM_AARCH64) {
    switch (relocation_type) {
      case R_AARCH64_JUMP_SLOT:
        return SlotKind::call;
      case R_AARCH64_GLOB_DAT:
        return SlotKind::address;
      case R_AARCH64_ABS64:
        return SlotKind::data;
      default:
        return std::nullopt;
    }
  }
  return std::nullopt;
}

std::vector<ImportSlot> import_slots(const ElfModule& module, NameFilter wanted,
                                     const void* argument) {
  std::vector<ImportSlot> slots;
  add_slots(module, module.plt_relocations(), module.plt_relocation_count(), wanted, argument,
            slots);
  add_slots(module, module.relocations(), module.relocation_count(), wanted, argument, slots);
  return slots;
}

bool is_before_first_call(const ElfModule& module, const ImportSlot& slot,
                          std::uintptr_t value) noexcept {
  constexpr std::size_t longest = 9;
  if (slot.kind != SlotKind::call || !module.contains_readable_code(value, longest)) return false;
  const auto* code = reinterpret_cast<const unsigned char*>(value);
#if defined(__x86_64__)
  // endbr64 (or not), push $index
  const unsigned char landing[] = {0xf3, 0x0f, 0x1e, 0xfa};
  if (std::memcmp(code, landing, sizeof landing) == 0) code += sizeof landing;
  std::uint32_t index = 0;
  std::memcpy(&index, code + 1, sizeof index);
  return *code == 0x68 && index == slot.index;
#else
  // bti c (or not), stp x16, x30, [sp, #-16]!: the table's head
  std::uint32_t instruction = 0;
  std::memcpy(&instruction, code, sizeof instruction);
  if (instruction == 0xd503245f) std::memcpy(&instruction, code + 4, sizeof instruction);
  return instruction == 0xa9bf7bf0;
#endif
}

}  // namespace patching
XRAY_NAMESPACE_END
