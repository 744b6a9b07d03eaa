#include "patching/patcher.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <optional>

#include "patching/hook_changes.hpp"
#include "patching/memory_protection.hpp"
#include "patching/report.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {
namespace {

thread_local unsigned patching_depth = 0;

struct PatchingScope {
  PatchingScope() noexcept { ++patching_depth; }
  PatchingScope(const PatchingScope&) = delete;
  PatchingScope& operator=(const PatchingScope&) = delete;
  ~PatchingScope() { --patching_depth; }
};

/// Where /proc can't be read, by what the module says of itself.
int protection_of(const MemoryMap& map, const Survey& survey, const FoundSlot& slot) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(slot.slot.address);
  if (const auto known = map.protection(address)) return *known;
  return survey.modules[slot.module].elf.is_relro(address) ? PROT_READ : PROT_READ | PROT_WRITE;
}

}  // namespace

bool is_patching() noexcept {
  return patching_depth != 0;
}

Patcher::Patcher() : clients_(std::make_shared<const Clients>()) {
}

bool Patcher::add(Client client) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const Client& known : *clients_) {
    if (known.name == client.name) return false;
  }
  auto clients = std::make_shared<Clients>(*clients_);
  states_.reserve(clients->size() + 1);
  ClientState state;
  state.kept.resize(client.libraries.size());
  clients->push_back(std::move(client));
  states_.push_back(std::move(state));
  clients_ = std::move(clients);
  return true;
}

bool Patcher::link(const LinkedClient& linked) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (std::size_t c = 0; c < clients_->size(); ++c) {
    if ((*clients_)[c].name != linked.client) continue;
    if (!states_[c].linked.empty()) return false;
    for (const Library& library : (*clients_)[c].libraries) {
      if (!library.is_linked || !is_meant(library, linked)) continue;
      states_[c].linked = link_hooks(library, linked);
      break;
    }
    return !states_[c].linked.empty();
  }
  return false;
}

void Patcher::patch_linked(std::string_view client) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::vector<std::string_view> names{client};
  ask(*clients_, &names);
  switch_linked(Mode::patch);
}

PatchReport Patcher::patch(const std::vector<std::string_view>* names) {
  return run(Mode::patch, names);
}

void Patcher::patch_again() {
  const std::vector<std::string_view> none_besides;
  run(Mode::patch, &none_besides);
}

PatchReport Patcher::unpatch() {
  return run(Mode::unpatch, nullptr);
}

PatchReport Patcher::report() {
  return run(Mode::look, nullptr);
}

Survey Patcher::survey() {
  std::shared_ptr<const Clients> clients;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    clients = clients_;
  }
  return survey_process(std::move(clients));
}

PatchReport Patcher::run(Mode mode, const std::vector<std::string_view>* names) {
  const PatchingScope scope;
  Survey seen = survey();  // given back at the very end: closing a module takes the loader's lock
  const Clients& clients = *seen.clients;
  std::vector<ModuleHandle> released;
  std::vector<bool> asked(clients.size());
  std::vector<bool> failed(seen.slots.size());
  std::vector<std::vector<LinkedHook>> linked(clients.size());
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const ClientState& state : states_) released.reserve(released.size() + state.kept.size());
    for (std::size_t c = 0; c < clients.size(); ++c) linked[c] = states_[c].linked;
    if (mode == Mode::patch) {
      ask(clients, names);
      keep_libraries(seen);
    }
    const std::vector<Change> list = changes(seen, mode);
    std::optional<HookChanges> under_way;
    if (!list.empty()) under_way.emplace(mode == Mode::unpatch);
    failed = make(seen, list);
    switch_linked(mode);
    for (std::size_t c = 0; c < states_.size(); ++c) {
      if (mode == Mode::unpatch) {
        states_[c].asked = false;
        for (ModuleHandle& handle : states_[c].kept) released.push_back(std::move(handle));
      }
      if (c < asked.size()) asked[c] = states_[c].asked;
    }
  }
  return make_report(seen, asked, failed, linked, names);
}

void Patcher::ask(const Clients& clients, const std::vector<std::string_view>* names) {
  for (std::size_t c = 0; c < clients.size(); ++c) {
    if (names == nullptr) {
      if (!clients[c].is_internal) states_[c].asked = true;
    } else if (std::find(names->begin(), names->end(), clients[c].name) != names->end()) {
      states_[c].asked = true;
    }
  }
}

