#include "patching/resolver.hpp"

#include <dlfcn.h>

#include <string_view>

XRAY_NAMESPACE_BEGIN
namespace patching {
namespace {

const HeldModule* module_at(const std::vector<HeldModule>& modules, std::uintptr_t base,
                            const ModuleHandle& handle) {
  // Two modules may both not have been moved (programs that are not position-independent).
  for (const HeldModule& module : modules) {
    if (module.elf.base() == base && module.handle.get() == handle.get()) return &module;
  }
  return nullptr;
}

/// Whether the loader can have a module of this name: asked for one that it has not, it would go
/// and look for the file, in every folder that it knows.
bool is_loaded(const std::vector<HeldModule>& modules, std::string_view name) {
  for (const HeldModule& module : modules) {
    const std::string_view path = module.path;
    if (path == name || path.substr(path.rfind('/') + 1) == name || module.elf.soname() == name) {
      return true;
    }
  }
  return false;
}

void* look_up(void* scope, const char* name, const char* version) noexcept {
  return version == nullptr ? dlsym(scope, name) : dlvsym(scope, name, version);
}

}  // namespace

std::vector<FoundLibrary> find_libraries(const std::vector<Client>& clients,
                                         const std::vector<HeldModule>& modules) {
  std::vector<FoundLibrary> found;
  for (std::size_t c = 0; c < clients.size(); ++c) {
    for (std::size_t l = 0; l < clients[c].libraries.size(); ++l) {
      const Library& library = clients[c].libraries[l];
      if (library.is_linked || !is_loaded(modules, library.soname)) continue;
      ModuleHandle handle = ModuleHandle::of_loaded(library.soname.c_str());
      if (!handle) continue;
      const std::uintptr_t base = handle.base();
      const HeldModule* const home = module_at(modules, base, handle);
      if (home == nullptr) continue;  // came while we were looking: next time
      std::vector<void*> originals;
      originals.reserve(library.hooks.size());
      for (const Hook& hook : library.hooks) {
        // A handle's scope goes on with the library's dependencies, whose functions are not meant.
        void* const address = dlsym(handle.get(), hook.symbol);
        const bool is_own = home->elf.contains_code(reinterpret_cast<std::uintptr_t>(address));
        originals.push_back(is_own ? address : nullptr);
      }
      std::vector<void*> companions;
      companions.reserve(library.companions.size());
      for (const Companion& companion : library.companions) {
        companions.push_back(dlsym(handle.get(), companion.symbol));
      }
      found.push_back({c, l, std::move(handle), base, std::move(originals), std::move(companions)});
    }
  }
  dlerror();
  return found;
}

void* resolve_import(const ModuleHandle& program, const HeldModule& module,
                     const ImportSlot& slot) {
  const char* const name = slot.name.data();
  const char* const version = module.elf.symbol_version(slot.symbol);
  void* address = look_up(program.get(), name, version);
  if (address == nullptr) address = look_up(module.handle.get(), name, version);
  return address;
}

}  // namespace patching
XRAY_NAMESPACE_END
