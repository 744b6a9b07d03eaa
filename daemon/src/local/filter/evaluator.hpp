// Whether a trace is what an expression asks for.
//
// A keyword that may have several values (names and annotations of a whole trace) is compared one
// by one, and one that passes is enough: `name != "a"` holds where something has another name.
// Nothing that is absent passes any comparison, `!=` least of all; `!(user = "a")` holds without a
// user. Annotations are compared with values of their own type only.
//
// A block is asked for one thing at a time: `service("a") { fault AND http.status = 500 }` wants
// one segment with both, and so for calls and for parts of root causes. `index`, `first` and `last`
// count what the block is asked for: in `service` and `edge` all that they select, in the record's
// order (segments: by start time); in root causes the services of a cause, the entities of a
// service's path, the exceptions of an entity.
#pragma once

#include <string_view>

#include "local/filter/expression.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local::filters {

/// Allocates nothing, but for records of more than 1024 nodes. `account` is that of nodes that name
/// none.
[[nodiscard]] bool holds(const Expression& expression, const TraceRecord& record,
                         std::string_view account);

}  // namespace xrayd::local::filters