void Patcher::keep_libraries(Survey& survey) {
  for (FoundLibrary& found : survey.libraries) {
    ClientState& state = states_[found.client];
    if (!state.asked) continue;
    // One reference of two goes back with the survey.
    std::swap(state.kept[found.library], found.handle);
    const Library& library = (*survey.clients)[found.client].libraries[found.library];
    for (std::size_t h = 0; h < library.hooks.size(); ++h) {
      if (found.originals[h] != nullptr) library.hooks[h].original->set(found.originals[h]);
    }
    for (std::size_t f = 0; f < library.companions.size(); ++f) {
      library.companions[f].original->set(found.companions[f]);
    }
  }
}

void Patcher::switch_linked(Mode mode) noexcept {
  if (mode == Mode::look) return;
  const bool takes_away = mode == Mode::unpatch;
  std::optional<HookChanges> under_way;
  for (const ClientState& state : states_) {
    if (!takes_away && !state.asked) continue;
    for (const LinkedHook& hook : state.linked) {
      if (hook.is_wrapped() != takes_away) continue;
      if (!under_way) under_way.emplace(takes_away);
      hook.set(takes_away ? hook.original : hook.wrapper);
    }
  }
}

std::vector<Patcher::Change> Patcher::changes(const Survey& survey, Mode mode) const {
  std::vector<Change> list;
  if (mode == Mode::look) return list;
  for (std::size_t s = 0; s < survey.slots.size(); ++s) {
    const FoundSlot& found = survey.slots[s];
    void* const value = read_slot(found.slot.address);
    for (const Target& target : found.wanted->targets) {
      if (mode == Mode::unpatch) {
        if (value == target.hook->wrapper) list.push_back({s, value, target.original});
        continue;
      }
      if (!states_[target.client].asked || value == target.hook->wrapper ||
          survey.is_of_client(found.module, target.client)) {
        continue;
      }
      if (value == target.original || survey.is_unbound(found, value, target.original)) {
        list.push_back({s, value, target.hook->wrapper});
        break;
      }
    }
  }
  return list;
}

std::vector<bool> Patcher::make(const Survey& survey, const std::vector<Change>& changes) const {
  std::vector<bool> failed(survey.slots.size());
  if (changes.empty()) return failed;
  // Read under the lock, or it might show a page that another thread has open for a moment.
  const MemoryMap map = MemoryMap::read();
  std::optional<WritablePage> page;
  for (const Change& change : changes) {
    const FoundSlot& found = survey.slots[change.slot];
    const auto address = reinterpret_cast<std::uintptr_t>(found.slot.address);
    if (!page || !page->contains(address)) {
      page.reset();  // closed before the next one is opened
      page.emplace(address, protection_of(map, survey, found));
    }
    if (!page->writable()) {
      failed[change.slot] = true;
      continue;
    }
    if (replace_in_slot(found.slot.address, change.expected, change.value)) continue;
    // The loader has bound it since we read it: to the function itself, if to anything of ours.
    for (const Target& target : found.wanted->targets) {
      if (change.value == target.hook->wrapper) {
        replace_in_slot(found.slot.address, target.original, change.value);
      }
    }
  }
  return failed;
}

bool Patcher::wraps(std::string_view symbol) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (std::size_t c = 0; c < clients_->size(); ++c) {
    if (!states_[c].asked || (*clients_)[c].is_internal) continue;
    for (const Library& library : (*clients_)[c].libraries) {
      for (const Hook& hook : library.hooks) {
        if (symbol == hook.symbol) return true;
      }
    }
  }
  return false;
}

void* Patcher::wrapper_of(const void* function) {
  if (function == nullptr) return nullptr;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (std::size_t c = 0; c < clients_->size(); ++c) {
    if (!states_[c].asked || (*clients_)[c].is_internal) continue;
    const Client& client = (*clients_)[c];
    for (std::size_t l = 0; l < client.libraries.size(); ++l) {
      if (!states_[c].kept[l]) continue;  // an address of what is gone may be another's by now
      for (const Hook& hook : client.libraries[l].hooks) {
        if (hook.original->get() == function) return hook.wrapper;
      }
    }
  }
  return nullptr;
}

}  // namespace patching
XRAY_NAMESPACE_END
