#include "local/filter/completion.hpp"

#include <algorithm>
#include <utility>

#include "local/filter/filter_error.hpp"
#include "local/filter/parser.hpp"

namespace xrayd::local {
namespace {

using filters::Expectations;
using filters::Scope;
using Kind = FilterOffer::Kind;

bool begins_with_in_any_case(std::string_view text, std::string_view typed) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return text.size() >= typed.size() &&
         std::equal(typed.begin(), typed.end(), text.begin(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

// Lists what fits what was typed.
class Offers {
 public:
  Offers(const Expectations& expected, std::string_view typed, bool in_quotes)
      : expected_(expected), typed_(typed), in_quotes_(in_quotes) {}

  std::vector<FilterOffer> list() {
    if (wanted(Expectations::operators)) operators();
    if (wanted(Expectations::value)) values();
    if (wanted(Expectations::json)) word(Kind::value, "#[");
    if (wanted(Expectations::block)) word(Kind::connective, "{");
    if (wanted(Expectations::connective)) {
      word(Kind::connective, "AND");
      word(Kind::connective, "OR");
    }
    marks();
    if (wanted(Expectations::filter)) filters_in(expected_.scope);
    if (wanted(Expectations::node)) {
      ask(Kind::service_name);
      word(Kind::keyword, "id(");
    }
    if (wanted(Expectations::id_argument)) arguments();
    if (wanted(Expectations::id_value)) ask(kind_of(expected_.argument));
    if (wanted(Expectations::annotation_key)) ask(Kind::annotation_key);
    return std::move(offers_);
  }

 private:
  [[nodiscard]] bool wanted(Expectations::What what) const { return (expected_.what & what) != 0; }

  static Kind kind_of(std::string_view keyword) {
    if (keyword == "name") return Kind::service_name;
    if (keyword == "type") return Kind::service_type;
    if (keyword == "account.id") return Kind::account;
    if (keyword == "group.name" || keyword == "group.arn") return Kind::group;
    return Kind::value;
  }

  void word(Kind kind, std::string_view text, std::string_view of = {}) {
    if (in_quotes_ || !begins_with_in_any_case(text, typed_)) return;
    offers_.push_back({kind, std::string(text), std::string(of)});
  }

  void ask(Kind kind, std::string of = {}) { offers_.push_back({kind, {}, std::move(of)}); }

  void operators() {
    for (const auto op : filters::operators_of(expected_.kind)) {
      word(Kind::op, filters::operator_text(op), expected_.keyword);
    }
  }

  void values() {
    const bool of_annotation = expected_.keyword == "annotation";
    if (expected_.kind == filters::ValueKind::boolean) {
      word(Kind::value, "true", expected_.keyword);
      word(Kind::value, "false", expected_.keyword);
    } else if (of_annotation) {
      ask(Kind::value, "annotation[\"" + expected_.key + "\"]");
    } else if (expected_.keyword == "name") {
      // Services, entities and exceptions have names.
      ask(Kind::value, expected_.keyword);
    } else {
      ask(kind_of(expected_.keyword), expected_.keyword);
    }
  }

  void marks() {
    constexpr std::pair<Expectations::What, std::string_view> all[] = {
        {Expectations::open_parenthesis, "("},
        {Expectations::close_parenthesis, ")"},
        {Expectations::close_brace, "}"},
        {Expectations::close_bracket, "]"},
        {Expectations::comma, ","},
        {Expectations::colon, ":"}};
    for (const auto& [what, mark] : all) {
      if (wanted(what)) word(Kind::connective, mark);
    }
  }

  void filters_in(Scope scope) {
    for (const auto& row : filters::keyword_rows()) {
      if (row.stands_in(scope)) word(Kind::keyword, row.name);
    }
    if (scope == Scope::trace || scope == Scope::service || scope == Scope::edge) {
      word(Kind::keyword, "annotation.");
      word(Kind::keyword, "annotation[");
    }
    if (scope == Scope::edge) {
      word(Kind::keyword, "source.annotation.");
      word(Kind::keyword, "destination.annotation.");
    }
    if (scope == Scope::trace) of_traces();
    word(Kind::keyword, "NOT");
    word(Kind::keyword, "(");
  }

  void of_traces() {
    word(Kind::keyword, "service(");
    word(Kind::keyword, "edge(");
    word(Kind::keyword, "group.name");
    word(Kind::keyword, "group.arn");
    for (const std::string kind : {"fault", "error", "responsetime"}) {
      for (const char* part : {"service", "entity", "exception", "json"}) {
        // No exception makes anything slow.
        if (kind == "responsetime" && part == std::string_view("exception")) continue;
        word(Kind::keyword, "rootcause." + kind + "." + part);
      }
    }
    word(Kind::keyword, "rootcause.json");
    word(Kind::keyword, "json");
  }

  void arguments() {
    for (const std::string_view argument : {"name", "type", "account.id"}) {
      const auto& given = expected_.given;
      if (std::find(given.begin(), given.end(), argument) != given.end()) continue;
      word(Kind::keyword, std::string(argument) + ":");
    }
  }

  const Expectations& expected_;
  std::string_view typed_;
  bool in_quotes_;
  std::vector<FilterOffer> offers_;
};

// How much of a word is the beginning of an annotation: `source.annotation.`.
std::size_t annotation_prefix(std::string_view word, Scope scope) {
  const bool in_edge = scope == Scope::edge;
  if (!in_edge && scope != Scope::trace && scope != Scope::service) return 0;
  for (const std::string_view prefix :
       {"annotation.", "source.annotation.", "destination.annotation."}) {
    const bool stands_there = in_edge || prefix == "annotation.";
    if (stands_there && filters::same_word(word.substr(0, prefix.size()), prefix)) {
      return prefix.size();
    }
  }
  return 0;
}

std::size_t word_end(std::string_view text, std::size_t begin, std::size_t cursor) {
  if (begin < cursor && text[begin] == '"') {
    const filters::Token token = filters::Lexer(text).token(begin);
    return token.kind == filters::Token::Kind::text ? token.end : cursor;
  }
  std::size_t end = cursor;
  if (begin == cursor) return end;
  while (end < text.size() && filters::is_value_character(text[end])) ++end;
  return end;
}

}  // namespace

FilterCompletion complete_filter(std::string_view text, std::size_t cursor) {
  text = text.substr(0, Filter::max_bytes);
  const std::size_t at = filters::byte_of_character(text, cursor);
  const std::string_view head = text.substr(0, at);

  filters::ParseContext context;
  Expectations expected;
  filters::Parser parser(head, context, &expected);
  // Right or wrong, it says what could have come at its end.
  (void)parser.filter();

  std::size_t begin = expected.word_begin.value_or(at);
  const std::size_t end = word_end(text, begin, at);
  if ((expected.what & Expectations::filter) != 0) {
    if (const auto prefix = annotation_prefix(head.substr(begin), expected.scope); prefix != 0) {
      begin += prefix;
      expected.what = Expectations::annotation_key;
    }
  }
  const bool in_quotes = begin < at && head[begin] == '"';

  FilterCompletion completion;
  completion.begin = filters::characters_before(text, begin);
  completion.end = filters::characters_before(text, end);
  completion.typed = std::string(head.substr(begin + (in_quotes ? 1 : 0)));
  completion.offers = Offers(expected, completion.typed, in_quotes).list();
  return completion;
}

}  // namespace xrayd::local
