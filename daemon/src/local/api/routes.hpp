// Which operation stands behind which path.
#pragma once

#include <span>
#include <string_view>

#include "local/api/operation.hpp"

namespace xrayd::local::api {

struct Route {
  std::string_view path;
  Operation operation;
};

/// All that there are.
[[nodiscard]] std::span<const Route> routes() noexcept;

/// Null if there is none.
[[nodiscard]] Operation operation_at(std::string_view path) noexcept;

}  // namespace xrayd::local::api
