#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "local/api/answer.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {
namespace {

// Requests are bounded as a whole.
constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();
constexpr const char* list_name = "TelemetryRecords";

void read_errors(Members& members, TelemetryFigures& figures) {
  const auto figure = [&members](const char* name) {
    return members.integer(name, Need::optional).value_or(0);
  };
  figures.timeouts = figure("TimeoutCount");
  figures.refused = figure("ConnectionRefusedCount");
  figures.http_4xx = figure("HTTPCode4XXCount");
  figures.http_5xx = figure("HTTPCode5XXCount");
  figures.unknown_hosts = figure("UnknownHostCount");
  figures.others = figure("OtherCount");
}

TelemetryRecord read_record(const rapidjson::Value& object, std::string path,
                            Violations& violations) {
  constexpr const char* errors = "BackendConnectionErrors";
  Members members(object, std::move(path), violations);
  const auto figure = [&members](const char* name) {
    return members.integer(name, Need::optional).value_or(0);
  };
  TelemetryRecord record;
  record.timestamp = members.number("Timestamp", Need::required).value_or(0);
  record.figures.received = figure("SegmentsReceivedCount");
  record.figures.sent = figure("SegmentsSentCount");
  record.figures.spilled = figure("SegmentsSpilloverCount");
  record.figures.rejected = figure("SegmentsRejectedCount");
  if (const auto* inner = members.object(errors, Need::optional)) {
    Members counts(*inner, members.path(errors), violations);
    read_errors(counts, record.figures);
  }
  return record;
}

std::vector<TelemetryRecord> read_records(Members& members, Violations& violations) {
  const auto* list = members.list(list_name, Need::required, any_number);
  if (list == nullptr) return {};
  std::vector<TelemetryRecord> records;
  records.reserve(list->Size());
  for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
    records.push_back(read_record((*list)[i], members.path(list_name, i), violations));
  }
  return records;
}

std::string first_of(const std::optional<std::string>& a, const std::optional<std::string>& b,
                     const std::optional<std::string>& c) {
  for (const auto* text : {&a, &b, &c}) {
    if (*text && !(*text)->empty()) return **text;
  }
  return {};
}

}  // namespace

std::string put_telemetry_records(Services& services, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto records = read_records(members, violations);
  const auto instance = members.text("EC2InstanceId", Need::optional, {0, 20});
  const auto host = members.text("Hostname", Need::optional, {0, 255});
  const auto resource = members.text("ResourceARN", Need::optional, {0, 500});
  refuse(violations);
  services.account.telemetry().add(first_of(host, instance, resource), records);
  return empty_answer;
}

}  // namespace xrayd::local::api
