// Filter expressions: which traces somebody wants to see.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "local/trace/trace_record.hpp"

namespace xrayd::local {

/// What is wrong with an expression, and where.
struct FilterError {
  /// From 1, as X-Ray counts; the position counts characters, not bytes.
  std::size_t line = 1;
  std::size_t position = 1;
  /// What is wrong there, in a few words for people: `expected a number`.
  std::string what;
  /// As X-Ray says it: `Error Location: line 1, position 48 : Invalid input symbol: '<expression>'`
  /// followed by what is wrong.
  std::string message;
};

/// What a group's name or ARN stands for; nothing where there is no such group.
using GroupFilters = std::function<std::optional<std::string>(std::string_view name_or_arn)>;

/// Something that every trace that matches has: stores look these up in an index first. All of them
/// must hold.
struct FilterTerm {
  enum class Kind {
    /// A service of that name is in the trace, whatever its type, or one that a caller calls so
    /// (RecordCall::alias): indexes need both.
    service,
    /// An annotation has that key and value.
    annotation,
    /// A segment has that user.
    user,
    /// The root segment's URL, method, status.
    http_url,
    http_method,
    http_status,
    /// TraceRecord::outcome says so, or not: the value is a bool.
    fault,
    error,
    throttle,
  };
  Kind kind = Kind::service;
  /// Of annotations.
  std::string key;
  std::variant<std::string, double, bool> value;

  friend bool operator==(const FilterTerm&, const FilterTerm&) = default;
};

/// A parsed expression. Immutable; any number of threads may use one at a time. Copies are cheap.
class Filter {
 public:
  static constexpr std::size_t max_bytes = 8192;
  /// Of parentheses, blocks and negations within each other.
  static constexpr std::size_t max_depth = 100;

  /// Matches everything.
  Filter() = default;

  /// An empty or blank expression matches everything. `groups` is asked while parsing, for
  /// `group.name` and `group.arn`; a group that is unknown, or stands for itself, is an error.
  [[nodiscard]] static std::variant<Filter, FilterError> parse(std::string_view expression,
                                                               const GroupFilters& groups);

  /// `account` is that of nodes that name none. Allocates nothing for records within
  /// RecordLimits.
  [[nodiscard]] bool matches(const TraceRecord& record, std::string_view account = {}) const;
  /// True where everything matches.
  [[nodiscard]] bool is_everything() const noexcept;
  /// Found in `AND`s at the top only, at most 32; empty tells nothing.
  [[nodiscard]] const std::vector<FilterTerm>& terms() const noexcept;

 private:
  struct Expression;
  explicit Filter(std::shared_ptr<const Expression> expression);
  std::shared_ptr<const Expression> expression_;  // null: everything
};

}  // namespace xrayd::local
