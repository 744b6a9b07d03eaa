// The summary of a trace: what lists and filters look at.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "local/compiled_trace.hpp"
#include "local/trace_tree.hpp"

namespace xrayd::local {

/// So many different annotations of a trace are listed; further ones stay in the documents only.
inline constexpr std::size_t max_listed_annotations = 50;
/// Services, users and resources: the first ones, in the order of their names.
inline constexpr std::size_t max_listed_items = 100;

/// One element of `TraceSummaries`. Takes id and times from `trace`.
std::string trace_summary_json(const TraceTree& tree, const CompiledTrace& trace,
                               std::int64_t revision);

/// Cut to max_name_characters.
std::string_view entity_name(const Entity& entity) noexcept;

/// Differences of times carry the noise of large doubles; what is below a microsecond is noise.
double whole_microseconds(double seconds) noexcept;

}  // namespace xrayd::local
