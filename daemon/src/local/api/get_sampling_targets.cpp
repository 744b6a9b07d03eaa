#include <vector>

#include "config/log.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {
namespace {

constexpr std::size_t max_documents = 25;
constexpr double ms_per_second = 1000;

struct Reports {
  std::vector<SamplingReport> of_rules;
  /// Names of rules.
  std::vector<std::string> of_boosts;
};

Reports reports_of(const rapidjson::Value& request) {
  constexpr const char* statistics = "SamplingStatisticsDocuments";
  constexpr const char* boosts = "SamplingBoostStatisticsDocuments";
  Violations violations;
  Members members(request, "", violations);
  Reports reports;
  if (const auto* list = members.list(statistics, Need::required, max_documents)) {
    for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
      reports.of_rules.push_back(read_report((*list)[i], members.path(statistics, i), violations));
    }
  }
  if (const auto* list = members.list(boosts, Need::optional, max_documents)) {
    for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
      reports.of_boosts.push_back(
          read_boost_report((*list)[i], members.path(boosts, i), violations));
    }
  }
  refuse(violations);
  return reports;
}

void write_target(JsonWriter& writer, const std::string& rule, const SamplingTarget& target,
                  std::chrono::seconds interval) {
  writer.StartObject();
  write_key(writer, "RuleName");
  write_text(writer, rule);
  write_key(writer, "FixedRate");
  writer.Double(target.fixed_rate);
  write_key(writer, "ReservoirQuota");
  writer.Int64(target.quota.size);
  write_key(writer, "ReservoirQuotaTTL");
  writer.Double(static_cast<double>(target.quota.expires_ms) / ms_per_second);
  write_key(writer, "Interval");
  writer.Int64(interval.count());
  // Nobody looks for anomalies here, so no rate is ever raised.
  write_key(writer, "SamplingBoost");
  writer.Null();
  writer.EndObject();
}

void write_unprocessed(JsonWriter& writer, const char* key, const std::vector<std::string>& rules) {
  write_key(writer, key);
  writer.StartArray();
  for (const auto& rule : rules) {
    writer.StartObject();
    write_key(writer, "RuleName");
    write_text(writer, rule);
    write_key(writer, "ErrorCode");
    write_text(writer, "400");
    write_key(writer, "Message");
    write_text(writer, "Unknown rule");
    writer.EndObject();
  }
  writer.EndArray();
}

void note(const SamplingReport& report, const std::optional<SamplingTarget>& target) {
  log::debug("sampling: client " + report.client + ", rule " + report.rule + ": " +
             std::to_string(report.counts.requests) + " requests, " +
             std::to_string(report.counts.sampled) + " sampled, " +
             std::to_string(report.counts.borrowed) + " borrowed; " +
             (target ? "quota " + std::to_string(target->quota.size) : "unknown rule"));
}

}  // namespace

std::string get_sampling_targets(Services& services, const rapidjson::Value& request) {
  services.sampling.count(SamplingCall::get_targets);
  const Reports reports = reports_of(request);
  std::vector<std::string> unknown;
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_key(writer, "SamplingTargetDocuments");
  writer.StartArray();
  for (const auto& report : reports.of_rules) {
    const auto target = services.sampling.report(report);
    note(report, target);
    if (target) {
      write_target(writer, report.rule, *target, services.sampling.interval());
    } else {
      unknown.push_back(report.rule);
    }
  }
  writer.EndArray();
  write_key(writer, "LastRuleModification");
  writer.Double(services.sampling.last_modification());
  write_unprocessed(writer, "UnprocessedStatistics", unknown);
  unknown.clear();
  for (const auto& rule : reports.of_boosts) {
    if (!services.sampling.has_rule(rule)) unknown.push_back(rule);
  }
  write_unprocessed(writer, "UnprocessedBoostStatistics", unknown);
  writer.EndObject();
  services.sampling.tell_news();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace xrayd::local::api
