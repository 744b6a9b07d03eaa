// Any request of the sampling operations: refused with words, or taken, written and read again as
// it was. Each line is one request, its first character the operation.
#include <rapidjson/document.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "local/sampling/sampling_json.hpp"

namespace {

using namespace xrayd::local;

void check(bool good) {
  if (!good) std::abort();
}

void check_refusal(const Violations& violations) {
  check(!violations.none());
  check(!violations.message().empty());
}

/// What is taken must be what a later start reads.
void put(SamplingRules& rules, const SamplingRule& rule) {
  const auto text = rule_text(rule);
  const auto again = stored_rule(text);
  check(again && rule_text(*again) == text);
  rules.put(rule);
}

void call(char operation, const rapidjson::Value& request, SamplingRules& rules,
          SamplingTargets& targets) {
  Violations violations;
  try {
    switch (operation) {
      case 'c': {
        auto rule = read_new_rule(request, violations);
        if (!violations.none()) return check_refusal(violations);
        put(rules, rules.created(std::move(rule), 1));
        break;
      }
      case 'u': {
        const auto change = read_rule_change(request, violations);
        if (!violations.none()) return check_refusal(violations);
        put(rules, rules.changed(change, 2));
        break;
      }
      case 'd': {
        const auto key = read_rule_key(request, violations);
        if (!violations.none()) return check_refusal(violations);
        rules.erase(rules.removed(key).name);
        break;
      }
      default: {
        const auto report =
            read_report(request, "samplingStatisticsDocuments.1.member", violations);
        (void)read_boost_report(request, "samplingBoostStatisticsDocuments.1.member", violations);
        if (!violations.none()) return check_refusal(violations);
        const auto* rule = rules.find(report.rule);
        if (rule == nullptr) return;
        const auto quota =
            targets.report(rule->name, rule->reservoir_size, report.client, report.counts);
        check(quota.size >= 0 && quota.size <= rule->reservoir_size);
      }
    }
  } catch (const SamplingRuleError& error) {
    check(error.what()[0] != '\0');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  SamplingRules rules;
  SamplingTargets targets(std::chrono::seconds(10), [] { return std::int64_t{1}; });
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    const std::string_view line = input.substr(0, end);
    ParsedJson request;
    if (!line.empty() && ParsedJson::parse(line.substr(1), 100, request) == JsonFault::none) {
      call(line[0], request.value(), rules, targets);
    }
    (void)stored_rule(line);
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  const auto all = rules.all();
  check(all.size() <= SamplingRules::max_custom_rules + 1 && all.back().name == "Default");
  return 0;
}
