#include "local/filter/keywords.hpp"

#include <algorithm>
#include <array>

namespace xrayd::local::filters {
namespace {

constexpr std::uint8_t bits(Scope scope) {
  return static_cast<std::uint8_t>(scope);
}

constexpr std::uint8_t calls = bits(Scope::service) | bits(Scope::edge);
constexpr std::uint8_t anywhere = bits(Scope::trace) | calls;
constexpr std::uint8_t entities = bits(Scope::cause_entity) | bits(Scope::slow_entity);
constexpr std::uint8_t services = bits(Scope::cause_service);
constexpr std::uint8_t exceptions = bits(Scope::cause_exception);
constexpr std::uint8_t paths = services | entities;

constexpr std::array<KeywordRow, 28> rows = {{
    {"ok", Keyword::ok, ValueKind::boolean, anywhere},
    {"error", Keyword::error, ValueKind::boolean, anywhere},
    {"fault", Keyword::fault, ValueKind::boolean, anywhere},
    {"throttle", Keyword::throttle, ValueKind::boolean, anywhere},
    {"partial", Keyword::partial, ValueKind::boolean, anywhere},
    {"coldstart", Keyword::cold_start, ValueKind::boolean, anywhere},
    {"inferred", Keyword::inferred, ValueKind::boolean, calls | paths},
    {"first", Keyword::first, ValueKind::boolean, calls | paths | exceptions},
    {"last", Keyword::last, ValueKind::boolean, calls | paths | exceptions},
    {"remote", Keyword::remote, ValueKind::boolean, calls | paths},
    {"root", Keyword::root, ValueKind::boolean, calls | services},
    {"responsetime", Keyword::response_time, ValueKind::number, anywhere},
    {"duration", Keyword::duration, ValueKind::number, anywhere},
    {"http.status", Keyword::http_status, ValueKind::number, anywhere},
    {"index", Keyword::index, ValueKind::number, calls | paths | exceptions},
    {"coverage", Keyword::coverage, ValueKind::number, bits(Scope::slow_entity)},
    {"http.url", Keyword::http_url, ValueKind::text, anywhere},
    {"http.method", Keyword::http_method, ValueKind::text, anywhere},
    {"http.useragent", Keyword::http_user_agent, ValueKind::text, anywhere},
    {"http.clientip", Keyword::http_client_ip, ValueKind::text, anywhere},
    {"user", Keyword::user, ValueKind::text, anywhere},
    {"name", Keyword::name, ValueKind::text, anywhere | paths | exceptions},
    {"type", Keyword::type, ValueKind::text, anywhere | services},
    {"message", Keyword::message, ValueKind::text, anywhere | exceptions},
    {"availabilityzone", Keyword::availability_zone, ValueKind::text, anywhere},
    {"instance.id", Keyword::instance_id, ValueKind::text, anywhere},
    {"resource.arn", Keyword::resource_arn, ValueKind::text, anywhere},
    {"account.id", Keyword::account_id, ValueKind::text, anywhere | services},
}};

constexpr std::array<Operator, 2> of_booleans = {Operator::equal, Operator::not_equal};
constexpr std::array<Operator, 6> of_numbers = {Operator::equal,   Operator::not_equal,
                                                Operator::less,    Operator::less_or_equal,
                                                Operator::greater, Operator::greater_or_equal};
constexpr std::array<Operator, 5> of_texts = {Operator::equal, Operator::not_equal,
                                              Operator::contains, Operator::begins_with,
                                              Operator::ends_with};
constexpr std::array<Operator, 9> of_annotations = {
    Operator::equal,    Operator::not_equal,     Operator::less,
    Operator::greater,  Operator::less_or_equal, Operator::greater_or_equal,
    Operator::contains, Operator::begins_with,   Operator::ends_with};

constexpr std::array<Scope, 7> all_scopes = {
    Scope::trace,        Scope::service,     Scope::edge,           Scope::cause_service,
    Scope::cause_entity, Scope::slow_entity, Scope::cause_exception};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool same_word(std::string_view text, std::string_view lower_case) noexcept {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return lower(a) == b; });
}

std::span<const KeywordRow> keyword_rows() noexcept {
  return rows;
}

const KeywordRow* find_keyword(std::string_view name) noexcept {
  const auto* found = std::find_if(
      rows.begin(), rows.end(), [&](const KeywordRow& row) { return same_word(name, row.name); });
  return found == rows.end() ? nullptr : found;
}

std::optional<Operator> word_operator(std::string_view word) noexcept {
  if (same_word(word, "contains")) return Operator::contains;
  if (same_word(word, "beginswith")) return Operator::begins_with;
  if (same_word(word, "endswith")) return Operator::ends_with;
  return std::nullopt;
}

std::string_view operator_text(Operator op) noexcept {
  switch (op) {
    case Operator::none:
      break;
    case Operator::equal:
      return "=";
    case Operator::not_equal:
      return "!=";
    case Operator::less:
      return "<";
    case Operator::less_or_equal:
      return "<=";
    case Operator::greater:
      return ">";
    case Operator::greater_or_equal:
      return ">=";
    case Operator::contains:
      return "CONTAINS";
    case Operator::begins_with:
      return "BEGINSWITH";
    case Operator::ends_with:
      return "ENDSWITH";
  }
  return "";
}

std::span<const Operator> operators_of(ValueKind kind) noexcept {
  switch (kind) {
    case ValueKind::boolean:
      return of_booleans;
    case ValueKind::number:
      return of_numbers;
    case ValueKind::text:
      return of_texts;
    case ValueKind::any:
      break;
  }
  return of_annotations;
}

bool takes(ValueKind kind, Operator op) noexcept {
  const auto operators = operators_of(kind);
  return std::find(operators.begin(), operators.end(), op) != operators.end();
}

std::string_view scope_text(Scope scope) noexcept {
  switch (scope) {
    case Scope::trace:
      return "filters of whole traces";
    case Scope::service:
      return "service(...) { }";
    case Scope::edge:
      return "edge(...) { }";
    case Scope::cause_service:
      return "rootcause.*.service { }";
    case Scope::cause_entity:
      return "rootcause.*.entity { }";
    case Scope::slow_entity:
      return "rootcause.responsetime.entity { }";
    case Scope::cause_exception:
      return "rootcause.*.exception { }";
  }
  return "";
}

std::string scopes_text(const KeywordRow& row) {
  std::string text;
  for (const Scope scope : all_scopes) {
    // What stands in every entity needs no mention of the slow ones.
    const bool told = scope == Scope::slow_entity && row.stands_in(Scope::cause_entity);
    if (!row.stands_in(scope) || told) continue;
    if (!text.empty()) text += " or ";
    text += scope_text(scope);
  }
  return text;
}

}  // namespace xrayd::local::filters
