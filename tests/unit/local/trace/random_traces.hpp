// Traces of all sorts, right and wrong, for properties that hold for every one.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "local/trace/trace_record.hpp"

namespace xrayd::local {

/// Documents of one trace: segments and parts that name each other, themselves, nobody or each
/// other in circles as parents; ids used twice; parts in progress. For each id and kind there is at
/// most one complete document and one in progress, so that the order of arrival must not matter.
std::vector<std::string> random_trace(std::uint32_t seed);

/// What of a record is against its contract, whatever the documents; empty if nothing is.
std::string what_is_wrong_with(const TraceRecord& record, const RecordLimits& limits);

}  // namespace xrayd::local
