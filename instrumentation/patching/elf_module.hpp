// One loaded module (program or shared library), read where it lies in memory.
#pragma once

#include <link.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace patching {

/// A part of the address space: [begin, end).
struct AddressRange {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;

  [[nodiscard]] bool contains(std::uintptr_t address) const noexcept {
    return address >= begin && address < end;
  }
  /// Whether `size` bytes from `address` on lie inside.
  [[nodiscard]] bool contains(std::uintptr_t address, std::size_t size) const noexcept {
    return address >= begin && address <= end && size <= end - address;
  }
};

/// The dynamic section's tables of a module. What the file claims is believed only as far as it
/// stays inside the module's own readable segments, so that a damaged or strange file leads to
/// nothing found, not to a wild read. Valid as long as the module is loaded; immutable.
class ElfModule {
 public:
  /// Reads the module whose segments are loaded `base` above their addresses in the file. Empty if
  /// it has no usable dynamic section.
  static std::optional<ElfModule> read(std::uintptr_t base, const ElfW(Phdr) * segments,
                                       std::size_t segment_count);

  [[nodiscard]] std::uintptr_t base() const noexcept { return base_; }
  /// Relocations of the procedure linkage table (DT_JMPREL), and all others (DT_RELA).
  [[nodiscard]] const ElfW(Rela) * plt_relocations() const noexcept { return plt_relocations_; }
  [[nodiscard]] std::size_t plt_relocation_count() const noexcept { return plt_relocation_count_; }
  [[nodiscard]] const ElfW(Rela) * relocations() const noexcept { return relocations_; }
  [[nodiscard]] std::size_t relocation_count() const noexcept { return relocation_count_; }

  /// The name that the library gives itself (DT_SONAME); empty if it has none.
  [[nodiscard]] std::string_view soname() const noexcept {
    return soname_ != 0 ? text(soname_) : std::string_view();
  }

  /// The symbol of an index out of a relocation; null if there is none.
  [[nodiscard]] const ElfW(Sym) * symbol(std::size_t index) const noexcept;
  /// Its name; empty if there is none. Ends in a NUL.
  [[nodiscard]] std::string_view symbol_name(std::size_t index) const noexcept;
  /// The version that an import asks for, such as "CURL_GNUTLS_3"; null if any will do.
  [[nodiscard]] const char* symbol_version(std::size_t index) const noexcept;

  /// Whether an address lies in any of the segments, in an executable one, in a writable one, in
  /// what the loader makes read-only after relocation.
  [[nodiscard]] bool contains(std::uintptr_t address) const noexcept;
  [[nodiscard]] bool contains_code(std::uintptr_t address) const noexcept;
  [[nodiscard]] bool contains_readable_code(std::uintptr_t address,
                                            std::size_t size) const noexcept;
  [[nodiscard]] bool contains_data(std::uintptr_t address, std::size_t size) const noexcept;
  [[nodiscard]] bool is_relro(std::uintptr_t address) const noexcept {
    return relro_.contains(address);
  }

 private:
  struct Segment {
    AddressRange range;
    ElfW(Word) flags = 0;
  };

  ElfModule() = default;
  void read_dynamic(const ElfW(Dyn) * entries, std::size_t count);
  [[nodiscard]] std::uintptr_t absolute(std::uintptr_t value) const noexcept;
  [[nodiscard]] bool readable(std::uintptr_t address, std::size_t size) const noexcept;
  [[nodiscard]] std::string_view text(std::size_t offset) const noexcept;

  std::uintptr_t base_ = 0;
  std::vector<Segment> segments_;
  AddressRange relro_;
  const ElfW(Rela) * plt_relocations_ = nullptr;
  std::size_t plt_relocation_count_ = 0;
  const ElfW(Rela) * relocations_ = nullptr;
  std::size_t relocation_count_ = 0;
  std::uintptr_t symbols_ = 0;
  std::uintptr_t strings_ = 0;
  std::size_t strings_size_ = 0;
  std::size_t soname_ = 0;  ///< where in the strings; 0: nowhere
  std::uintptr_t version_of_symbol_ = 0;
  std::uintptr_t versions_needed_ = 0;
  std::size_t versions_needed_count_ = 0;
};

}  // namespace patching
XRAY_NAMESPACE_END
