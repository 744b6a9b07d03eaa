#include "local/console/tail.hpp"

#include <algorithm>
#include <charconv>
#include <random>
#include <system_error>
#include <utility>

#include "local/arn.hpp"
#include "local/console/trace_row.hpp"

namespace xrayd::local {
namespace {

constexpr std::size_t digits = 16;
// Clocks of others may be ahead of ours.
constexpr double skew = 3600;

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::uint64_t random_number() {
  std::random_device device;
  return std::uint64_t{device()} << 32U | std::uint64_t{device()};
}

}  // namespace

Tail::Tail(const TraceSource& traces) : traces_(traces), run_(random_number()) {
}

std::optional<std::uint64_t> Tail::change_of(std::string_view cursor) const {
  if (cursor.size() != 2 * digits || number_of(cursor.substr(0, digits)) != run_) {
    return std::nullopt;
  }
  return number_of(cursor.substr(digits));
}

std::uint64_t Tail::last_change() {
  const std::lock_guard lock(mutex_);
  return changes_;
}

std::vector<std::uint64_t> Tail::note(const std::vector<TraceRecord>& records, bool alone) {
  ++looks_;
  // Backwards, so that newer traces are later changes.
  std::vector<std::uint64_t> changes(records.size());
  for (std::size_t i = records.size(); i-- > 0;) {
    auto& seen = seen_[records[i].id];
    const auto revision = records[i].revision;
    // An earlier one is that of a trace that was cleared and came again, unless another thread
    // looked later and noted first: then the later one is told next time.
    if (revision > seen.revision || (alone && revision != seen.revision)) {
      seen = {revision, ++changes_, 0};
    }
    seen.look = looks_;
    if (revision == seen.revision) changes[i] = seen.change;
  }
  // Not at once: a look that ran out of time has not seen all of them.
  if (seen_.size() > 4 * max_traces) {
    std::erase_if(seen_, [this](const auto& entry) { return entry.second.look != looks_; });
  }
  return changes;
}

TailAnswer Tail::changes(const TailQuery& asked, double now) {
  RecordQuery query;
  query.start = now - seconds;
  query.end = now + skew;
  query.matches = max_traces;
  query.scanned = max_traces;
  query.deadline = asked.deadline;
  const auto before = last_change();
  auto page = traces_.records(query);

  TailAnswer answer;
  const auto since = change_of(asked.cursor);
  answer.reset = !since;
  std::vector<std::uint64_t> changes;
  {
    const std::lock_guard lock(mutex_);
    // What others have noted meanwhile may be newer than what was read here: it is told next time.
    const bool alone = changes_ == before;
    changes = note(page.records, alone);
    answer.cursor = entity_id_text(run_) + entity_id_text(alone ? changes_ : before);
  }
  for (std::size_t i = 0; i < page.records.size(); ++i) {
    if (changes[i] <= since.value_or(0)) continue;
    if (!asked.filter.matches(page.records[i], store_account)) continue;
    if (answer.records.size() == asked.limit) {
      answer.skipped = true;
      break;
    }
    answer.records.push_back(std::move(page.records[i]));
  }
  return answer;
}

std::string tail_json(const TailAnswer& answer) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_key(writer, "Cursor");
  write_text(writer, answer.cursor);
  write_key(writer, "Reset");
  writer.Bool(answer.reset);
  write_key(writer, "Skipped");
  writer.Bool(answer.skipped);
  write_key(writer, "Traces");
  writer.StartArray();
  for (const auto& record : answer.records) write_trace_row(writer, record);
  writer.EndArray();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace xrayd::local
