// A trace as a line of the console's list: a tenth of what GetTraceSummaries says of it.
#pragma once

#include "local/json/json.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local {

/// `{"Id":"1-...","Start":t,"Duration":s,"ResponseTime":s,"Fault":b,"Error":b,"Throttle":b,
/// "Partial":b,"Service":"...","Method":"...","Url":"...","Status":n,"Annotations":n}`. Members
/// that are absent, empty, 0 or false are left out, but for Id and Start. Service is where the
/// trace began, Annotations how many keys there are.
void write_trace_row(JsonWriter& writer, const TraceRecord& record);

}  // namespace xrayd::local
