// Any bytes as a filter: the parser answers a filter or an error within the text; what it accepts
// can be matched, its terms lose no match, and every place in it can be completed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "local/filter/completion.hpp"
#include "local/filter/entity_selector.hpp"
#include "local/filter/filter.hpp"

namespace {

using xrayd::local::Filter;
using xrayd::local::FilterError;
using xrayd::local::FilterTerm;
using xrayd::local::TraceRecord;

void expect(bool condition) {
  if (!condition) std::abort();
}

TraceRecord sample() {
  TraceRecord record;
  record.nodes = {{"a", "client", "", xrayd::local::NodeState::unknown, false},
                  {"a", "AWS::EC2::Instance", "1", xrayd::local::NodeState::active, true},
                  {"b", "remote", "", xrayd::local::NodeState::passive, false}};
  record.root_segment = 0;
  record.segments.resize(2);
  record.segments[0].node = 1;
  record.segments[0].end = 2;
  record.segments[0].http = {"GET", "http://a/", "x", "10.0.0.1", 200};
  record.segments[0].user = "u";
  record.segments[1].node = 2;
  record.segments[1].start = 1;
  record.segments[1].outcome.fault = true;
  record.calls.resize(2);
  record.calls[0] = {.kind = xrayd::local::CallKind::client, .source_node = 0, .target_node = 1};
  record.calls[0].target_segment = 0;
  record.calls[1] = {.source_node = 1, .target_node = 2, .source_segment = 0};
  record.calls[1].target_segment = 1;
  record.calls[1].alias = "c";
  record.annotations = {{"k", 5.0, 0}, {"k", std::string_view("v"), 1}, {"l", true, 1}};
  record.messages = {{"no", 1}};
  record.fault_causes = {{{{1, false, {{"a", {{"E", "no"}}, 0, true}}}}, true}};
  record.response_time_causes = {
      {{{1, false, {{"a", {}, 1, false}, {"b", {}, 0.75, true}}}}, true}};
  return record;
}

void check(const FilterError& error, std::size_t bytes) {
  expect(error.line >= 1 && error.position >= 1);
  expect(error.line + error.position <= bytes + 2);
  expect(!error.what.empty() && error.what.size() < 2000);
  expect(error.message.starts_with("Error Location: line "));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TraceRecord record = sample();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // The text may name groups, which stand for itself or for something short.
  const auto groups = [&](std::string_view name) -> std::optional<std::string> {
    if (name == "g") return std::string(text);
    if (name == "h") return std::string("fault OR service(\"a\")");
    return std::nullopt;
  };

  const auto parsed = Filter::parse(text, groups);
  if (const auto* error = std::get_if<FilterError>(&parsed)) {
    check(*error, size);
  } else {
    const auto& filter = std::get<Filter>(parsed);
    const bool matches = filter.matches(record, "2");
    for (const FilterTerm& term : filter.terms()) {
      if (term.kind == FilterTerm::Kind::user) {
        expect(!matches || std::get<std::string>(term.value) == "u");
      }
    }
    // An outer filter says the same of itself, and the other way round.
    const auto again = Filter::parse(
        std::string_view("!(group.name = g)"),
        [&](std::string_view name) { return name == "g" ? std::string(text) : groups(name); });
    if (const auto* negated = std::get_if<Filter>(&again)) {
      expect(negated->matches(record, "2") != matches);
    }
  }

  const auto selector = xrayd::local::EntitySelector::parse(text);
  if (const auto* error = std::get_if<FilterError>(&selector)) check(*error, size);

  const std::size_t cursor = size == 0 ? 0 : data[0] % (size + 1);
  const auto completion = xrayd::local::complete_filter(text, cursor);
  expect(completion.begin <= completion.end && completion.end <= size);
  expect(completion.typed.size() <= size);
  return 0;
}
