#include "local/console/facets.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "local/console/facet_filter.hpp"

namespace xrayd::local {
namespace {

// Of a root cause, for people: `front -> back: deserialize (Timeout)`.
std::string cause_text(const RootCause& cause, const TraceRecord& record) {
  std::string text;
  const RootCauseEntity* last = nullptr;
  for (const auto& service : cause.services) {
    if (service.node < record.nodes.size()) {
      text.append(text.empty() ? "" : " -> ").append(record.nodes[service.node].name);
    }
    for (const auto& entity : service.path) {
      // A service's first entity is the service itself.
      if (&entity != &service.path.front()) text.append(": ").append(entity.name);
    }
    if (!service.path.empty()) last = &service.path.back();
  }
  if (last != nullptr && !last->exceptions.empty()) {
    text.append(" (").append(last->exceptions.front().name).append(")");
  }
  return text;
}

}  // namespace

template <typename MakeFilter>
void FacetCounter::count(Facet facet, std::string_view detail, std::string_view value,
                         const MakeFilter& make_filter) {
  auto& values = values_[static_cast<std::size_t>(facet)];
  std::string key = std::to_string(detail.size());
  key.append(":").append(detail).append(value);
  auto found = values.find(key);
  if (found == values.end()) {
    if (values.size() >= max_values || bytes_ >= max_bytes) return;
    Tally tally{{std::string(detail), std::string(value), 0, make_filter()}};
    bytes_ += 2 * key.size() + tally.value.filter.size();
    found = values.emplace(std::move(key), std::move(tally)).first;
  }
  if (found->second.last_trace == trace_) return;
  found->second.last_trace = trace_;
  ++found->second.value.count;
}

void FacetCounter::add(const TraceRecord& record) {
  ++trace_;
  for (const auto& node : record.nodes) {
    if (node.type == "client") continue;
    count(Facet::service, node.type, node.name, [&] { return service_filter(node); });
  }
  for (const auto& annotation : record.annotations) {
    // What differs in type differs in its filter too: "1" is not 1.
    auto filter = annotation_filter(annotation);
    count(Facet::annotation, annotation.key, filter.substr(filter.find("] = ") + 4),
          [&] { return filter; });
  }
  for (const auto& segment : record.segments) {
    const auto text = [&](Facet facet, std::string_view keyword, std::string_view value) {
      if (!value.empty()) count(facet, {}, value, [&] { return text_filter(keyword, value); });
    };
    text(Facet::user, "user", segment.user);
    text(Facet::resource_arn, "resource.arn", segment.resource_arn);
  }
  if (record.root_segment < record.segments.size()) {
    count_root(record.segments[record.root_segment]);
    count_outcome(record.outcome);
  }
  count_causes(Facet::fault_cause, "fault", record.fault_causes, record);
  count_causes(Facet::error_cause, "error", record.error_causes, record);
  count_causes(Facet::response_time_cause, "responsetime", record.response_time_causes, record);
}

void FacetCounter::count_root(const RecordSegment& root) {
  const auto& http = root.http;
  if (http.status != 0) {
    const auto status = std::to_string(http.status);
    count(Facet::http_status, {}, status, [&] { return "http.status = " + status; });
  }
  if (!http.method.empty()) {
    count(Facet::http_method, {}, http.method,
          [&] { return text_filter("http.method", http.method); });
  }
  if (!http.url.empty()) {
    count(Facet::http_url, {}, http.url, [&] { return text_filter("http.url", http.url); });
  }
}

// All that it is: who asks for errors is shown those that are faults too.
void FacetCounter::count_outcome(const Outcome& outcome) {
  const auto one = [&](bool is, std::string_view text) {
    if (is) count(Facet::outcome, {}, text, [&] { return std::string(text); });
  };
  one(outcome.fault, "fault");
  one(outcome.throttle, "throttle");
  one(outcome.error, "error");
  one(outcome.ok(), "ok");
}

void FacetCounter::count_causes(Facet facet, std::string_view kind,
                                const std::vector<RootCause>& causes, const TraceRecord& record) {
  for (const auto& cause : causes) {
    // Causes that look alike here may be told apart by their filters.
    auto filter = cause_filter(kind, cause, record);
    count(facet, filter, cause_text(cause, record), [&] { return filter; });
  }
}

std::vector<FacetValue> FacetCounter::top(Facet facet, std::size_t count) const {
  std::vector<const FacetValue*> all;
  for (const auto& [key, tally] : values_[static_cast<std::size_t>(facet)]) {
    all.push_back(&tally.value);
  }
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(count, all.size()));
  std::partial_sort(all.begin(), end, all.end(), [](const FacetValue* a, const FacetValue* b) {
    return std::tie(b->count, a->value, a->detail) < std::tie(a->count, b->value, b->detail);
  });
  std::vector<FacetValue> values;
  for (auto value = all.begin(); value != end; ++value) values.push_back(**value);
  return values;
}

FacetsAnswer count_facets(const TraceSource& traces, const FacetsQuery& asked) {
  RecordQuery query;
  query.start = asked.start;
  query.end = asked.end;
  query.range = asked.range;
  query.filter = asked.filter;
  query.deadline = asked.deadline;
  FacetsAnswer answer;
  while (answer.scanned < asked.scanned) {
    query.scanned = asked.scanned - static_cast<std::size_t>(answer.scanned);
    const auto page = traces.records(query);
    answer.scanned += page.scanned;
    answer.matched += page.records.size();
    for (const auto& record : page.records) answer.counter.add(record);
    if (!page.next) {
      answer.complete = true;
      break;
    }
    if (std::chrono::steady_clock::now() >= asked.deadline) break;
    query.after = page.next;
  }
  return answer;
}

}  // namespace xrayd::local
