#include "support/naive_filter.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>

namespace xrayd::local::test {
namespace {

// Everything that can be asked for, by keyword; annotations as `annotation/key`.
using Thing = std::multimap<std::string, NaiveValue>;

void put(Thing& thing, const std::string& keyword, std::string_view text) {
  if (!text.empty()) thing.emplace(keyword, std::string(text));
}

void put(Thing& thing, const std::string& keyword, std::optional<double> number) {
  if (number) thing.emplace(keyword, *number);
}

void put_outcome(Thing& thing, const Outcome& outcome) {
  thing.emplace("fault", outcome.fault);
  thing.emplace("error", outcome.error);
  thing.emplace("throttle", outcome.throttle);
  thing.emplace("ok", !outcome.fault && !outcome.error && !outcome.throttle);
}

void put_http(Thing& thing, const RecordHttp& http) {
  put(thing, "http.url", http.url);
  put(thing, "http.method", http.method);
  put(thing, "http.useragent", http.user_agent);
  put(thing, "http.clientip", http.client_ip);
  if (http.status != 0) thing.emplace("http.status", static_cast<double>(http.status));
}

void put_node(Thing& thing, const RecordNode& node, const std::string& account) {
  put(thing, "name", node.name);
  put(thing, "type", node.type);
  put(thing, "account.id", node.account.empty() ? account : node.account);
}

void put_segment_texts(Thing& thing, const RecordSegment& segment) {
  put(thing, "user", segment.user);
  put(thing, "availabilityzone", segment.availability_zone);
  put(thing, "instance.id", segment.instance_id);
  put(thing, "resource.arn", segment.resource_arn);
}

void put_annotations(Thing& thing, const std::string& keyword, const TraceRecord& record,
                     RecordIndex segment) {
  for (const RecordAnnotation& annotation : record.annotations) {
    if (annotation.segment != segment) continue;
    const std::string name = keyword + "/" + std::string(annotation.key);
    if (const auto* text = std::get_if<std::string_view>(&annotation.value)) {
      thing.emplace(name, std::string(*text));
    } else if (const auto* number = std::get_if<double>(&annotation.value)) {
      thing.emplace(name, *number);
    } else {
      thing.emplace(name, std::get<bool>(annotation.value));
    }
  }
}

void put_messages(Thing& thing, const TraceRecord& record, RecordIndex segment) {
  for (const RecordMessage& message : record.messages) {
    if (message.segment == segment) put(thing, "message", message.text);
  }
}

std::optional<double> seconds(double start, std::optional<double> end) {
  return end ? std::optional(*end - start) : std::nullopt;
}

bool is_remote(const RecordNode& node) {
  return node.state == NodeState::passive || node.type == "remote";
}

Thing trace_thing(const TraceRecord& record, const std::string& account) {
  Thing thing;
  thing.emplace("partial", record.partial);
  bool cold = false;
  for (RecordIndex i = 0; i < record.segments.size(); ++i) {
    const RecordSegment& segment = record.segments[i];
    cold = cold || segment.cold_start;
    put_node(thing, record.nodes[segment.node], account);
    put_segment_texts(thing, segment);
    put_annotations(thing, "annotation", record, i);
    put_messages(thing, record, i);
  }
  thing.emplace("coldstart", cold);
  put(thing, "responsetime", record.response_time);
  put(thing, "duration", record.duration);
  if (record.root_segment != no_index) {
    put_outcome(thing, record.outcome);
    put_http(thing, record.segments[record.root_segment].http);
  }
  return thing;
}

Thing segment_thing(const TraceRecord& record, RecordIndex index, const std::string& account) {
  const RecordSegment& segment = record.segments[index];
  const RecordNode& node = record.nodes[segment.node];
  Thing thing;
  put_outcome(thing, segment.outcome);
  put_http(thing, segment.http);
  put_node(thing, node, account);
  put_segment_texts(thing, segment);
  put_annotations(thing, "annotation", record, index);
  put_messages(thing, record, index);
  thing.emplace("partial", segment.in_progress);
  thing.emplace("coldstart", segment.cold_start);
  thing.emplace("inferred", segment.inferred);
  thing.emplace("root", node.root);
  thing.emplace("remote", is_remote(node));
  put(thing, "responsetime", seconds(segment.start, segment.end));
  put(thing, "duration", seconds(segment.start, segment.last_end ? segment.last_end : segment.end));
  return thing;
}

Thing call_thing(const TraceRecord& record, const RecordCall& call, const std::string& account) {
  const bool of_client = call.kind == CallKind::client;
  const RecordNode& target = record.nodes[call.target_node];
  const RecordSegment& answer = record.segments[call.target_segment];
  const RecordIndex own = of_client ? call.target_segment : call.source_segment;
  Thing thing;
  put_outcome(thing, call.outcome);
  put_http(thing, of_client && call.http == RecordHttp{} ? answer.http : call.http);
  put(thing, "name", call.alias.empty() ? target.name : call.alias);
  put(thing, "type", target.type);
  put(thing, "account.id", target.account.empty() ? account : target.account);
  put_segment_texts(thing, record.segments[own]);
  put_messages(thing, record, own);
  put_annotations(thing, "annotation", record, own);
  if (!of_client) put_annotations(thing, "source.annotation", record, call.source_segment);
  put_annotations(thing, "destination.annotation", record, call.target_segment);
  thing.emplace("partial", call.in_progress);
  thing.emplace("coldstart", answer.cold_start);
  thing.emplace("inferred", answer.inferred);
  thing.emplace("root", target.root);
  thing.emplace("remote", is_remote(target) || !call.alias.empty());
  put(thing, "responsetime", seconds(call.start, call.end));
  put(thing, "duration", seconds(call.start, call.end));
  return thing;
}

// The lists that `rootcause.<kind>.<part>` runs over.
std::vector<std::vector<Thing>> cause_things(const TraceRecord& record, const NaiveFilter& filter,
                                             const std::string& account) {
  const auto& causes = filter.cause == "fault"   ? record.fault_causes
                       : filter.cause == "error" ? record.error_causes
                                                 : record.response_time_causes;
  std::vector<std::vector<Thing>> lists;
  for (const RootCause& cause : causes) {
    std::vector<Thing> services;
    for (const RootCauseService& service : cause.services) {
      const RecordNode& node = record.nodes[service.node];
      Thing& thing = services.emplace_back();
      put_node(thing, node, account);
      thing.emplace("inferred", service.inferred);
      thing.emplace("remote", is_remote(node));
      thing.emplace("root", node.root);
      std::vector<Thing> entities;
      for (const RootCauseEntity& entity : service.path) {
        Thing& part = entities.emplace_back();
        put(part, "name", entity.name);
        part.emplace("inferred", service.inferred);
        part.emplace("remote", entity.remote);
        part.emplace("coverage", entity.coverage);
        std::vector<Thing> exceptions;
        for (const RootCauseException& exception : entity.exceptions) {
          Thing& told = exceptions.emplace_back();
          put(told, "name", exception.name);
          put(told, "message", exception.message);
        }
        if (filter.part == "exception") lists.push_back(exceptions);
      }
      if (filter.part == "entity") lists.push_back(entities);
    }
    if (filter.part == "service") lists.push_back(services);
  }
  return lists;
}

template <typename Value>
bool compare(const std::string& op, const Value& value, const Value& wanted) {
  if (op == "=") return value == wanted;
  if (op == "!=") return value != wanted;
  if (op == "<") return value < wanted;
  if (op == "<=") return value <= wanted;
  if (op == ">") return value > wanted;
  return op == ">=" && value >= wanted;
}

bool compare_texts(const std::string& op, const std::string& value, const std::string& wanted) {
  if (op == "=" || op == "!=") return compare(op, value, wanted);
  if (wanted.size() > value.size()) return false;
  const std::size_t most = value.size() - wanted.size();
  for (std::size_t at = 0; at <= most; ++at) {
    if (value.substr(at, wanted.size()) != wanted) continue;
    if (op == "CONTAINS" || (op == "BEGINSWITH" && at == 0) || (op == "ENDSWITH" && at == most)) {
      return true;
    }
  }
  return false;
}

bool passes(const NaiveFilter& filter, const NaiveValue& value) {
  if (filter.op.empty()) {
    const auto* flag = std::get_if<bool>(&value);
    return flag == nullptr || !filter.key.empty() || *flag;
  }
  const auto* wanted_text = std::get_if<std::string>(&filter.value);
  if (!filter.key.empty() && filter.op == "CONTAINS" && wanted_text->empty()) return true;
  if (value.index() != filter.value.index()) return false;
  if (wanted_text != nullptr) {
    return compare_texts(filter.op, std::get<std::string>(value), *wanted_text);
  }
  if (const auto* flag = std::get_if<bool>(&value)) {
    return compare(filter.op, *flag, std::get<bool>(filter.value));
  }
  return compare(filter.op, std::get<double>(value), std::get<double>(filter.value));
}

bool is_node(const NaiveNode& wanted, const TraceRecord& record, RecordIndex index,
             const std::string& account) {
  if (index == no_index) return false;
  const RecordNode& node = record.nodes[index];
  std::set<std::string> names = {std::string(node.name)};
  for (const RecordCall& call : record.calls) {
    if (call.target_node == index && !call.alias.empty()) names.insert(std::string(call.alias));
  }
  return (wanted.name.empty() || names.count(wanted.name) != 0) &&
         (wanted.type.empty() || wanted.type == node.type) &&
         (wanted.account.empty() ||
          wanted.account == (node.account.empty() ? account : std::string(node.account)));
}

bool holds(const NaiveFilter& filter, const Thing& thing, const TraceRecord& record,
           const std::string& account);

bool one_satisfies(const NaiveFilter& filter, std::vector<Thing> things, const TraceRecord& record,
                   const std::string& account) {
  for (std::size_t i = 0; i < things.size(); ++i) {
    things[i].emplace("index", static_cast<double>(i));
    things[i].emplace("first", i == 0);
    things[i].emplace("last", i + 1 == things.size());
  }
  return std::any_of(things.begin(), things.end(), [&](const Thing& thing) {
    return filter.children.empty() || holds(filter.children.front(), thing, record, account);
  });
}

bool service_holds(const NaiveFilter& filter, const TraceRecord& record,
                   const std::string& account) {
  bool there = false;
  for (RecordIndex i = 0; i < record.nodes.size(); ++i) {
    there = there || is_node(filter.source, record, i, account);
  }
  if (filter.children.empty()) return there;
  std::vector<Thing> things;
  for (RecordIndex i = 0; i < record.segments.size(); ++i) {
    if (is_node(filter.source, record, record.segments[i].node, account)) {
      things.push_back(segment_thing(record, i, account));
    }
  }
  return one_satisfies(filter, things, record, account);
}

bool edge_holds(const NaiveFilter& filter, const TraceRecord& record, const std::string& account) {
  std::vector<Thing> things;
  for (const RecordCall& call : record.calls) {
    if (is_node(filter.source, record, call.source_node, account) &&
        is_node(filter.target, record, call.target_node, account)) {
      things.push_back(call_thing(record, call, account));
    }
  }
  return one_satisfies(filter, things, record, account);
}

bool holds(const NaiveFilter& filter, const Thing& thing, const TraceRecord& record,
           const std::string& account) {
  const auto child_holds = [&](const NaiveFilter& child) {
    return holds(child, thing, record, account);
  };
  const auto& children = filter.children;
  switch (filter.kind) {
    case NaiveFilter::Kind::all:
      return std::all_of(children.begin(), children.end(), child_holds);
    case NaiveFilter::Kind::any:
      return std::any_of(children.begin(), children.end(), child_holds);
    case NaiveFilter::Kind::negation:
      return !child_holds(children.front());
    case NaiveFilter::Kind::service:
      return service_holds(filter, record, account);
    case NaiveFilter::Kind::edge:
      return edge_holds(filter, record, account);
    case NaiveFilter::Kind::cause:
      for (const auto& list : cause_things(record, filter, account)) {
        if (one_satisfies(filter, list, record, account)) return true;
      }
      return false;
    case NaiveFilter::Kind::predicate:
      break;
  }
  const std::string name = filter.key.empty() ? filter.keyword : filter.keyword + "/" + filter.key;
  const auto [begin, end] = thing.equal_range(name);
  return std::any_of(begin, end, [&](const auto& entry) { return passes(filter, entry.second); });
}

}  // namespace

bool naive_matches(const NaiveFilter& filter, const TraceRecord& record,
                   const std::string& account) {
  return holds(filter, trace_thing(record, account), record, account);
}

bool naive_has(const FilterTerm& term, const TraceRecord& record) {
  const auto text_is = [&](std::string_view text) {
    return std::get<std::string>(term.value) == text;
  };
  const RecordHttp http =
      record.root_segment == no_index ? RecordHttp{} : record.segments[record.root_segment].http;
  switch (term.kind) {
    case FilterTerm::Kind::service:
      return std::any_of(record.nodes.begin(), record.nodes.end(),
                         [&](const RecordNode& node) { return text_is(node.name); }) ||
             std::any_of(record.calls.begin(), record.calls.end(),
                         [&](const RecordCall& call) { return text_is(call.alias); });
    case FilterTerm::Kind::annotation:
      return std::any_of(
          record.annotations.begin(), record.annotations.end(), [&](const RecordAnnotation& one) {
            if (one.key != term.key) return false;
            if (const auto* text = std::get_if<std::string_view>(&one.value)) {
              return std::holds_alternative<std::string>(term.value) && text_is(*text);
            }
            if (const auto* number = std::get_if<double>(&one.value)) {
              const auto* wanted = std::get_if<double>(&term.value);
              return wanted != nullptr && *wanted == *number;
            }
            const auto* wanted = std::get_if<bool>(&term.value);
            return wanted != nullptr && *wanted == std::get<bool>(one.value);
          });
    case FilterTerm::Kind::user:
      return std::any_of(record.segments.begin(), record.segments.end(),
                         [&](const RecordSegment& segment) { return text_is(segment.user); });
    case FilterTerm::Kind::http_url:
      return text_is(http.url);
    case FilterTerm::Kind::http_method:
      return text_is(http.method);
    case FilterTerm::Kind::http_status:
      return std::get<double>(term.value) == http.status;
    case FilterTerm::Kind::fault:
      return std::get<bool>(term.value) == record.outcome.fault;
    case FilterTerm::Kind::error:
      return std::get<bool>(term.value) == record.outcome.error;
    case FilterTerm::Kind::throttle:
      return std::get<bool>(term.value) == record.outcome.throttle;
  }
  return false;
}

}  // namespace xrayd::local::test
