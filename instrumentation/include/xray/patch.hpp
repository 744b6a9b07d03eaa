// Clients that trace themselves: calls of libraries in this process become subsegments.
#ifndef XRAY_PATCH_HPP
#define XRAY_PATCH_HPP

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <xray/config.hpp>

/// Of the instrumentation's functions, which are compiled whatever form the SDK has.
#define XRAY_INSTRUMENTATION_DECL __attribute__((visibility("default")))

XRAY_NAMESPACE_BEGIN

/// What became of one client.
enum class PatchState {
  hooked,        ///< at least one import leads to our wrapper
  not_asked,     ///< known, and not (or no longer) patched
  not_loaded,    ///< none of its libraries is in the process; one linked statically can't be seen
  not_imported,  ///< loaded, but no module imports what we wrap
  failed,        ///< imports were found that could not be changed
  unknown,       ///< no client has this name
};

/// One module of the process that calls a client.
struct PatchedModule {
  std::string path;       ///< as the loader has it; of the program itself, "(program)"
  std::size_t slots = 0;  ///< pointers in it that lead to our wrappers
};

/// One library of a client, such as libcurl-gnutls.so.4.
struct PatchedLibrary {
  std::string soname;
  bool loaded = false;
  std::size_t functions = 0;  ///< of those that we wrap, how many it has
  std::size_t slots = 0;      ///< over all modules
  std::vector<PatchedModule> modules;
};

/// One client, such as "curl".
struct PatchedClient {
  std::string name;
  PatchState state = PatchState::not_asked;
  std::string why;  ///< in words, why it is not (wholly) hooked; empty if it is
  std::vector<PatchedLibrary> libraries;
  /// Imports of the same names that were left alone, as they lead to other code: a copy of the
  /// library in the program, or another tool's hook.
  std::size_t slots_elsewhere = 0;
  std::size_t slots_failed = 0;  ///< imports whose memory could not be made writable
};

/// What is hooked, what was found and why something was not.
struct PatchReport {
  std::vector<PatchedClient> clients;

  /// The client of this name, or null.
  [[nodiscard]] XRAY_INSTRUMENTATION_DECL const PatchedClient* find(
      std::string_view name) const noexcept;
  /// Whether calls of this client are traced.
  [[nodiscard]] XRAY_INSTRUMENTATION_DECL bool hooked(std::string_view name) const noexcept;
  /// For a log: a line a client, one below it for each library that is loaded.
  [[nodiscard]] XRAY_INSTRUMENTATION_DECL std::string to_string() const;
};

/// How much of an SQL statement is recorded.
enum class SqlText {
  as_configured,  ///< by AWS_XRAY_COLLECT_SQL_QUERIES; without it as `sanitised`
  sanitised,      ///< `?` in place of every value, no comments
  raw,            ///< as the program wrote it, with its users' values
  none,           ///< nothing
};

struct PatchOptions {
  /// Goes on by itself with what is dlopen()ed later: dlsym is hooked too, looks (20 ns) whether
  /// modules have come and patches those first; asked for a function that we wrap, in a library
  /// given by its handle, it gives the wrapper. Without it: patch again after dlopen().
  bool follow_dlopen = false;
  /// HTTP calls to these hosts, or to these paths of any host, are neither recorded nor given a
  /// trace header: patterns with `*` and `?`, in either case of letters. Said once, it goes for the
  /// calls from then on; empty leaves in force what was said before, or by
  /// AWS_XRAY_EXCLUDED_HOSTS and AWS_XRAY_EXCLUDED_PATHS.
  std::vector<std::string> excluded_hosts;
  std::vector<std::string> excluded_paths;
  /// Said once likewise.
  SqlText sql = SqlText::as_configured;
};

/// Redirects the calls that any module of this process makes to the clients we know, by name and at
/// run time: nothing need be linked or rebuilt. Only what leads to the client's own library is
/// redirected; a call by a pointer that was copied before (but for those the loader itself fills
/// in) is not. Calling it again adds what came since. Clients that are not there yet are hooked
/// when patched again (or followed). Where AWS_XRAY_PATCH names clients, it is only those.
///
/// These functions are thread-safe, may be called while other threads call the clients, and throw
/// nothing: out of memory, the report is empty. They take 2 to 3 ms and the loader's lock, so don't
/// call them in a signal handler. While a client is patched its library is not unloaded. A call
/// that another thread makes at the same moment for the first time through a lazily bound import
/// may undo the redirection of that import: patch again.
XRAY_INSTRUMENTATION_DECL PatchReport patch_all(const PatchOptions& options = PatchOptions());

/// The same for some: `patch({"curl", "sqlite3"})`.
XRAY_INSTRUMENTATION_DECL PatchReport patch(std::initializer_list<std::string_view> clients,
                                            const PatchOptions& options = PatchOptions());

/// Leads every import back to the client's own function, and follows no longer. What is inside a
/// wrapper at that moment goes on to its end.
XRAY_INSTRUMENTATION_DECL PatchReport unpatch_all();

/// What is hooked at this moment: every module is looked through anew.
XRAY_INSTRUMENTATION_DECL PatchReport patched();

XRAY_NAMESPACE_END

#endif  // XRAY_PATCH_HPP
