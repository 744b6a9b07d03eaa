// The words of filter expressions: what each takes, and where it may stand.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace xrayd::local::filters {

enum class Keyword : std::uint8_t {
  ok,
  error,
  fault,
  throttle,
  partial,
  cold_start,
  inferred,
  first,
  last,
  remote,
  root,
  response_time,
  duration,
  http_status,
  index,
  coverage,
  http_url,
  http_method,
  http_user_agent,
  http_client_ip,
  user,
  name,
  type,
  message,
  availability_zone,
  instance_id,
  resource_arn,
  account_id,
  annotation,
};

enum class ValueKind : std::uint8_t {
  boolean,
  number,
  text,
  /// Of annotations: its value tells what is meant.
  any,
};

/// What a part of an expression speaks of.
enum class Scope : std::uint8_t {
  trace = 1,
  /// `service(...) {}`: a segment of the node.
  service = 2,
  /// `edge(...) {}`: a call.
  edge = 4,
  /// `rootcause.*.service {}` and so on: an element of a path.
  cause_service = 8,
  cause_entity = 16,
  cause_exception = 32,
  /// `rootcause.responsetime.entity {}`: an entity with a coverage.
  slow_entity = 64,
};

enum class Operator : std::uint8_t {
  /// The keyword alone: it is true, or there is such a thing.
  none,
  equal,
  not_equal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  contains,
  begins_with,
  ends_with,
};

struct KeywordRow {
  std::string_view name;
  Keyword keyword;
  ValueKind kind;
  /// Scopes, added up.
  std::uint8_t scopes;

  [[nodiscard]] bool stands_in(Scope scope) const noexcept {
    return (scopes & static_cast<std::uint8_t>(scope)) != 0;
  }
};

/// All but annotations, whose names go on with a key.
[[nodiscard]] std::span<const KeywordRow> keyword_rows() noexcept;
/// By name, in any case; null if there is none.
[[nodiscard]] const KeywordRow* find_keyword(std::string_view name) noexcept;

/// `CONTAINS`, `BEGINSWITH`, `ENDSWITH`, in any case.
[[nodiscard]] std::optional<Operator> word_operator(std::string_view word) noexcept;
[[nodiscard]] std::string_view operator_text(Operator op) noexcept;
[[nodiscard]] std::span<const Operator> operators_of(ValueKind kind) noexcept;
[[nodiscard]] bool takes(ValueKind kind, Operator op) noexcept;

/// For people: `a trace`, `service(...) { }`.
[[nodiscard]] std::string_view scope_text(Scope scope) noexcept;
/// For people: `edge(...) { } or rootcause.*.service { }`.
[[nodiscard]] std::string scopes_text(const KeywordRow& row);

/// Letters of ASCII in lower case compare the same in any case.
[[nodiscard]] bool same_word(std::string_view text, std::string_view lower_case) noexcept;

}  // namespace xrayd::local::filters
