// The way from the root of a trace to what made it slow.
#pragma once

#include <vector>

#include "local/trace/root_cause_places.hpp"

namespace xrayd::local {

/// Empty where nothing but the root itself took more than half of its time.
std::vector<PathStep> response_time_path(const RootCausePlaces& places);

}  // namespace xrayd::local
