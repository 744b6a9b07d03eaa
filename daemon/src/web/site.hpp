// Everything that the TCP port answers, apart from the sockets.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "counter_row.hpp"
#include "local/backend.hpp"
#include "web/host_check.hpp"
#include "web/request.hpp"
#include "web/response.hpp"
#include "web/router.hpp"

namespace xrayd::web {

struct SiteSettings {
  HostPolicy hosts;
  /// Empty: the console that was compiled in.
  std::filesystem::path console_dir;
  /// Rows of the daemon's other parts for /metrics.
  std::function<void(CounterRows&)> report;
};

/// `/healthz`, `/readyz`, `/metrics`, the console's files and the X-Ray API.
class Site {
 public:
  /// `backend` must outlive this.
  Site(SiteSettings settings, local::Backend& backend);

  /// Thread-safe. May block as Backend::call() does. A failure inside is a 500 without details.
  [[nodiscard]] Response handle(const Request& request) const;

  /// Largest body that a path takes, in bytes: 16 MiB for PutTraceSegments, 1 MiB otherwise.
  [[nodiscard]] static std::uint64_t body_limit(std::string_view path);

  /// Health and metrics, which nothing may delay.
  [[nodiscard]] static bool is_quick(std::string_view path);

 private:
  HostCheck host_check_;
  std::filesystem::path console_dir_;
  std::function<void(CounterRows&)> report_;
  local::Backend& backend_;
  Router router_;
};

}  // namespace xrayd::web
