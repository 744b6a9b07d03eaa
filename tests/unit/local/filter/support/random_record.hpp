// Small records of anything that a record may hold, from few values, so that filters often match.
#pragma once

#include <random>

#include "local/trace/trace_record.hpp"

namespace xrayd::local::test {

[[nodiscard]] TraceRecord random_record(std::mt19937& random);

}  // namespace xrayd::local::test
