// JSON text as a metadata value.
#pragma once

#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN

/// Marks a text as JSON, for Entity::add_metadata: an object, array or scalar that is recorded as
/// such rather than as one long string. The text is copied by the call and checked when the
/// document is written; what is not JSON, or nested deeper than 256, is recorded as a string and
/// counted in Statistics::metadata_invalid.
struct Json {
  constexpr explicit Json(std::string_view json) noexcept : text(json) {}
  std::string_view text;
};

XRAY_NAMESPACE_END
