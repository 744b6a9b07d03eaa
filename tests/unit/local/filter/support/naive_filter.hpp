// Filters once more, as plainly as they can be said: what the real ones are compared with.
#pragma once

#include <random>
#include <string>
#include <variant>
#include <vector>

#include "local/filter/filter.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local::test {

using NaiveValue = std::variant<bool, double, std::string>;

struct NaiveNode {
  std::string name;
  std::string type;
  std::string account;
};

struct NaiveFilter {
  enum class Kind { all, any, negation, predicate, service, edge, cause };
  Kind kind = Kind::predicate;
  /// Of predicates: as in expressions; annotations are `annotation`, `source.annotation` and so on,
  /// with their key apart.
  std::string keyword;
  std::string key;
  /// Empty for a keyword alone.
  std::string op;
  NaiveValue value;
  NaiveNode source;
  NaiveNode target;
  /// Of root causes: `fault`, `entity`.
  std::string cause;
  std::string part;
  /// Of service, edge and cause: none or one, the block.
  std::vector<NaiveFilter> children;
};

/// As an expression; blanks, cases and signs by chance.
[[nodiscard]] std::string text_of(const NaiveFilter& filter, std::mt19937& random);

[[nodiscard]] bool naive_matches(const NaiveFilter& filter, const TraceRecord& record,
                                 const std::string& account);

/// Whether a trace has what the term says.
[[nodiscard]] bool naive_has(const FilterTerm& term, const TraceRecord& record);

}  // namespace xrayd::local::test
