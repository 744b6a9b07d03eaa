#include "local/trace/kept_times.hpp"

#include "local/trace/packed_format.hpp"

namespace xrayd::local {
namespace {

void keep(double& seconds) noexcept {
  seconds = packed::to_seconds(packed::to_microseconds(seconds));
}

void keep(std::optional<double>& seconds) noexcept {
  if (seconds) keep(*seconds);
}

}  // namespace

void keep_microseconds(TraceRecord& record) noexcept {
  keep(record.listed_at);
  keep(record.start);
  keep(record.end);
  keep(record.duration);
  keep(record.response_time);
  for (auto& segment : record.segments) {
    keep(segment.start);
    keep(segment.end);
    keep(segment.last_end);
  }
  for (auto& call : record.calls) {
    keep(call.start);
    keep(call.end);
    keep(call.event_age);
  }
}

}  // namespace xrayd::local
