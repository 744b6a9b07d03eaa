#include "web/site.hpp"

#include <exception>
#include <string>
#include <utility>

#include "config/log.hpp"
#include "web/console_api.hpp"
#include "web/console_assets.hpp"
#include "web/health.hpp"
#include "web/metrics.hpp"
#include "web/xray_api.hpp"

namespace xrayd::web {

Site::Site(SiteSettings settings, local::Backend* backend)
    : settings_(std::move(settings)), host_check_(settings_.hosts), backend_(backend) {
  router_.add("/healthz", "GET", [](const Request&) { return healthz(); });
  router_.add("/readyz", "GET", [this](const Request&) { return readyz(settings_.trouble()); });
  router_.add("/metrics", "GET", [this](const Request&) {
    CounterRows rows;
    settings_.report(rows);
    return metrics(rows);
  });
  if (backend_ != nullptr) add_console();
}

void Site::add_console() {
  for (const ConsoleFile& file : console_files()) {
    router_.add(std::string(file.path), "GET", [this, &file](const Request& request) {
      return console_response(file, request, settings_.console_dir);
    });
  }
  const std::string base = "/console/api/v1/";
  router_.add(base + "traces", "GET", [this](const Request& request) {
    return console_answer(local::ConsoleQuestion::traces, request, *backend_);
  });
  router_.add(base + "facets", "GET", [this](const Request& request) {
    return console_answer(local::ConsoleQuestion::facets, request, *backend_);
  });
  router_.add(base + "tail", "GET", [this](const Request& request) {
    return console_answer(local::ConsoleQuestion::tail, request, *backend_);
  });
  router_.add(base + "completion", "GET", [this](const Request& request) {
    return console_answer(local::ConsoleQuestion::completion, request, *backend_);
  });
  router_.add(base + "documents", "GET", [this](const Request& request) {
    return console_answer(local::ConsoleQuestion::documents, request, *backend_);
  });
  router_.add(base + "clear", "POST", [this](const Request&) { return clear_traces(*backend_); });
  router_.add(base + "daemon", "GET", [this](const Request&) {
    DaemonState state{settings_.backend_kind, settings_.trouble(), {}};
    settings_.report(state.rows);
    return daemon_state(state);
  });
}

Response Site::handle(const Request& request) const {
  Response response;
  try {
    if (auto refusal = host_check_.check(request)) {
      response = *std::move(refusal);
    } else {
      if (settings_.pass_on && !is_quick(request.path)) {
        // As AWS gave it, with nothing added.
        if (auto passed = settings_.pass_on(request)) return *std::move(passed);
      }
      response = answer(request);
    }
  } catch (const std::exception& problem) {
    log::error(std::string("a request failed: ") + problem.what());
    response = text_response(500, "this request failed; the log says why");
  }
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  return response;
}

Response Site::answer(const Request& request) const {
  return router_.route(request, [this](const Request& other) {
    if (backend_ != nullptr) return xray_api(other, *backend_);
    if (other.path == "/" && other.method == "GET") {
      return text_response(200,
                           "xrayd forwards segments to AWS; its console comes with --backend "
                           "local or both. See /healthz, /readyz and /metrics.");
    }
    return text_response(
        404,
        "this daemon passes POST /GetSamplingRules and POST /SamplingTargets on, nothing else");
  });
}

std::uint64_t Site::body_limit(std::string_view path) {
  constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;
  return path == "/TraceSegments" ? 16 * mebibyte : mebibyte;
}

bool Site::is_quick(std::string_view path) {
  return path == "/healthz" || path == "/readyz" || path == "/metrics";
}

}  // namespace xrayd::web
