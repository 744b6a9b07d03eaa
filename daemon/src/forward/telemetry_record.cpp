#include "forward/telemetry_record.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <string_view>

namespace xrayd::forward {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write_text(Writer& writer, const char* name, std::string_view text) {
  writer.Key(name);
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_count(Writer& writer, const char* name, std::uint64_t count) {
  constexpr std::uint64_t most = std::numeric_limits<std::int32_t>::max();
  writer.Key(name);
  writer.Uint64(std::min(count, most));
}

void write_record(Writer& writer, const TelemetryRecord& record) {
  const TelemetryCounts& counts = record.counts;
  writer.StartObject();
  writer.Key("BackendConnectionErrors");
  writer.StartObject();
  write_count(writer, "ConnectionRefusedCount", counts.refused);
  write_count(writer, "HTTPCode4XXCount", counts.status_4xx);
  write_count(writer, "HTTPCode5XXCount", counts.status_5xx);
  write_count(writer, "OtherCount", counts.other);
  write_count(writer, "TimeoutCount", counts.timeouts);
  write_count(writer, "UnknownHostCount", counts.unknown_host);
  writer.EndObject();
  write_count(writer, "SegmentsReceivedCount", counts.received);
  write_count(writer, "SegmentsRejectedCount", counts.rejected);
  write_count(writer, "SegmentsSentCount", counts.sent);
  write_count(writer, "SegmentsSpilloverCount", counts.spilled);
  writer.Key("Timestamp");
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(record.time.time_since_epoch()).count();
  std::array<char, 48> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "%lld.%03lld", static_cast<long long>(ms / 1000),
                    static_cast<long long>(ms % 1000));
  writer.RawValue(text.data(), static_cast<std::size_t>(size), rapidjson::kNumberType);
  writer.EndObject();
}

}  // namespace

TelemetryCounts operator-(const TelemetryCounts& now, const TelemetryCounts& before) {
  // Counters of several parts are read one after the other: never a negative number.
  const auto less = [](std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; };
  TelemetryCounts result;
  result.received = less(now.received, before.received);
  result.rejected = less(now.rejected, before.rejected);
  result.sent = less(now.sent, before.sent);
  result.spilled = less(now.spilled, before.spilled);
  result.status_4xx = less(now.status_4xx, before.status_4xx);
  result.status_5xx = less(now.status_5xx, before.status_5xx);
  result.refused = less(now.refused, before.refused);
  result.timeouts = less(now.timeouts, before.timeouts);
  result.unknown_host = less(now.unknown_host, before.unknown_host);
  result.other = less(now.other, before.other);
  return result;
}

std::string telemetry_body(const TelemetrySender& sender,
                           const std::deque<TelemetryRecord>& records, std::size_t count) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  write_text(writer, "EC2InstanceId", sender.instance_id);
  write_text(writer, "Hostname", sender.hostname);
  write_text(writer, "ResourceARN", sender.resource_arn);
  writer.Key("TelemetryRecords");
  writer.StartArray();
  for (std::size_t i = 0; i < std::min(count, records.size()); ++i) {
    write_record(writer, records[i]);
  }
  writer.EndArray();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace xrayd::forward
