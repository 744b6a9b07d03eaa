// What traces can be found by: a number for each service, annotation, user and so on that they
// have, and lists of the traces that have it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "local/filter/filter.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local {

/// Of the kind, the key and the value; the same in every version that knows this form of file.
using Term = std::int64_t;

/// Stands for every term: traces that have more than are worth it are listed here alone.
inline constexpr Term any_term = 0;
inline constexpr std::size_t max_terms = 200;

/// Replaces `terms` by those of the record, sorted, each once.
void terms_of(const TraceRecord& record, std::vector<Term>& terms);

/// Nothing where the index doesn't help.
std::optional<Term> term_of(const FilterTerm& term);

/// Keys in rising order.
void pack_keys(std::span<const std::int64_t> keys, std::string& out);
/// Appends to `keys`. False where the bytes make no sense.
[[nodiscard]] bool unpack_keys(std::span<const std::byte> bytes, std::vector<std::int64_t>& keys);

}  // namespace xrayd::local
