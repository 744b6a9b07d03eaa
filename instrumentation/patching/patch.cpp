#include <xray/patch.hpp>

#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <exception>

#include <xray/impl/keep_loaded.hpp>

#include "patching/follow.hpp"
#include "patching/patcher.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {
namespace {

Patcher* make_process_patcher() {
  auto* const patcher = new Patcher;
  patcher->add(follow_client());
  return patcher;
}

/// Whatever is done: no exception leaves, errno stays as it was.
template <typename Action>
PatchReport quietly(Action&& action) noexcept {
  const int error = errno;
  PatchReport report;
  try {
    report = action();
  } catch (const std::exception&) {
    report = PatchReport();
  }
  errno = error;
  return report;
}

PatchReport patch_named(const std::vector<std::string_view>* names, const PatchOptions& options) {
  Patcher& patcher = process_patcher();
  if (options.follow_dlopen) {
    const std::vector<std::string_view> follow{follow_name};
    patcher.patch(&follow);
  }
  return patcher.patch(names);
}

}  // namespace

Patcher& process_patcher() {
  // Wrappers and fork handlers are called from everywhere, so this module stays. Before the statics
  // are made, for that takes the loader's lock: a library's constructor may hold it and come here.
  static std::atomic<bool> is_kept{false};
  if (!is_kept.load(std::memory_order_acquire)) {
    detail::keep_loaded(&make_process_patcher);
    is_kept.store(true, std::memory_order_release);
  }
  static Patcher* const patcher = make_process_patcher();
  static const int watched =
      pthread_atfork([] { process_patcher().lock(); }, [] { process_patcher().unlock(); },
                     [] { process_patcher().unlock(); });
  static_cast<void>(watched);
  return *patcher;
}

}  // namespace patching

PatchReport patch_all(const PatchOptions& options) {
  return patching::quietly([&options] { return patching::patch_named(nullptr, options); });
}

PatchReport patch(std::initializer_list<std::string_view> clients, const PatchOptions& options) {
  return patching::quietly([&clients, &options] {
    const std::vector<std::string_view> names(clients);
    return patching::patch_named(&names, options);
  });
}

PatchReport unpatch_all() {
  return patching::quietly([] { return patching::process_patcher().unpatch(); });
}

PatchReport patched() {
  return patching::quietly([] { return patching::process_patcher().report(); });
}

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
