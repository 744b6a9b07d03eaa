#include "local/filter/terms.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace xrayd::local::filters {
namespace {

using Kind = FilterTerm::Kind;

constexpr std::size_t max_terms = 32;

std::optional<Kind> kind_of(Keyword keyword) {
  switch (keyword) {
    case Keyword::annotation:
      return Kind::annotation;
    case Keyword::user:
      return Kind::user;
    case Keyword::http_url:
      return Kind::http_url;
    case Keyword::http_method:
      return Kind::http_method;
    case Keyword::http_status:
      return Kind::http_status;
    case Keyword::fault:
      return Kind::fault;
    case Keyword::error:
      return Kind::error;
    case Keyword::throttle:
      return Kind::throttle;
    default:
      return std::nullopt;
  }
}

class Collector {
 public:
  void collect(const Expression& expression) {
    switch (expression.kind) {
      case Expression::Kind::all:
        for (const Expression& child : expression.children) collect(child);
        break;
      case Expression::Kind::service:
        service(expression.entity->source);
        break;
      case Expression::Kind::edge:
        service(expression.entity->source);
        service(expression.entity->target);
        break;
      case Expression::Kind::boolean:
        boolean(expression);
        break;
      case Expression::Kind::number:
        if (expression.op == Operator::equal) add(expression, expression.number);
        break;
      case Expression::Kind::text:
        if (expression.op == Operator::equal) add(expression, expression.text);
        break;
      case Expression::Kind::any:
      case Expression::Kind::negation:
      case Expression::Kind::present:
      case Expression::Kind::cause:
      case Expression::Kind::json:
        break;
    }
  }

  std::vector<FilterTerm> take() { return std::move(terms_); }

 private:
  void service(const NodePattern& pattern) {
    if (!pattern.name.empty()) add({Kind::service, {}, pattern.name});
  }

  void boolean(const Expression& expression) {
    if (expression.keyword == Keyword::ok && expression.flag) {
      for (const Kind kind : {Kind::fault, Kind::error, Kind::throttle}) add({kind, {}, false});
    } else {
      add(expression, expression.flag);
    }
  }

  template <typename Value>
  void add(const Expression& expression, const Value& value) {
    if (const auto kind = kind_of(expression.keyword)) add({*kind, expression.key, value});
  }

  void add(FilterTerm term) {
    const bool known = std::find(terms_.begin(), terms_.end(), term) != terms_.end();
    if (!known && terms_.size() < max_terms) terms_.push_back(std::move(term));
  }

  std::vector<FilterTerm> terms_;
};

}  // namespace

std::vector<FilterTerm> terms_of(const Expression& expression) {
  Collector collector;
  collector.collect(expression);
  return collector.take();
}

}  // namespace xrayd::local::filters
