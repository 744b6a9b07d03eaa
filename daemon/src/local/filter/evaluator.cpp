#include "local/filter/evaluator.hpp"

#include <algorithm>
#include <variant>

#include "local/filter/scopes.hpp"

namespace xrayd::local::filters {
namespace {

bool compare(Operator op, double value, double wanted) {
  switch (op) {
    case Operator::equal:
      return value == wanted;
    case Operator::not_equal:
      return value != wanted;
    case Operator::less:
      return value < wanted;
    case Operator::less_or_equal:
      return value <= wanted;
    case Operator::greater:
      return value > wanted;
    case Operator::greater_or_equal:
      return value >= wanted;
    default:
      return false;
  }
}

bool compare(Operator op, std::string_view value, std::string_view wanted) {
  switch (op) {
    case Operator::equal:
      return value == wanted;
    case Operator::not_equal:
      return value != wanted;
    case Operator::contains:
      return value.find(wanted) != std::string_view::npos;
    case Operator::begins_with:
      return value.starts_with(wanted);
    case Operator::ends_with:
      return value.ends_with(wanted);
    default:
      return false;
  }
}

bool fits(const Expression& expression, const RecordAnnotation& annotation) {
  if (annotation.key != expression.key) return false;
  switch (expression.kind) {
    case Expression::Kind::present:
      return true;
    case Expression::Kind::boolean: {
      const bool* flag = std::get_if<bool>(&annotation.value);
      return flag != nullptr && *flag == expression.flag;
    }
    case Expression::Kind::number: {
      const double* number = std::get_if<double>(&annotation.value);
      return number != nullptr && compare(expression.op, *number, expression.number);
    }
    case Expression::Kind::text: {
      const std::string_view* text = std::get_if<std::string_view>(&annotation.value);
      return text != nullptr && compare(expression.op, *text, expression.text);
    }
    default:
      return false;
  }
}

template <typename Scope>
bool predicate(const Expression& expression, const Scope& scope) {
  const Keyword keyword = expression.keyword;
  if (keyword == Keyword::annotation) {
    return scope.any_annotation(expression.owner, [&](const RecordAnnotation& annotation) {
      return fits(expression, annotation);
    });
  }
  switch (expression.kind) {
    case Expression::Kind::boolean: {
      const auto flag = scope.boolean(keyword);
      return flag && *flag == expression.flag;
    }
    case Expression::Kind::number: {
      const auto number = scope.number(keyword);
      return number && compare(expression.op, *number, expression.number);
    }
    case Expression::Kind::text:
      return scope.any_text(keyword, [&](std::string_view text) {
        return compare(expression.op, text, expression.text);
      });
    case Expression::Kind::present:
      return scope.number(keyword).has_value() ||
             scope.any_text(keyword, [](std::string_view) { return true; });
    default:
      return false;
  }
}

template <typename Scope>
bool evaluate(const Expression& expression, const Scope& scope);

// Asks for every element that `chosen` lets through whether it satisfies the block.
template <typename Elements, typename Chosen, typename Satisfies>
bool any_of_chosen(const Elements& elements, Chosen chosen, Satisfies satisfies) {
  Place place;
  place.count = static_cast<std::size_t>(std::count_if(elements.begin(), elements.end(), chosen));
  for (const auto& element : elements) {
    if (!chosen(element)) continue;
    if (satisfies(element, place)) return true;
    ++place.index;
  }
  return false;
}

bool has_service(const Expression& expression, const TraceScope& trace) {
  const TraceRecord& record = trace.record();
  const NodeSet nodes(expression.entity->source, record, trace.account());
  if (nodes.empty() || expression.children.empty()) return !nodes.empty();
  return any_of_chosen(
      record.segments, [&](const RecordSegment& segment) { return nodes.has(segment.node); },
      [&](const RecordSegment& segment, Place place) {
        const auto index = static_cast<RecordIndex>(&segment - record.segments.data());
        return evaluate(expression.children.front(),
                        SegmentScope(record, trace.account(), index, place));
      });
}

bool has_edge(const Expression& expression, const TraceScope& trace) {
  const TraceRecord& record = trace.record();
  const NodeSet sources(expression.entity->source, record, trace.account());
  const NodeSet targets(expression.entity->target, record, trace.account());
  if (sources.empty() || targets.empty()) return false;
  const auto chosen = [&](const RecordCall& call) {
    return sources.has(call.source_node) && targets.has(call.target_node);
  };
  if (expression.children.empty()) {
    return std::any_of(record.calls.begin(), record.calls.end(), chosen);
  }
  return any_of_chosen(record.calls, chosen, [&](const RecordCall& call, Place place) {
    return evaluate(expression.children.front(), CallScope(record, trace.account(), call, place));
  });
}

const std::vector<RootCause>& causes_of(const TraceRecord& record, CauseKind kind) {
  switch (kind) {
    case CauseKind::fault:
      return record.fault_causes;
    case CauseKind::error:
      return record.error_causes;
    case CauseKind::response_time:
      break;
  }
  return record.response_time_causes;
}

constexpr auto everything = [](const auto& /*element*/) { return true; };

bool has_cause(const Expression& expression, const TraceScope& trace) {
  const TraceRecord& record = trace.record();
  const auto satisfies = [&](const RootCauseService& service, const RootCauseEntity* entity,
                             const RootCauseException* exception, Place place) {
    return expression.children.empty() ||
           evaluate(expression.children.front(),
                    CauseScope(record, trace.account(), service, entity, exception, place));
  };
  const auto has_exception = [&](const RootCauseService& service, const RootCauseEntity& entity) {
    return any_of_chosen(entity.exceptions, everything,
                         [&](const RootCauseException& exception, Place place) {
                           return satisfies(service, &entity, &exception, place);
                         });
  };
  const auto in_service = [&](const RootCauseService& service, Place place) {
    switch (expression.part) {
      case CausePart::service:
        break;
      case CausePart::entity:
        return any_of_chosen(service.path, everything,
                             [&](const RootCauseEntity& entity, Place entity_place) {
                               return satisfies(service, &entity, nullptr, entity_place);
                             });
      case CausePart::exception:
        return std::any_of(
            service.path.begin(), service.path.end(),
            [&](const RootCauseEntity& entity) { return has_exception(service, entity); });
    }
    return satisfies(service, nullptr, nullptr, place);
  };
  const auto& causes = causes_of(record, *expression.cause);
  return std::any_of(causes.begin(), causes.end(), [&](const RootCause& cause) {
    return any_of_chosen(cause.services, everything, in_service);
  });
}

bool has_json(const Expression& expression, const TraceScope& trace) {
  const TraceRecord& record = trace.record();
  const auto in_any = [&](auto test) {
    for (const CauseKind kind : {CauseKind::fault, CauseKind::error, CauseKind::response_time}) {
      if (expression.cause && *expression.cause != kind) continue;
      const auto& causes = causes_of(record, kind);
      if (std::any_of(causes.begin(), causes.end(), test)) return true;
    }
    return false;
  };
  if (!in_any(everything)) return false;
  const auto& patterns = expression.json->causes();
  const bool all = std::all_of(patterns.begin(), patterns.end(), [&](const CausePattern& pattern) {
    return in_any([&](const RootCause& cause) {
      return looks_like(pattern, cause, record, trace.account());
    });
  });
  return all == expression.flag;
}

// What speaks of whole traces stands in no block: the parser saw to that.
template <typename Scope>
bool of_trace(const Expression& /*expression*/, const Scope& /*scope*/) {
  return false;
}

bool of_trace(const Expression& expression, const TraceScope& trace) {
  switch (expression.kind) {
    case Expression::Kind::service:
      return has_service(expression, trace);
    case Expression::Kind::edge:
      return has_edge(expression, trace);
    case Expression::Kind::cause:
      return has_cause(expression, trace);
    default:
      return has_json(expression, trace);
  }
}

template <typename Scope>
bool evaluate(const Expression& expression, const Scope& scope) {
  const auto child_holds = [&](const Expression& child) { return evaluate(child, scope); };
  const auto& children = expression.children;
  switch (expression.kind) {
    case Expression::Kind::all:
      return std::all_of(children.begin(), children.end(), child_holds);
    case Expression::Kind::any:
      return std::any_of(children.begin(), children.end(), child_holds);
    case Expression::Kind::negation:
      return !evaluate(children.front(), scope);
    case Expression::Kind::present:
    case Expression::Kind::boolean:
    case Expression::Kind::number:
    case Expression::Kind::text:
      return predicate(expression, scope);
    case Expression::Kind::service:
    case Expression::Kind::edge:
    case Expression::Kind::cause:
    case Expression::Kind::json:
      break;
  }
  return of_trace(expression, scope);
}

}  // namespace

bool holds(const Expression& expression, const TraceRecord& record, std::string_view account) {
  return evaluate(expression, TraceScope(record, account));
}

}  // namespace xrayd::local::filters
