#include "patching/held_modules.hpp"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>

#include <exception>
#include <new>

XRAY_NAMESPACE_BEGIN
namespace patching {
namespace {

struct SeenModule {
  std::string path;
  std::uintptr_t base = 0;
};

struct SeenModules {
  std::vector<SeenModule> modules;
  bool complete = true;
};

// What belongs to the loader is read under its locks, of which the thread sanitizer knows nothing:
// these two keep its eyes off.
[[gnu::no_sanitize("thread"), gnu::noinline]] std::uintptr_t base_of(const link_map* map) noexcept {
  return map->l_addr;
}

/// Copies at most `size` - 1 characters and a NUL; false if there are more.
[[gnu::no_sanitize("thread"), gnu::noinline]] bool copy_text(const volatile char* from, char* to,
                                                             std::size_t size) noexcept {
  for (std::size_t i = 0; i < size; ++i) {
    to[i] = from[i];
    if (to[i] == '\0') return true;
  }
  to[0] = '\0';
  return false;
}

/// Under the loader's lock: notes what is there and leaves; an exception must not cross C code.
int note_module(dl_phdr_info* info, std::size_t /*size*/, void* argument) noexcept {
  auto* const seen = static_cast<SeenModules*>(argument);
  char path[PATH_MAX];
  if (info->dlpi_name == nullptr || !copy_text(info->dlpi_name, path, sizeof path)) return 0;
  try {
    seen->modules.push_back({path, info->dlpi_addr});
    return 0;
  } catch (const std::exception&) {
    seen->complete = false;
    return 1;
  }
}

struct WantedModule {
  std::uintptr_t base = 0;
  std::vector<ElfW(Phdr)> segments;
};

int copy_segments(dl_phdr_info* info, std::size_t /*size*/, void* argument) noexcept {
  auto* const wanted = static_cast<WantedModule*>(argument);
  if (info->dlpi_addr != wanted->base) return 0;
  try {
    wanted->segments.assign(info->dlpi_phdr, info->dlpi_phdr + info->dlpi_phnum);
  } catch (const std::exception&) {
    wanted->segments.clear();
  }
  return 1;
}

}  // namespace

ModuleHandle::~ModuleHandle() {
  if (handle_ != nullptr) dlclose(handle_);
}

ModuleHandle ModuleHandle::of_loaded(const char* name) noexcept {
  return ModuleHandle(dlopen(name, RTLD_LAZY | RTLD_NOLOAD));
}

std::uintptr_t ModuleHandle::base() const noexcept {
  link_map* map = nullptr;
  if (handle_ == nullptr || dlinfo(handle_, RTLD_DI_LINKMAP, &map) != 0 || map == nullptr) return 0;
  return base_of(map);
}

std::vector<HeldModule> hold_loaded_modules() {
  SeenModules seen;
  seen.modules.reserve(128);  // so that little is allocated under the loader's lock
  dl_iterate_phdr(&note_module, &seen);
  if (!seen.complete) throw std::bad_alloc();
  std::vector<HeldModule> held;
  held.reserve(seen.modules.size());
  bool is_first = true;
  for (SeenModule& module : seen.modules) {
    // The program comes first and has no name. What else has none is no file.
    const bool is_program = std::exchange(is_first, false);
    if (!is_program && module.path.empty()) continue;
    ModuleHandle handle = ModuleHandle::of_loaded(is_program ? nullptr : module.path.c_str());
    // Gone meanwhile, or another file of the same name by now.
    if (!handle || handle.base() != module.base) continue;
    WantedModule wanted{module.base, {}};
    dl_iterate_phdr(&copy_segments, &wanted);
    auto elf = ElfModule::read(module.base, wanted.segments.data(), wanted.segments.size());
    if (!elf) continue;
    held.push_back({std::move(module.path), std::move(handle), *std::move(elf)});
  }
  dlerror();  // ours, not the user's
  return held;
}

unsigned long long modules_ever_loaded() noexcept {
  unsigned long long count = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t /*size*/, void* argument) noexcept {
        *static_cast<unsigned long long*>(argument) = info->dlpi_adds;
        return 1;
      },
      &count);
  return count;
}

}  // namespace patching
XRAY_NAMESPACE_END
