// Completions of filters as the console reads them.
#pragma once

#include <string>

#include "local/filter/completion.hpp"

namespace xrayd::local {

/// `{"Begin":n,"End":n,"Typed":"...","Offers":[{"Kind":"Keyword","Text":"http.url","Of":null}]}`.
/// Begin and End count characters. Text is null where the store must be asked: facets know
/// services, annotations and values. Kind is Keyword, Operator, Connective, Value, ServiceName,
/// ServiceType, Account, AnnotationKey or Group.
[[nodiscard]] std::string completion_json(const FilterCompletion& completion);

}  // namespace xrayd::local
