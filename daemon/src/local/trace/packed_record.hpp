// Records as bytes: what the store keeps of a trace beside its documents.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "local/trace/dictionary.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local {

/// Appends to `out`. Texts that many records share (names, types, keys, methods, origins) go into
/// the dictionary where it takes them; URLs, values, users and messages go into the bytes.
///
/// Everything of the record but `texts` and `keeps` is written. Times and coverages come back
/// rounded to the microsecond (the millionth); those that are no number as 0, those beyond some
/// 12,000 years as that. Segments must have a node. What else points nowhere (calls and causes
/// without a node, annotations and messages without a segment) is left out.
void pack_record(const TraceRecord& record, Dictionary& dictionary, std::string& out);

/// False where the bytes are no record (damaged, of a later version, with numbers that the
/// dictionary lacks): `record` is then of no use. Where it is true, every index in the record is
/// good: segments, calls and causes have nodes, annotations and messages have segments; a call's
/// own segments and `root_segment` may be no_index.
///
/// Never reads past the bytes, never allocates more than some 80 times as much as they are. The
/// record holds on to the dictionary; to the bytes only by a copy of its own. `record` may be one
/// that was used before: its lists' memory is used again.
[[nodiscard]] bool unpack_record(std::span<const std::byte> bytes,
                                 const std::shared_ptr<const Dictionary>& dictionary,
                                 TraceRecord& record);

}  // namespace xrayd::local
