#include "patching/survey.hpp"

#include <algorithm>
#include <bitset>

#include "patching/memory_protection.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {
namespace {

using Symbols = std::unordered_map<std::string_view, WantedSymbol>;

/// The names, and how they begin: modules import thousands of others, and most are told by that.
class WantedNames {
 public:
  explicit WantedNames(const Symbols& symbols) : symbols_(symbols) {
    for (const auto& symbol : symbols) beginnings_.set(beginning_of(symbol.first));
  }

  static bool has(std::string_view name, const void* names) {
    const auto& self = *static_cast<const WantedNames*>(names);
    return self.beginnings_.test(beginning_of(name)) && self.symbols_.count(name) != 0;
  }

 private:
  static std::size_t beginning_of(std::string_view name) noexcept {
    const auto at = [name](std::size_t i) -> unsigned {
      return i < name.size() ? static_cast<unsigned char>(name[i]) : 0U;
    };
    return at(0) << 8U | at(1);
  }

  const Symbols& symbols_;
  std::bitset<65536> beginnings_;
};

Symbols wanted_symbols(const Clients& clients, const std::vector<FoundLibrary>& libraries) {
  Symbols symbols;
  for (std::size_t c = 0; c < clients.size(); ++c) {
    for (const Library& library : clients[c].libraries) {
      for (const Hook& hook : library.hooks) {
        std::vector<std::size_t>& of = symbols[hook.symbol].clients;
        if (of.empty() || of.back() != c) of.push_back(c);
      }
    }
  }
  for (std::size_t l = 0; l < libraries.size(); ++l) {
    const FoundLibrary& found = libraries[l];
    const Library& library = clients[found.client].libraries[found.library];
    for (std::size_t h = 0; h < library.hooks.size(); ++h) {
      if (found.originals[h] == nullptr) continue;
      symbols[library.hooks[h].symbol].targets.push_back(
          {found.client, l, &library.hooks[h], found.originals[h]});
    }
  }
  return symbols;
}

/// Where the loader would lead a slot.
void* resolve(const Survey& survey, const FoundSlot& slot) {
  const HeldModule& module = survey.modules[slot.module];
  void* const address = resolve_import(survey.program, module, slot.slot);
  if (address == nullptr || address != slot.wanted->stand_in) return address;
  // For calls, the loader passes over the stand-in.
  for (const Target& target : slot.wanted->targets) {
    const ModuleHandle& library = survey.libraries[target.library].handle;
    if (resolve_import(library, module, slot.slot) == target.original) return target.original;
  }
  return nullptr;
}

}  // namespace

bool Survey::is_of_client(std::size_t module, std::size_t client) const noexcept {
  const std::vector<std::size_t>& of = module_libraries[module];
  return std::find(of.begin(), of.end(), client) != of.end();
}

bool Survey::is_unbound(const FoundSlot& slot, const void* value,
                        const void* original) const noexcept {
  return slot.resolved == original && is_before_first_call(modules[slot.module].elf, slot.slot,
                                                           reinterpret_cast<std::uintptr_t>(value));
}

Survey survey_process(std::shared_ptr<const Clients> clients) {
  Survey survey;
  survey.clients = std::move(clients);
  survey.program = ModuleHandle::of_loaded(nullptr);
  survey.modules = hold_loaded_modules();
  survey.libraries = find_libraries(*survey.clients, survey.modules);
  survey.symbols = wanted_symbols(*survey.clients, survey.libraries);
  const WantedNames wanted_names(survey.symbols);
  survey.module_libraries.resize(survey.modules.size());
  for (std::size_t m = 0; m < survey.modules.size(); ++m) {
    const HeldModule& module = survey.modules[m];
    for (const FoundLibrary& library : survey.libraries) {
      if (library.handle.get() == module.handle.get()) {
        survey.module_libraries[m].push_back(library.client);
      }
    }
    for (const ImportSlot& slot : import_slots(module.elf, &WantedNames::has, &wanted_names)) {
      WantedSymbol& wanted = survey.symbols.find(slot.name)->second;
      const ElfW(Sym)* const symbol = module.elf.symbol(slot.symbol);
      if (module.path.empty() && symbol->st_shndx == SHN_UNDEF && symbol->st_value != 0) {
        wanted.stand_in = reinterpret_cast<void*>(module.elf.base() + symbol->st_value);
      }
      survey.slots.push_back({m, slot, &wanted, nullptr});
    }
  }
  for (FoundSlot& slot : survey.slots) {
    const auto value = reinterpret_cast<std::uintptr_t>(read_slot(slot.slot.address));
    if (is_before_first_call(survey.modules[slot.module].elf, slot.slot, value)) {
      slot.resolved = resolve(survey, slot);
    }
  }
  std::sort(survey.slots.begin(), survey.slots.end(),
            [](const FoundSlot& a, const FoundSlot& b) { return a.slot.address < b.slot.address; });
  return survey;
}

}  // namespace patching
XRAY_NAMESPACE_END
