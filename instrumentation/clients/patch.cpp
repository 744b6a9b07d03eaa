// patch_all() and its like: the clients we know, and what the program says about them.
#include <xray/patch.hpp>

#include <algorithm>
#include <cerrno>
#include <exception>

#include "clients/known_clients.hpp"
#include "clients/settings.hpp"
#include "patching/follow.hpp"
#include "patching/linked.hpp"
#include "patching/patcher.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace {

patching::Patcher& patcher_of_clients() {
  static patching::Patcher& patcher = []() -> patching::Patcher& {
    patching::Patcher& made = patching::process_patcher();
    for (patching::Client& client : known_clients()) made.add(std::move(client));
    return made;
  }();
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

std::vector<std::string_view> names_of(const Settings& settings) {
  if (settings.no_clients) return {};
  return {settings.clients.begin(), settings.clients.end()};
}

PatchReport patch_named(const std::vector<std::string_view>* names, const PatchOptions& options) {
  patching::Patcher& patcher = patcher_of_clients();
  change_settings(options);
  if (options.follow_dlopen) {
    const std::vector<std::string_view> follow{patching::follow_name};
    patcher.patch(&follow);
  }
  return patcher.patch(names);
}

}  // namespace

void start_linked_client(const patching::LinkedClient& linked) noexcept {
  quietly([&linked] {
    patching::Patcher& patcher = patcher_of_clients();
    if (!patcher.link(linked)) return PatchReport();
    const Settings& given = settings();
    const std::vector<std::string_view> names = names_of(given);
    if (given.clients.empty() ||
        std::find(names.begin(), names.end(), linked.client) != names.end()) {
      patcher.patch_linked(linked.client);
    }
    return PatchReport();
  });
}

}  // namespace clients

PatchReport patch_all(const PatchOptions& options) {
  return clients::quietly([&options] {
    const clients::Settings& settings = clients::settings();
    if (settings.clients.empty()) return clients::patch_named(nullptr, options);
    const std::vector<std::string_view> names = clients::names_of(settings);
    return clients::patch_named(&names, options);
  });
}

PatchReport patch(std::initializer_list<std::string_view> names, const PatchOptions& options) {
  return clients::quietly([&names, &options] {
    const std::vector<std::string_view> list(names);
    return clients::patch_named(&list, options);
  });
}

PatchReport unpatch_all() {
  return clients::quietly([] { return clients::patcher_of_clients().unpatch(); });
}

PatchReport patched() {
  return clients::quietly([] { return clients::patcher_of_clients().report(); });
}

XRAY_NAMESPACE_END
