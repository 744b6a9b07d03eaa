#include "web/site.hpp"

#include <exception>
#include <string>
#include <utility>

#include "config/log.hpp"
#include "web/console_assets.hpp"
#include "web/health.hpp"
#include "web/metrics.hpp"
#include "web/xray_api.hpp"

namespace xrayd::web {

Site::Site(SiteSettings settings, local::Backend& backend)
    : host_check_(std::move(settings.hosts)),
      console_dir_(std::move(settings.console_dir)),
      report_(std::move(settings.report)),
      backend_(backend) {
  router_.add("/healthz", "GET", [](const Request&) { return healthz(); });
  router_.add("/readyz", "GET", [this](const Request&) { return readyz(backend_.trouble()); });
  router_.add("/metrics", "GET", [this](const Request&) {
    CounterRows rows;
    report_(rows);
    return metrics(rows);
  });
  for (const ConsoleFile& file : console_files()) {
    router_.add(std::string(file.path), "GET", [this, &file](const Request& request) {
      return console_response(file, request, console_dir_);
    });
  }
}

Response Site::handle(const Request& request) const {
  Response response;
  try {
    if (auto refusal = host_check_.check(request)) {
      response = *std::move(refusal);
    } else {
      response = router_.route(request,
                               [this](const Request& other) { return xray_api(other, backend_); });
    }
  } catch (const std::exception& problem) {
    log::error(std::string("a request failed: ") + problem.what());
    response = text_response(500, "this request failed; the log says why");
  }
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return response;
}

std::uint64_t Site::body_limit(std::string_view path) {
  constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;
  return path == "/TraceSegments" ? 16 * mebibyte : mebibyte;
}

bool Site::is_quick(std::string_view path) {
  return path == "/healthz" || path == "/readyz" || path == "/metrics";
}

}  // namespace xrayd::web
