// The modules of this process, kept from being unloaded while they are looked at.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "patching/elf_module.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {

/// A reference to a loaded module, given back at the end. Taking and giving back use the loader's
/// lock: hold none of ours meanwhile, for the constructor of a library that is being loaded may ask
/// for it. If everybody else has closed the module meanwhile, giving it back unloads it.
class ModuleHandle {
 public:
  ModuleHandle() noexcept = default;
  explicit ModuleHandle(void* handle) noexcept : handle_(handle) {}
  ModuleHandle(ModuleHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ModuleHandle& operator=(ModuleHandle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ModuleHandle(const ModuleHandle&) = delete;
  ModuleHandle& operator=(const ModuleHandle&) = delete;
  ~ModuleHandle();

  /// A library by SONAME or path, or with null the program, if it is loaded already: waits until
  /// another thread's dlopen() or dlclose() of anything is over, so what it gives is relocated.
  static ModuleHandle of_loaded(const char* name) noexcept;

  explicit operator bool() const noexcept { return handle_ != nullptr; }
  [[nodiscard]] void* get() const noexcept { return handle_; }
  /// How far the module was moved from its file's addresses; meaningless without a module.
  [[nodiscard]] std::uintptr_t base() const noexcept;

 private:
  void* handle_ = nullptr;
};

struct HeldModule {
  std::string path;  ///< as the loader has it; empty: the program
  ModuleHandle handle;
  ElfModule elf;
};

/// Every module that the loader knows and that we can read. The calling thread's dlerror() text is
/// lost. Throws std::bad_alloc.
std::vector<HeldModule> hold_loaded_modules();

/// How many modules were ever loaded: another number, another list. About 20 ns.
unsigned long long modules_ever_loaded() noexcept;

}  // namespace patching
XRAY_NAMESPACE_END
