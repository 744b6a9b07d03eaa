// Times as the store keeps them.
#pragma once

#include "local/trace/trace_record.hpp"

namespace xrayd::local {

/// Rounds all times of the record, and what are lengths of time, to whole microseconds: to the very
/// numbers that come back when it is packed and unpacked. So sums to which it is added can take it
/// away again as it was read from a file, and filters see the same of live traces and stored ones.
void keep_microseconds(TraceRecord& record) noexcept;

}  // namespace xrayd::local
