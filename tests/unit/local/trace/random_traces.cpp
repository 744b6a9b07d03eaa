#include "random_traces.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "trace_documents.hpp"

namespace xrayd::local {
namespace {

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::vector<std::string> documents() {
    std::vector<std::string> texts;
    const int count = 1 + below(8);
    std::set<std::tuple<bool, EntityId, bool>> seen;
    for (int i = 0; i < count; ++i) {
      const bool independent = below(3) == 0;
      const bool in_progress = below(5) == 0;
      const auto id = any_id();
      if (!seen.emplace(independent, id, in_progress).second) continue;
      texts.push_back(document(independent, id, in_progress));
    }
    return texts;
  }

 private:
  int below(int limit) { return std::uniform_int_distribution<>(0, limit - 1)(random_); }
  EntityId any_id() { return static_cast<EntityId>(1 + below(30)); }
  double any_time() { return below(16) / 4.0; }

  template <std::size_t Count>
  std::string one_of(const std::array<std::string_view, Count>& choices) {
    return std::string(choices[static_cast<std::size_t>(below(Count))]);
  }

  std::string name() {
    return one_of(std::array<std::string_view, 6>{"shop", "stock", "DynamoDB", "SQS", "host",
                                                  "Initialization"});
  }

  // Of anything that an entity may say of itself.
  std::string extras() {
    std::string text = one_of(std::array<std::string_view, 5>{R"("error":true)", R"("fault":true)",
                                                              R"("throttle":true)",
                                                              R"("fault":false)", R"("user":"u")"});
    if (below(2) == 0) {
      text += one_of(std::array<std::string_view, 3>{
          R"(,"namespace":"remote")", R"(,"namespace":"aws")", R"(,"namespace":"local")"});
    }
    if (below(3) == 0) {
      text += R"(,"annotations":{"a":)" + std::to_string(below(3)) + R"(,"b":"x","c":true})";
    }
    if (below(3) == 0) {
      text += one_of(std::array<std::string_view, 3>{
          R"(,"aws":{"operation":"O","table_name":"t","queue_url":"q"})",
          R"(,"aws":{"account_id":"1"})", R"(,"aws":[])"});
    }
    if (below(4) == 0) text += R"(,"origin":"AWS::EC2::Instance")";
    if (below(4) == 0) text += R"(,"http":{"request":{"url":"u"},"response":{"status":200}})";
    if (below(4) == 0)
      text += R"(,"cause":{"exceptions":[{"id":"00000000000000aa","message":"m"}]})";
    if (below(4) == 0) {
      text += R"(,"links":[{"trace_id":")" + trace_of_tests.to_string() + R"(","id":")" +
              entity_id_text(any_id()) + R"("}])";
    }
    return text;
  }

  std::string nested(int depth) {
    std::vector<std::string> list;
    const int count = depth > 3 ? 0 : below(4);
    for (int i = 0; i < count; ++i) {
      const double start = any_time();
      const auto end = below(6) == 0 ? std::nullopt : std::optional(start + any_time());
      list.push_back(members(any_id(), name(), start, end, extras() + "," + nested(depth + 1)));
    }
    return parts(list);
  }

  std::string document(bool independent, EntityId id, bool in_progress) {
    const double start = any_time();
    const auto end = in_progress ? std::nullopt : std::optional(start + any_time());
    const auto more = extras() + "," + nested(0);
    if (independent) return part(id, any_id(), name(), start, end, more);
    if (below(2) == 0) return called_segment(id, any_id(), name(), start, end, more);
    return segment(id, name(), start, end, more);
  }

  std::mt19937 random_;
};

// Collects what is wrong, once each.
class Check {
 public:
  void that(bool holds, std::string_view what) {
    if (!holds && wrong_.find(what) == std::string::npos) wrong_.append(what).append("; ");
  }
  [[nodiscard]] std::string wrong() const { return wrong_; }

 private:
  std::string wrong_;
};

bool points_into(RecordIndex index, std::size_t size) {
  return index < size;
}

void check_lists(const TraceRecord& record, const RecordLimits& limits, Check& check) {
  check.that(record.nodes.size() <= limits.nodes, "too many nodes");
  check.that(record.segments.size() <= limits.segments, "too many segments");
  check.that(record.calls.size() <= limits.calls, "too many calls");
  check.that(record.annotations.size() <= limits.annotations, "too many annotations");
  check.that(record.messages.size() <= limits.messages, "too many messages");
  std::set<std::tuple<std::string_view, std::string_view, std::string_view>> identities;
  for (const auto& node : record.nodes) {
    check.that(identities.emplace(node.name, node.type, node.account).second, "a node twice");
    check.that(first_characters(node.name, limits.text_characters) == node.name, "a long name");
  }
  const auto by_start = [](const RecordSegment& a, const RecordSegment& b) {
    return std::tie(a.start, a.id) < std::tie(b.start, b.id);
  };
  check.that(std::is_sorted(record.segments.begin(), record.segments.end(), by_start),
             "segments out of order");
  for (std::size_t i = 1; i < record.annotations.size(); ++i) {
    const auto& a = record.annotations[i - 1];
    const auto& b = record.annotations[i];
    check.that(std::tie(a.segment, a.key, a.value) < std::tie(b.segment, b.key, b.value),
               "annotations out of order or alike");
  }
}

void check_segments(const TraceRecord& record, Check& check) {
  for (const auto& segment : record.segments) {
    check.that(points_into(segment.node, record.nodes.size()), "a segment without node");
    check.that(segment.in_progress == !segment.end, "a segment in progress that has ended");
    check.that(!segment.inferred || segment.end, "an inferred segment in progress");
    check.that(!segment.end || (segment.last_end && *segment.last_end >= *segment.end),
               "a last end before the end");
  }
  check.that(
      record.root_segment == no_index || points_into(record.root_segment, record.segments.size()),
      "a root that is none");
  check.that(record.duration.has_value() == record.response_time.has_value(),
             "one of two times of the root");
}

void check_references(const TraceRecord& record, Check& check) {
  const auto nodes = record.nodes.size();
  const auto segments = record.segments.size();
  for (const auto& call : record.calls) {
    check.that(points_into(call.source_node, nodes) && points_into(call.target_node, nodes),
               "a call without nodes");
    check.that((call.source_segment == no_index) == (call.kind == CallKind::client),
               "a source of a call of a client, or none of another's");
    check.that(call.source_segment == no_index || points_into(call.source_segment, segments),
               "a call of a segment that is none");
    check.that(call.target_segment == no_index || points_into(call.target_segment, segments),
               "a call to a segment that is none");
    check.that(call.in_progress == !call.end, "a call in progress that has ended");
    check.that(call.kind == CallKind::link || !call.event_age, "an event's age of a call");
  }
  for (const auto& annotation : record.annotations) {
    check.that(points_into(annotation.segment, segments), "an annotation of no segment");
  }
  for (const auto& message : record.messages) {
    check.that(points_into(message.segment, segments), "a message of no segment");
  }
}

}  // namespace

std::vector<std::string> random_trace(std::uint32_t seed) {
  // Every trace has one document at least.
  for (std::uint32_t attempt = seed;; attempt += 1'000'003) {
    auto texts = Generator(attempt).documents();
    if (!texts.empty()) return texts;
  }
}

std::string what_is_wrong_with(const TraceRecord& record, const RecordLimits& limits) {
  Check check;
  check_lists(record, limits, check);
  check_segments(record, check);
  check_references(record, check);
  return check.wrong();
}

}  // namespace xrayd::local
