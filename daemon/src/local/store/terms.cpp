#include "local/store/terms.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "local/packing/bytes.hpp"

namespace xrayd::local {
namespace {

constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15U;

std::uint64_t mix(std::uint64_t sum, std::uint64_t word) noexcept {
  sum = (sum ^ word) * multiplier;
  return sum ^ (sum >> 29U);
}

std::uint64_t mix(std::uint64_t sum, std::string_view text) noexcept {
  sum = mix(sum, text.size());
  while (!text.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = std::min(text.size(), sizeof word);
    std::memcpy(&word, text.data(), size);
    sum = mix(sum, word);
    text.remove_prefix(size);
  }
  return sum;
}

std::uint64_t mix(std::uint64_t sum, double number) noexcept {
  return mix(sum, std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number));  // -0 is 0
}

std::uint64_t start(FilterTerm::Kind kind) noexcept {
  return mix(multiplier, static_cast<std::uint64_t>(kind) + 1);
}

Term finish(std::uint64_t sum) noexcept {
  const auto term = static_cast<Term>(mix(sum, multiplier));
  return term == any_term ? 1 : term;
}

Term text_term(FilterTerm::Kind kind, std::string_view text) noexcept {
  return finish(mix(start(kind), text));
}

Term flag_term(FilterTerm::Kind kind) noexcept {
  return finish(start(kind));
}

Term status_term(double status) noexcept {
  return finish(mix(start(FilterTerm::Kind::http_status), status));
}

template <typename Value>
Term annotation_term(std::string_view key, const Value& value) {
  const std::uint64_t sum = mix(start(FilterTerm::Kind::annotation), key);
  return std::visit(
      [sum](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, bool>) {
          return finish(mix(sum, std::uint64_t{held ? 3U : 2U}));
        } else if constexpr (std::is_same_v<Held, double>) {
          return finish(mix(mix(sum, std::uint64_t{1}), held));
        } else {
          return finish(mix(mix(sum, std::uint64_t{0}), std::string_view(held)));
        }
      },
      value);
}

void add_http(const RecordHttp& http, std::vector<Term>& terms) {
  if (!http.url.empty()) terms.push_back(text_term(FilterTerm::Kind::http_url, http.url));
  if (!http.method.empty()) terms.push_back(text_term(FilterTerm::Kind::http_method, http.method));
  if (http.status != 0) terms.push_back(status_term(http.status));
}

void add_outcome(const Outcome& outcome, std::vector<Term>& terms) {
  if (outcome.fault) terms.push_back(flag_term(FilterTerm::Kind::fault));
  if (outcome.error) terms.push_back(flag_term(FilterTerm::Kind::error));
  if (outcome.throttle) terms.push_back(flag_term(FilterTerm::Kind::throttle));
}

}  // namespace

void terms_of(const TraceRecord& record, std::vector<Term>& terms) {
  terms.clear();
  for (const auto& node : record.nodes) {
    terms.push_back(text_term(FilterTerm::Kind::service, node.name));
  }
  // Filters know services by what their callers call them, too.
  for (const auto& call : record.calls) {
    if (!call.alias.empty()) terms.push_back(text_term(FilterTerm::Kind::service, call.alias));
  }
  for (const auto& annotation : record.annotations) {
    terms.push_back(annotation_term(annotation.key, annotation.value));
  }
  // More than the root's: whatever a filter looks at is found.
  add_outcome(record.outcome, terms);
  for (const auto& segment : record.segments) {
    if (!segment.user.empty()) terms.push_back(text_term(FilterTerm::Kind::user, segment.user));
    add_outcome(segment.outcome, terms);
    add_http(segment.http, terms);
  }
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  if (terms.size() > max_terms) terms.assign(1, any_term);
}

std::optional<Term> term_of(const FilterTerm& term) {
  using Kind = FilterTerm::Kind;
  const auto* text = std::get_if<std::string>(&term.value);
  switch (term.kind) {
    case Kind::service:
    case Kind::user:
    case Kind::http_url:
    case Kind::http_method:
      if (text == nullptr || text->empty()) return std::nullopt;
      return text_term(term.kind, *text);
    case Kind::annotation:
      return annotation_term(term.key, term.value);
    case Kind::http_status:
      if (const auto* status = std::get_if<double>(&term.value); status && *status != 0) {
        return status_term(*status);
      }
      return std::nullopt;
    case Kind::fault:
    case Kind::error:
    case Kind::throttle:
      if (const auto* set = std::get_if<bool>(&term.value); set && *set) {
        return flag_term(term.kind);
      }
      return std::nullopt;
  }
  return std::nullopt;
}

void pack_keys(std::span<const std::int64_t> keys, std::string& out) {
  ByteWriter writer(out);
  std::int64_t last = 0;
  for (const auto key : keys) writer.signed_number(key - std::exchange(last, key));
}

bool unpack_keys(std::span<const std::byte> bytes, std::vector<std::int64_t>& keys) {
  ByteReader reader(bytes);
  std::uint64_t key = 0;
  while (!reader.at_end()) {
    key += static_cast<std::uint64_t>(reader.signed_number());
    if (reader.failed()) return false;
    keys.push_back(static_cast<std::int64_t>(key));
  }
  return true;
}

}  // namespace xrayd::local
