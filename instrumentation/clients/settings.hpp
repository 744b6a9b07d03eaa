// What may be recorded of calls, and of which.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <xray/patch.hpp>

#include "sql/collection.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {

struct Settings {
  /// Patterns with `*` and `?`, in either case of letters.
  std::vector<std::string> excluded_hosts;
  std::vector<std::string> excluded_paths;
  sql::Collection sql = sql::Collection::sanitised;
  /// `host:port` whose calls are never traced: Lambda's runtime, and the daemon's TCP side.
  std::string lambda_runtime_api;
  std::string daemon;
  /// Names by AWS_XRAY_PATCH; empty: all.
  std::vector<std::string> clients;
  bool no_clients = false;  ///< AWS_XRAY_PATCH=none
};

/// The settings in force: at first the environment's, read once. The reference stays good as long
/// as the process lives. Never throws: out of memory, everything is at its default. Any thread.
const Settings& settings() noexcept;

/// What a program says in code goes before the environment, and stays said: a list that is empty
/// leaves in force what was there. May throw std::bad_alloc, and has changed nothing then.
void change_settings(const PatchOptions& options);

}  // namespace clients
XRAY_NAMESPACE_END
