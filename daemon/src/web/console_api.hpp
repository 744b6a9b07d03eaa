// What the console asks beyond the X-Ray API: /console/api/v1/...
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "counter_row.hpp"
#include "local/backend.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace xrayd::web {

/// The parameters of a query, `a=b&c=d`, percent-decoded, `+` a blank; of two with one name the
/// last one counts. Nothing where an escape is none.
[[nodiscard]] std::optional<local::ConsoleParameters> parse_query(std::string_view query);

/// Asks the backend. Blocks as Backend::call() does. Errors are JSON with a `Message`, as the
/// API's.
[[nodiscard]] Response console_answer(local::ConsoleQuestion question, const Request& request,
                                      local::Backend& backend);

/// Removes all traces. Blocks while it does.
[[nodiscard]] Response clear_traces(local::Backend& backend);

struct DaemonState {
  /// `local` or `both`.
  std::string_view backend;
  /// Empty, or why the daemon can't do its work at present.
  std::string trouble;
  CounterRows rows;
};

/// `{"Version":"...","Backend":"...","Trouble":null,"Figures":[{"Name","Labels","Help","Value",
/// "Kind"},...]}`: the rows of /metrics that are for people; Kind is `counter` or `gauge`.
[[nodiscard]] Response daemon_state(const DaemonState& state);

}  // namespace xrayd::web
