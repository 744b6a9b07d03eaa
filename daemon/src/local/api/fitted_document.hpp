// Documents of retrieved traces have a largest size.
#pragma once

#include <cstddef>
#include <string>

namespace xrayd::local::api {

/// In bytes, as the service model says.
inline constexpr std::size_t max_span_document = 204'800;

/// The document itself where it is short enough. Otherwise the parts that only people read are left
/// out, the largest kind first, then the parts below it, and at last everything but ids, times and
/// the name, until it fits. It is JSON, of a segment or of a span.
[[nodiscard]] std::string fitted_document(std::string document,
                                          std::size_t limit = max_span_document);

}  // namespace xrayd::local::api
