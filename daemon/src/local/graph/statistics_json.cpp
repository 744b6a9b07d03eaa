#include "local/graph/statistics_json.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace xrayd::local {
namespace {

constexpr double milliseconds = 1000;

void append(std::string& text, std::int64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  text.append(digits.data(), end);
}

// Seconds with at least one digit behind the point and no 0 at the end but there.
void append_seconds(std::string& text, std::int64_t ms) {
  append(text, ms / 1000);
  std::array<char, 4> fraction = {'.', static_cast<char>('0' + ms / 100 % 10),
                                  static_cast<char>('0' + ms / 10 % 10),
                                  static_cast<char>('0' + ms % 10)};
  std::string_view digits(fraction.data(), fraction.size());
  while (digits.size() > 2 && digits.back() == '0') digits.remove_suffix(1);
  text += digits;
}

std::int64_t rounded(double seconds) noexcept {
  return static_cast<std::int64_t>(std::llround(seconds * milliseconds));
}

}  // namespace

void write_statistics(JsonWriter& writer, const CallStatistics& statistics) {
  writer.StartObject();
  write_key(writer, "OkCount");
  writer.Int64(statistics.ok);
  write_key(writer, "ErrorStatistics");
  writer.StartObject();
  write_key(writer, "ThrottleCount");
  writer.Int64(statistics.throttles);
  write_key(writer, "OtherCount");
  writer.Int64(statistics.errors);
  write_key(writer, "TotalCount");
  writer.Int64(statistics.throttles + statistics.errors);
  writer.EndObject();
  write_key(writer, "FaultStatistics");
  writer.StartObject();
  write_key(writer, "OtherCount");
  writer.Int64(statistics.faults);
  write_key(writer, "TotalCount");
  writer.Int64(statistics.faults);
  writer.EndObject();
  write_key(writer, "TotalCount");
  writer.Int64(statistics.total());
  write_key(writer, "TotalResponseTime");
  // Sums of doubles carry noise far below a microsecond.
  constexpr double microseconds = 1e6;
  writer.Double(std::round(statistics.response_time * microseconds) / microseconds);
  writer.EndObject();
}

void HistogramWriter::write(JsonWriter& writer, const Histogram& histogram) {
  // Counted first: buckets below a millisecond share their values.
  std::size_t values = 0;
  std::int64_t last = -1;
  histogram.each([&](Histogram::Bucket bucket, std::int64_t) {
    const std::int64_t ms = rounded(Histogram::value_of(bucket));
    values += ms != last ? 1 : 0;
    last = ms;
  });
  const std::size_t neighbours = (values + max_entries - 1) / max_entries;

  text_ = "[";
  std::size_t together = 0;  // values in the entry so far
  std::int64_t count = 0;
  double sum = 0;
  const auto finish = [&] {
    if (count == 0) return;
    if (text_.size() > 1) text_ += ',';
    text_ += R"({"Value":)";
    append_seconds(text_, rounded(sum / static_cast<double>(count)));
    text_ += R"(,"Count":)";
    append(text_, count);
    text_ += '}';
    together = 0;
    count = 0;
    sum = 0;
  };
  last = -1;
  histogram.each([&](Histogram::Bucket bucket, std::int64_t in_bucket) {
    const double value = Histogram::value_of(bucket);
    const std::int64_t ms = rounded(value);
    if (ms != last) {
      if (together == neighbours) finish();
      ++together;
    }
    last = ms;
    count += in_bucket;
    sum += value * static_cast<double>(in_bucket);
  });
  finish();
  text_ += ']';
  writer.RawValue(text_.data(), text_.size(), rapidjson::kArrayType);
}

}  // namespace xrayd::local
