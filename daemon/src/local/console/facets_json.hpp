// Facets as the console reads them.
#pragma once

#include <string>

#include "local/console/facets.hpp"

namespace xrayd::local {

inline constexpr std::size_t listed_facet_values = 20;

/// `{"Scanned":n,"Matched":n,"Complete":b,"Facets":{"Service":{"Values":[...],"Distinct":n},...}}`.
/// Values have Count and Filter; those of Service a Name and a Type (null where there is none),
/// those of Annotation a Key and a Value (as in filters: texts in quotation marks), the others a
/// Value.
[[nodiscard]] std::string facets_json(const FacetsAnswer& answer);

}  // namespace xrayd::local
