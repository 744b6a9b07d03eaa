// One function of a client that the program contains.
#pragma once

#include <string_view>
#include <vector>

#include "patching/hook_table.hpp"
#include "patching/memory_protection.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {

struct LinkedHook {
  void** slot = nullptr;
  void* wrapper = nullptr;
  void* original = nullptr;

  [[nodiscard]] bool is_wrapped() const noexcept { return read_slot(slot) == wrapper; }
  /// Other threads call by it meanwhile.
  void set(void* function) const noexcept { replace_in_slot(slot, read_slot(slot), function); }
};

inline const LinkedFunction* find_function(const LinkedClient& linked,
                                           std::string_view symbol) noexcept {
  for (std::size_t f = 0; f < linked.count; ++f) {
    const LinkedFunction& function = linked.functions[f];
    if (symbol == function.symbol) return function.address != nullptr ? &function : nullptr;
  }
  return nullptr;
}

inline bool is_meant(const Library& library, const LinkedClient& linked) noexcept {
  return library.only_with == nullptr || find_function(linked, library.only_with) != nullptr;
}

/// Gives the wrappers of `library` their originals in the program, and tells by what they are
/// reached; without functions that either of the two has not. Throws std::bad_alloc.
inline std::vector<LinkedHook> link_hooks(const Library& library, const LinkedClient& linked) {
  std::vector<LinkedHook> hooks;
  hooks.reserve(linked.count);
  for (const Hook& hook : library.hooks) {
    const LinkedFunction* const found = find_function(linked, hook.symbol);
    if (found == nullptr) continue;
    hook.original->set(found->address);
    if (found->slot != nullptr) hooks.push_back({found->slot, hook.wrapper, found->address});
  }
  for (const Companion& companion : library.companions) {
    const LinkedFunction* const found = find_function(linked, companion.symbol);
    if (found != nullptr) companion.original->set(found->address);
  }
  return hooks;
}

}  // namespace patching
XRAY_NAMESPACE_END
