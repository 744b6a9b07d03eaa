// What a service says of single documents in an answer that is otherwise good.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "backlog/batch.hpp"

namespace xrayd::forward {

/// One document that was not processed.
struct UnprocessedEntry {
  /// Where in the batch it is; `nowhere` if that can't be said.
  std::size_t document = nowhere;
  /// As the service has them; empty where it has none.
  std::string id;
  std::string code;
  std::string message;
  /// It would be taken at another time.
  bool throttled = false;

  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
};

/// Reads UnprocessedTraceSegments of an answer to PutTraceSegments and finds the documents that are
/// meant: each is named once at most, and there are no more entries than documents. An answer that
/// can't be read names none: the service has said that it took the request.
[[nodiscard]] std::vector<UnprocessedEntry> read_unprocessed(std::string_view answer,
                                                             const backlog::Batch& batch);

/// The value of `"trace_id"` in an escaped document, for the log; empty if there is none or it has
/// other characters than ids have.
[[nodiscard]] std::string_view trace_id_of(std::string_view escaped);

}  // namespace xrayd::forward
