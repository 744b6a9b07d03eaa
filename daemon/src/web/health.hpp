// Whether the daemon lives, and whether it can do its work.
#pragma once

#include <string>

#include "web/response.hpp"

namespace xrayd::web {

/// The process answers; nothing else is said.
[[nodiscard]] inline Response healthz() {
  return text_response(200, "ok");
}

/// `trouble` is empty, or why documents can't be stored or sent at present (503).
[[nodiscard]] inline Response readyz(const std::string& trouble) {
  return trouble.empty() ? text_response(200, "ready")
                         : text_response(503, "not ready: " + trouble);
}

}  // namespace xrayd::web
