// Everything that patching needs to know of the process, found out without any lock of ours.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "patching/resolver.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {

using Clients = std::vector<Client>;

/// A hook of a library that is in the process.
struct Target {
  std::size_t client = 0;   ///< index among the clients
  std::size_t library = 0;  ///< index among the survey's libraries
  const Hook* hook = nullptr;
  void* original = nullptr;
};

/// All that is known of one name.
struct WantedSymbol {
  std::vector<std::size_t> clients;  ///< that wrap a function of this name, loaded or not
  std::vector<Target> targets;       ///< in libraries that are loaded
  /// In a program that is not position-independent: the piece of it that stands for the function
  /// wherever its address is asked for, and jumps on through the program's own slot.
  void* stand_in = nullptr;
};

/// An import of a wanted name.
struct FoundSlot {
  std::size_t module = 0;  ///< index among the survey's modules
  ImportSlot slot;
  const WantedSymbol* wanted = nullptr;
  /// Where it would lead at its first call; null if it has been called, or leads nowhere.
  void* resolved = nullptr;
};

/// A picture of the process; everything in it stays loaded as long as the picture is there. What a
/// slot contains is not part of it.
struct Survey {
  std::shared_ptr<const Clients> clients;
  ModuleHandle program;
  std::vector<HeldModule> modules;
  std::vector<FoundLibrary> libraries;
  std::unordered_map<std::string_view, WantedSymbol> symbols;
  std::vector<FoundSlot> slots;  ///< by address, ascending

  /// Whether this module is one of the client's libraries: those call their own functions.
  [[nodiscard]] bool is_of_client(std::size_t module, std::size_t client) const noexcept;
  /// Whether a slot that contains `value` waits for its first call, which would be `original`'s.
  [[nodiscard]] bool is_unbound(const FoundSlot& slot, const void* value,
                                const void* original) const noexcept;

  /// `module_libraries[m]`: clients that module m is a library of.
  std::vector<std::vector<std::size_t>> module_libraries;
};

/// Looks around. Takes the loader's lock again and again; hold no other. Throws std::bad_alloc.
Survey survey_process(std::shared_ptr<const Clients> clients);

}  // namespace patching
XRAY_NAMESPACE_END
