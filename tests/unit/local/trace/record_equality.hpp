// Records compared part by part.
#pragma once

#include <cmath>
#include <optional>

#include "local/trace/trace_record.hpp"

namespace xrayd::local {

/// Fails the running test where they differ in anything but `texts` and `keeps`.
void expect_equal(const TraceRecord& actual, const TraceRecord& expected);

/// The record as it comes back from packing, which knows times to the microsecond. Points into
/// `record`, which must stay.
TraceRecord rounded(const TraceRecord& record);

}  // namespace xrayd::local
