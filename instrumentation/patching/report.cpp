#include "patching/report.hpp"

#include <algorithm>

#include "patching/memory_protection.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {
namespace {

void count_hooked(PatchedLibrary& library, const std::string& path) {
  ++library.slots;
  const std::string name = path.empty() ? "(program)" : path;
  for (PatchedModule& module : library.modules) {
    if (module.path != name) continue;
    ++module.slots;
    return;
  }
  library.modules.push_back({name, 1});
}

/// What one slot means for one client.
void count_slot(const Survey& survey, const FoundSlot& found, bool failed, std::size_t client,
                const std::vector<LinkedHook>& linked, PatchedClient& report) {
  if (survey.is_of_client(found.module, client)) return;
  for (const LinkedHook& hook : linked) {
    if (hook.slot == found.slot.address) return;  // counted with its copy
  }
  const void* const value = read_slot(found.slot.address);
  // Null: a weak import without a library.
  bool is_elsewhere = value != nullptr && value != found.wanted->stand_in;
  for (const Target& target : found.wanted->targets) {
    if (target.client != client) continue;
    if (value == target.hook->wrapper) {
      const FoundLibrary& library = survey.libraries[target.library];
      count_hooked(report.libraries[library.library], survey.modules[found.module].path);
      return;
    }
    if (value == target.original || survey.is_unbound(found, value, target.original)) {
      is_elsewhere = false;
    }
  }
  if (failed) ++report.slots_failed;
  if (is_elsewhere) ++report.slots_elsewhere;
}

/// The module that contains this copy: the program, or a library that was linked the same way.
std::string module_of(const Survey& survey, const LinkedHook& hook) {
  for (const HeldModule& module : survey.modules) {
    if (module.elf.contains(reinterpret_cast<std::uintptr_t>(hook.slot))) return module.path;
  }
  return std::string();
}

void count_linked(const Survey& survey, const std::vector<LinkedHook>& hooks,
                  PatchedLibrary& library) {
  library.loaded = true;
  for (const LinkedHook& hook : hooks) {
    if (hook.original == nullptr) continue;
    ++library.functions;
    if (hook.is_wrapped()) count_hooked(library, module_of(survey, hook));
  }
}

std::string sonames(const PatchedClient& client) {
  std::string list;
  for (const PatchedLibrary& library : client.libraries) {
    if (!list.empty()) list += ", ";
    list += library.soname;
  }
  return list;
}

void judge(PatchedClient& client, bool asked) {
  std::size_t slots = 0;
  bool is_loaded = false;
  for (const PatchedLibrary& library : client.libraries) {
    slots += library.slots;
    is_loaded = is_loaded || library.loaded;
  }
  if (slots != 0) {
    client.state = PatchState::hooked;
  } else if (!asked) {
    client.state = PatchState::not_asked;
    client.why = "not patched";
  } else if (client.slots_failed != 0) {
    client.state = PatchState::failed;
  } else if (!is_loaded) {
    client.state = PatchState::not_loaded;
    client.why = "not loaded: " + sonames(client) +
                 "; a program that contains the library itself is built with xray_patch()";
  } else {
    client.state = PatchState::not_imported;
    client.why = "loaded, but no module imports its functions by name";
  }
  if (!asked) return;
  const auto add = [&client](std::size_t count, const char* what) {
    if (count == 0) return;
    if (!client.why.empty()) client.why += "; ";
    client.why += std::to_string(count) + what;
  };
  add(client.slots_failed, " imports could not be changed: mprotect was refused");
  add(client.slots_elsewhere, " imports lead to other code than the library's and were left alone");
}

}  // namespace

PatchReport make_report(const Survey& survey, const std::vector<bool>& asked,
                        const std::vector<bool>& failed,
                        const std::vector<std::vector<LinkedHook>>& linked,
                        const std::vector<std::string_view>* names) {
  const Clients& clients = *survey.clients;
  std::vector<PatchedClient> all(clients.size());
  for (std::size_t c = 0; c < clients.size(); ++c) {
    all[c].name = clients[c].name;
    for (const Library& library : clients[c].libraries) {
      // The last ones are for one copy, however many versions it may have.
      if (library.is_linked && (linked[c].empty() || &library != &clients[c].libraries.back())) {
        continue;
      }
      PatchedLibrary entry;
      entry.soname = library.soname;
      all[c].libraries.push_back(std::move(entry));
    }
  }
  for (const FoundLibrary& found : survey.libraries) {
    PatchedLibrary& library = all[found.client].libraries[found.library];
    library.loaded = true;
    const auto missing = std::count(found.originals.begin(), found.originals.end(), nullptr);
    library.functions = found.originals.size() - static_cast<std::size_t>(missing);
  }
  for (std::size_t c = 0; c < clients.size(); ++c) {
    // The last of its entries.
    if (!linked[c].empty()) count_linked(survey, linked[c], all[c].libraries.back());
  }
  for (std::size_t s = 0; s < survey.slots.size(); ++s) {
    for (const std::size_t client : survey.slots[s].wanted->clients) {
      count_slot(survey, survey.slots[s], failed[s], client, linked[client], all[client]);
    }
  }
  PatchReport report;
  for (std::size_t c = 0; c < clients.size(); ++c) {
    if (clients[c].is_internal) continue;
    judge(all[c], asked[c]);
    report.clients.push_back(std::move(all[c]));
  }
  if (names == nullptr) return report;
  for (const std::string_view name : *names) {
    const auto has_name = [name](const Client& client) { return client.name == name; };
    if (std::any_of(clients.begin(), clients.end(), has_name) || report.find(name) != nullptr) {
      continue;
    }
    PatchedClient stranger;
    stranger.name = name;
    stranger.state = PatchState::unknown;
    stranger.why = "no client has this name";
    report.clients.push_back(std::move(stranger));
  }
  return report;
}

}  // namespace patching

const PatchedClient* PatchReport::find(std::string_view name) const noexcept {
  for (const PatchedClient& client : clients) {
    if (client.name == name) return &client;
  }
  return nullptr;
}

bool PatchReport::hooked(std::string_view name) const noexcept {
  const PatchedClient* const client = find(name);
  return client != nullptr && client->state == PatchState::hooked;
}

std::string PatchReport::to_string() const {
  std::string text;
  for (const PatchedClient& client : clients) {
    text += client.name;
    text += client.state == PatchState::hooked ? ": hooked" : ": not hooked";
    if (!client.why.empty()) text += " (" + client.why + ")";
    text += '\n';
    for (const PatchedLibrary& library : client.libraries) {
      if (!library.loaded) continue;
      text += "  " + library.soname + ": " + std::to_string(library.functions) + " functions, " +
              std::to_string(library.slots) + " imports";
      for (const PatchedModule& module : library.modules) {
        text += (&module == library.modules.data() ? " in " : ", ") + module.path;
      }
      text += '\n';
    }
  }
  return text;
}

XRAY_NAMESPACE_END
