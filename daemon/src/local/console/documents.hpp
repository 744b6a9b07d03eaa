// Documents as they were received: what `xrayd export` writes.
#pragma once

#include <string>

#include "local/console/console_parameters.hpp"
#include "local/filter/filter.hpp"
#include "local/store/store.hpp"

namespace xrayd::local {

/// Parameters: `start` and `end`, seconds since 1970, of the time that lists show a trace at
/// (everything), `filter`, `group`, `cursor`: what the page before gave as Next. A page has some
/// 2 MiB, or what is found in a tenth of a second. Throws ConsoleError, and SqliteError where the
/// store can't be read. `{"Traces":[{"Id":"1-...","Documents":["..."]}],"Next":"..."}`; Next is
/// null in the last page. A trace may come twice: among the live ones, which come first, and once
/// more among those on disk.
[[nodiscard]] std::string answer_documents(const Store& store, const GroupFilters& groups,
                                           const ConsoleParameters& parameters);

}  // namespace xrayd::local
