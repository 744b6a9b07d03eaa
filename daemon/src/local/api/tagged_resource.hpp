// Resources that have tags, whichever part keeps them: groups and sampling rules.
#pragma once

#include <functional>
#include <string>

#include "local/api/operation.hpp"

namespace xrayd::local::api {

/// Of ResourceARN, as the service model has it.
inline constexpr Lengths resource_arn_lengths{1, 1011};

/// Throws ApiError where there is no such resource.
[[nodiscard]] Tags tags_of(const Services& services, const std::string& arn);

/// Puts what `change` makes of the tags in their place. Throws ApiError where there is no such
/// resource or it can't have them.
void change_tags(Services& services, const std::string& arn,
                 const std::function<Tags(Tags)>& change);

}  // namespace xrayd::local::api
