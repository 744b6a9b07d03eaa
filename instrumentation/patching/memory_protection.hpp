// What memory may be written to, and writing to what may not.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "patching/elf_module.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {

/// The protections of this process's memory, as they were when read.
class MemoryMap {
 public:
  /// From /proc/self/maps; empty where that can't be read. Throws std::bad_alloc.
  static MemoryMap read();

  /// PROT_... at an address; empty if nothing is known of it.
  [[nodiscard]] std::optional<int> protection(std::uintptr_t address) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }

 private:
  struct Range {
    AddressRange range;
    int protection = 0;
  };
  static std::optional<Range> parse(const char* line) noexcept;
  std::vector<Range> ranges_;  // ascending
};

/// One page that can be written to as long as this lives; then it is again as it was. Another
/// thread must not do the same meanwhile.
class WritablePage {
 public:
  /// `protection`: what the page has now.
  WritablePage(std::uintptr_t address, int protection) noexcept;
  WritablePage(const WritablePage&) = delete;
  WritablePage& operator=(const WritablePage&) = delete;
  ~WritablePage();

  [[nodiscard]] bool writable() const noexcept { return writable_; }
  [[nodiscard]] bool contains(std::uintptr_t address) const noexcept {
    return page_.contains(address);
  }

 private:
  AddressRange page_;
  int protection_;
  bool writable_ = true;
  bool was_opened_ = false;
};

/// Reads and changes a pointer that other threads call through. The others read it as a call
/// instruction does, which no sanitizer knows to be harmless: an aligned pointer is read whole.
void* read_slot(void* const* slot) noexcept;
bool replace_in_slot(void** slot, void* expected, void* value) noexcept;

}  // namespace patching
XRAY_NAMESPACE_END
