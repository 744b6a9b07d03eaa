// JSON text to RapidJSON values, in one pass without recursion.
#pragma once

#include <rapidjson/document.h>

#include <cstddef>
#include <string_view>

#include "local/json/json.hpp"

namespace xrayd::local {

using JsonPool = rapidjson::MemoryPoolAllocator<>;

/// What the values of `text` will take in a pool, roughly; never much more than the text allows.
[[nodiscard]] std::size_t json_bytes(std::string_view text) noexcept;

/// Reads `text` as ParsedJson::parse() says. What `root` becomes lies in `pool`, but for its longer
/// texts: those without escapes stay where they are in `text`. Sets `root` only where there is no
/// fault. Thread-safe.
JsonFault parse_json(std::string_view text, std::size_t max_depth, JsonPool& pool,
                     rapidjson::Value& root);

}  // namespace xrayd::local
