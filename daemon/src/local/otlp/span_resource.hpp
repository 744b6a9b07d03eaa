// Whose span it is: the resource of a segment's spans.
#pragma once

#include <string>

#include "local/json/json.hpp"

namespace xrayd::local {

/// `{"attributes":[...]}` of a segment, in OTLP's JSON.
[[nodiscard]] std::string resource_json(const rapidjson::Value& segment);

}  // namespace xrayd::local
