// What AWS_XRAY_EXCLUDED_HOSTS and AWS_XRAY_EXCLUDED_PATHS keep out of documents.
#pragma once

#include <xray/instrumentation/http_parts.hpp>

#include "clients/curl/called_url.hpp"
#include "clients/settings.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {

inline bool is_excluded(const CalledUrl& url) noexcept {
  const Settings& known = settings();
  return detail::matches_any(known.excluded_hosts, url.name) ||
         detail::matches_any(known.excluded_paths, url.path);
}

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
