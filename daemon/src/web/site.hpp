// Everything that the TCP port answers, apart from the sockets.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
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
  /// Empty, or why the daemon can't do its work at present.
  std::function<std::string()> trouble;
  /// Asked about everything but `/healthz`, `/readyz` and `/metrics`, if it is set: what AWS
  /// answers a request that is passed on to it, or nothing where it isn't.
  std::function<std::optional<Response>(const Request&)> pass_on = {};
  /// `local` or `both`, for the console.
  std::string_view backend_kind = "local";
};

/// `/healthz`, `/readyz`, `/metrics`, what is passed on to AWS and, with a local backend, the
/// console's files, its questions and the X-Ray API.
class Site {
 public:
  /// `backend` must outlive this; null if there is none.
  Site(SiteSettings settings, local::Backend* backend);

  /// Thread-safe. May block as Backend::call() does. A failure inside is a 500 without details.
  [[nodiscard]] Response handle(const Request& request) const;

  /// Largest body that a path takes, in bytes: 16 MiB for PutTraceSegments, 1 MiB otherwise.
  [[nodiscard]] static std::uint64_t body_limit(std::string_view path);

  /// Health and metrics, which nothing may delay.
  [[nodiscard]] static bool is_quick(std::string_view path);

 private:
  void add_console();
  [[nodiscard]] Response answer(const Request& request) const;

  SiteSettings settings_;
  HostCheck host_check_;
  local::Backend* backend_;
  Router router_;
};

}  // namespace xrayd::web
