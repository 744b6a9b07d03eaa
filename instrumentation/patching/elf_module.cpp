#include "patching/elf_module.hpp"

#include <unistd.h>

#include <cstring>

XRAY_NAMESPACE_BEGIN
namespace patching {
namespace {

constexpr std::size_t max_dynamic_entries = 4096;  // real modules have about 30

}  // namespace

std::optional<ElfModule> ElfModule::read(std::uintptr_t base, const ElfW(Phdr) * segments,
                                         std::size_t segment_count) {
  ElfModule module;
  module.base_ = base;
  AddressRange dynamic;
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  for (std::size_t i = 0; i < segment_count; ++i) {
    const ElfW(Phdr)& header = segments[i];
    AddressRange range;
    if (__builtin_add_overflow(base, header.p_vaddr, &range.begin) ||
        __builtin_add_overflow(range.begin, header.p_memsz, &range.end)) {
      return std::nullopt;
    }
    if (header.p_type == PT_LOAD) module.segments_.push_back({range, header.p_flags});
    if (header.p_type == PT_DYNAMIC) dynamic = range;
    // The loader protects whole pages only; what shares its last page with data stays writable.
    if (header.p_type == PT_GNU_RELRO) module.relro_ = {range.begin & -page, range.end & -page};
  }
  const std::size_t size = dynamic.end - dynamic.begin;
  if (size == 0 || dynamic.begin % alignof(ElfW(Dyn)) != 0 ||
      !module.readable(dynamic.begin, size)) {
    return std::nullopt;
  }
  const std::size_t count = size / sizeof(ElfW(Dyn));
  module.read_dynamic(reinterpret_cast<const ElfW(Dyn)*>(dynamic.begin),
                      count < max_dynamic_entries ? count : max_dynamic_entries);
  if (module.symbols_ == 0 || module.strings_ == 0) return std::nullopt;
  return module;
}

void ElfModule::read_dynamic(const ElfW(Dyn) * entries, std::size_t count) {
  std::uintptr_t plt = 0;
  std::size_t plt_size = 0;
  std::uintptr_t rela = 0;
  std::size_t rela_size = 0;
  bool plt_has_addends = true;
  for (std::size_t i = 0; i < count && entries[i].d_tag != DT_NULL; ++i) {
    const std::uintptr_t value = entries[i].d_un.d_val;
    switch (entries[i].d_tag) {
      case DT_JMPREL:
        plt = absolute(value);
        break;
      case DT_PLTRELSZ:
        plt_size = value;
        break;
      case DT_PLTREL:
        plt_has_addends = value == DT_RELA;
        break;
      case DT_RELA:
        rela = absolute(value);
        break;
      case DT_RELASZ:
        rela_size = value;
        break;
      case DT_SYMTAB:
        symbols_ = absolute(value);
        break;
      case DT_STRTAB:
        strings_ = absolute(value);
        break;
      case DT_STRSZ:
        strings_size_ = value;
        break;
      case DT_SONAME:
        soname_ = value;
        break;
      case DT_VERSYM:
        version_of_symbol_ = absolute(value);
        break;
      case DT_VERNEED:
        versions_needed_ = absolute(value);
        break;
      case DT_VERNEEDNUM:
        versions_needed_count_ = value;
        break;
      default:
        break;
    }
  }
  const auto usable = [this](std::uintptr_t table, std::size_t size) {
    return table != 0 && table % alignof(ElfW(Rela)) == 0 && readable(table, size);
  };
  if (plt_has_addends && usable(plt, plt_size)) {
    plt_relocations_ = reinterpret_cast<const ElfW(Rela)*>(plt);
    plt_relocation_count_ = plt_size / sizeof(ElfW(Rela));
  }
  if (usable(rela, rela_size)) {
    relocations_ = reinterpret_cast<const ElfW(Rela)*>(rela);
    relocation_count_ = rela_size / sizeof(ElfW(Rela));
  }
  if (symbols_ % alignof(ElfW(Sym)) != 0) symbols_ = 0;
  if (!readable(strings_, strings_size_)) strings_ = 0;
}

// glibc replaces the addresses in a dynamic section by absolute ones, but not in every module.
std::uintptr_t ElfModule::absolute(std::uintptr_t value) const noexcept {
  return contains(value) ? value : base_ + value;
}

bool ElfModule::readable(std::uintptr_t address, std::size_t size) const noexcept {
  for (const Segment& segment : segments_) {
    if ((segment.flags & PF_R) != 0 && segment.range.contains(address, size)) return true;
  }
  return false;
}

bool ElfModule::contains(std::uintptr_t address) const noexcept {
  for (const Segment& segment : segments_) {
    if (segment.range.contains(address)) return true;
  }
  return false;
}

bool ElfModule::contains_code(std::uintptr_t address) const noexcept {
  for (const Segment& segment : segments_) {
    if ((segment.flags & PF_X) != 0 && segment.range.contains(address)) return true;
  }
  return false;
}

bool ElfModule::contains_readable_code(std::uintptr_t address, std::size_t size) const noexcept {
  return contains_code(address) && readable(address, size);
}

bool ElfModule::contains_data(std::uintptr_t address, std::size_t size) const noexcept {
  for (const Segment& segment : segments_) {
    if ((segment.flags & PF_W) != 0 && segment.range.contains(address, size)) return true;
  }
  return false;
}

std::string_view ElfModule::text(std::size_t offset) const noexcept {
  if (offset >= strings_size_) return {};
  const char* const begin = reinterpret_cast<const char*>(strings_) + offset;
  const void* const end = std::memchr(begin, '\0', strings_size_ - offset);
  if (end == nullptr) return {};
  return {begin, static_cast<std::size_t>(static_cast<const char*>(end) - begin)};
}

const ElfW(Sym) * ElfModule::symbol(std::size_t index) const noexcept {
  std::uintptr_t address = 0;
  // The size of the table is not in the dynamic section; its segment is the limit.
  if (__builtin_mul_overflow(index, sizeof(ElfW(Sym)), &address) ||
      __builtin_add_overflow(address, symbols_, &address) ||
      !readable(address, sizeof(ElfW(Sym)))) {
    return nullptr;
  }
  return reinterpret_cast<const ElfW(Sym)*>(address);
}

std::string_view ElfModule::symbol_name(std::size_t index) const noexcept {
  const ElfW(Sym)* const found = symbol(index);
  return found == nullptr ? std::string_view() : text(found->st_name);
}

const char* ElfModule::symbol_version(std::size_t index) const noexcept {
  constexpr unsigned hidden = 0x8000;
  if (version_of_symbol_ == 0 || versions_needed_ == 0) return nullptr;
  const std::uintptr_t address = version_of_symbol_ + index * sizeof(ElfW(Half));
  if (address % alignof(ElfW(Half)) != 0 || !readable(address, sizeof(ElfW(Half)))) return nullptr;
  const unsigned wanted = *reinterpret_cast<const ElfW(Half)*>(address) & ~hidden;
  if (wanted <= VER_NDX_GLOBAL) return nullptr;

  std::uintptr_t file = versions_needed_;
  for (std::size_t i = 0; i < versions_needed_count_; ++i) {
    if (file % alignof(ElfW(Verneed)) != 0 || !readable(file, sizeof(ElfW(Verneed)))) break;
    const auto* const need = reinterpret_cast<const ElfW(Verneed)*>(file);
    std::uintptr_t version = file + need->vn_aux;
    for (unsigned j = 0; j < need->vn_cnt; ++j) {
      if (version % alignof(ElfW(Vernaux)) != 0 || !readable(version, sizeof(ElfW(Vernaux)))) break;
      const auto* const entry = reinterpret_cast<const ElfW(Vernaux)*>(version);
      if ((entry->vna_other & ~hidden) == wanted) {
        const std::string_view name = text(entry->vna_name);
        return name.empty() ? nullptr : name.data();
      }
      if (entry->vna_next == 0) break;
      version += entry->vna_next;
    }
    if (need->vn_next == 0) break;
    file += need->vn_next;
  }
  return nullptr;
}

}  // namespace patching
XRAY_NAMESPACE_END
