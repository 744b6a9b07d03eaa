// Leads imports to wrappers, and back.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <xray/patch.hpp>

#include "patching/linked_hook.hpp"
#include "patching/survey.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {

/// Knows clients, and patches them in the modules of this process. Which slots are patched is kept
/// nowhere: a slot that contains a wrapper of ours is, and every operation looks at all of them
/// anew, for modules come and go.
///
/// Thread-safe. The process is looked at without the lock, which only guards the changes: nothing
/// asks the loader while it is held. All but the constructor may throw std::bad_alloc, and have
/// changed nothing then.
class Patcher {
 public:
  Patcher();
  Patcher(const Patcher&) = delete;
  Patcher& operator=(const Patcher&) = delete;
  /// Unpatches nothing.
  ~Patcher() = default;

  /// Makes a client known; patches nothing. A name that is known already is ignored: false.
  bool add(Client client);

  /// Makes known that the program contains a client, and where its functions are; patches nothing.
  /// False: no client has this name, or there is one already.
  bool link(const LinkedClient& linked);
  /// Patches that copy alone: microseconds, for the process is not looked at.
  void patch_linked(std::string_view client);

  /// Patches the clients of these names, or without names all but the internal ones.
  PatchReport patch(const std::vector<std::string_view>* names);
  /// Patches again what was asked for, in modules that came since.
  void patch_again();
  /// Unpatches everything.
  PatchReport unpatch();
  /// Changes nothing.
  PatchReport report();

  /// Whether a client that is patched wraps a function of this name.
  bool wraps(std::string_view symbol);
  /// The wrapper of a library's function, if its client is patched; else null.
  void* wrapper_of(const void* function);

  /// Around fork(), so that a child finds nothing locked by a thread it does not have.
  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  enum class Mode { patch, unpatch, look };
  struct ClientState {
    bool asked = false;
    std::vector<ModuleHandle> kept;  ///< of its libraries, so that they stay loaded
    std::vector<LinkedHook> linked;  ///< by what calls of the program's own copy go
  };
  struct Change {
    std::size_t slot;
    void* expected;
    void* value;
  };

  Survey survey();
  PatchReport run(Mode mode, const std::vector<std::string_view>* names);
  void ask(const Clients& clients, const std::vector<std::string_view>* names);
  void keep_libraries(Survey& survey);
  void switch_linked(Mode mode) noexcept;
  std::vector<Change> changes(const Survey& survey, Mode mode) const;
  [[nodiscard]] std::vector<bool> make(const Survey& survey,
                                       const std::vector<Change>& changes) const;

  std::mutex mutex_;
  std::shared_ptr<const Clients> clients_;  // replaced when one is added, never changed
  std::vector<ClientState> states_;         // as many
};

/// Whether this thread is inside a Patcher: what it asks of the loader is not the user's question.
bool is_patching() noexcept;

/// The process's own, behind patch_all(); never destroyed.
Patcher& process_patcher();

}  // namespace patching
XRAY_NAMESPACE_END
