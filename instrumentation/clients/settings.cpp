#include "clients/settings.hpp"

#include <atomic>
#include <exception>
#include <memory>
#include <utility>

#include <xray/impl/daemon_address.hpp>
#include <xray/impl/diagnostics.hpp>
#include <xray/impl/environment.hpp>

#include "clients/environment.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace {

// Threads may be reading any that was ever in force, so none is destroyed.
std::atomic<const Settings*> in_force{nullptr};

std::vector<std::string> names_by_commas(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view name = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    const std::size_t begin = name.find_first_not_of(" \t");
    if (begin == std::string_view::npos) continue;
    name = name.substr(begin, name.find_last_not_of(" \t") - begin + 1);
    names.emplace_back(name);
  }
  return names;
}

std::string daemon_address() {
  detail::DaemonAddressReader reader;
  const auto address = reader.read(detail::environment(detail::Variable::AWS_XRAY_DAEMON_ADDRESS));
  const detail::HostPort tcp = address ? address->tcp : detail::DaemonAddress().tcp;
  return tcp.host + ":" + tcp.port;
}

Settings of_environment() {
  Settings settings;
  settings.excluded_hosts = names_by_commas(environment(Variable::AWS_XRAY_EXCLUDED_HOSTS));
  settings.excluded_paths = names_by_commas(environment(Variable::AWS_XRAY_EXCLUDED_PATHS));
  const auto collection =
      sql::parse_collection(environment(Variable::AWS_XRAY_COLLECT_SQL_QUERIES));
  if (!collection) {
    detail::log_line(
        "xray: AWS_XRAY_COLLECT_SQL_QUERIES is neither true nor false: values are left out");
  }
  settings.sql = collection.value_or(sql::Collection::sanitised);
  settings.lambda_runtime_api = detail::environment(detail::Variable::AWS_LAMBDA_RUNTIME_API);
  settings.daemon = daemon_address();
  settings.clients = names_by_commas(environment(Variable::AWS_XRAY_PATCH));
  if (settings.clients.size() == 1 && settings.clients[0] == "all") settings.clients.clear();
  settings.no_clients = settings.clients.size() == 1 && settings.clients[0] == "none";
  return settings;
}

const Settings& first_settings() {
  auto made = std::make_unique<const Settings>(of_environment());
  const Settings* known = nullptr;
  // Without a lock, which a child of fork() might find taken.
  return in_force.compare_exchange_strong(known, made.get()) ? *made.release() : *known;
}

sql::Collection collection_of(SqlText text, sql::Collection otherwise) {
  switch (text) {
    case SqlText::as_configured:
      break;
    case SqlText::sanitised:
      return sql::Collection::sanitised;
    case SqlText::raw:
      return sql::Collection::raw;
    case SqlText::none:
      return sql::Collection::none;
  }
  return otherwise;
}

}  // namespace

const Settings& settings() noexcept {
  const Settings* const known = in_force.load(std::memory_order_acquire);
  if (known != nullptr) return *known;
  try {
    return first_settings();
  } catch (const std::exception&) {
    static const Settings defaults;
    return defaults;
  }
}

void change_settings(const PatchOptions& options) {
  const Settings& before = settings();
  if (options.excluded_hosts.empty() && options.excluded_paths.empty() &&
      options.sql == SqlText::as_configured) {
    return;
  }
  auto changed = std::make_unique<Settings>(before);
  if (!options.excluded_hosts.empty()) changed->excluded_hosts = options.excluded_hosts;
  if (!options.excluded_paths.empty()) changed->excluded_paths = options.excluded_paths;
  changed->sql = collection_of(options.sql, changed->sql);
  in_force.store(changed.release(), std::memory_order_release);
}

}  // namespace clients
XRAY_NAMESPACE_END
