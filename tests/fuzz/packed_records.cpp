// Any bytes as a packed record, and a good one with any bytes changed: refused, or a record in
// which every place is good, that packs and unpacks to itself and that JSON can show.
#include <rapidjson/document.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "local/trace/packed_record.hpp"
#include "local/trace/summary_json.hpp"

namespace {

using namespace xrayd::local;

void expect(bool condition) {
  if (!condition) std::abort();
}

TraceRecord good_record() {
  TraceRecord record;
  record.id = TraceId(std::uint64_t{1700000000} << 32U, 1);
  record.listed_at = 1700000000;
  record.start = 1700000000.25;
  record.end = 1700000001.5;
  record.duration = 1.25;
  record.response_time = 1.0;
  record.root_segment = 0;
  record.nodes = {{"shop", "client", "", NodeState::unknown, false},
                  {"shop", "AWS::EC2::Instance", "123456789012", NodeState::active, true},
                  {"items", "AWS::DynamoDB::Table", "", NodeState::passive, false}};
  record.segments.resize(2);
  for (std::size_t i = 0; i < record.segments.size(); ++i) {
    RecordSegment& segment = record.segments[i];
    segment.id = i + 1;
    segment.node = static_cast<RecordIndex>(i + 1);
    segment.start = 1700000000.25 + 0.1 * static_cast<double>(i);
    segment.end = 1700000001.25;
    segment.last_end = 1700000001.5;
    segment.http = {"GET", "http://shop/1", "agent", "10.0.0.1", 200};
    segment.user = "ann";
    segment.resource_arn = "arn";
    segment.instance_id = "i-1";
    segment.availability_zone = "eu-1a";
  }
  record.calls.resize(3);
  for (std::size_t i = 0; i < record.calls.size(); ++i) {
    RecordCall& call = record.calls[i];
    call.kind = static_cast<CallKind>(i);
    call.source_node = static_cast<RecordIndex>(i);
    call.target_node = static_cast<RecordIndex>(2 - i);
    if (i > 0) call.target_segment = static_cast<RecordIndex>(i - 1);
    if (i > 1) call.source_segment = 0;
    call.start = 1700000000.5;
    call.end = 1700000000.75;
    call.alias = "alias";
    call.http = {"GET", "http://shop/1", "", "", 404};
    call.event_age = 0.5;
  }
  record.annotations = {{"text", "value", 0}, {"n", 1.5, 1}, {"w", 7.0, 1}, {"b", true, 0}};
  record.messages = {{"denied", 1}};
  const RootCauseEntity entity{"part", {{"Error", "denied"}, {"Other", "own"}}, 0.75, true};
  record.fault_causes = {{{{1, false, {entity}}, {2, true, {entity}}}, true}};
  record.error_causes = record.response_time_causes = record.fault_causes;
  return record;
}

struct Good {
  Good() { pack_record(good_record(), *dictionary, bytes); }

  std::shared_ptr<Dictionary> dictionary = std::make_shared<Dictionary>(1000, 1U << 20U);
  std::string bytes;
};

std::string make_bytes(const std::string& good, const std::uint8_t* data, std::size_t size) {
  if (size == 0 || data[0] % 2 == 0) return {reinterpret_cast<const char*>(data), size};
  std::string bytes = good;
  for (std::size_t i = 1; i + 1 < size; i += 2) {
    bytes[data[i] % bytes.size()] = static_cast<char>(data[i + 1]);
  }
  return bytes;
}

bool unpack(const std::string& bytes, const std::shared_ptr<const Dictionary>& dictionary,
            TraceRecord& record) {
  // Exactly as long as the bytes, and gone before anybody looks at the record.
  const std::vector<char> copy(bytes.begin(), bytes.end());
  return unpack_record(std::as_bytes(std::span(copy)), dictionary, record);
}

void expect_equal(const TraceRecord& a, const TraceRecord& b) {
  expect(a.id == b.id && a.revision == b.revision && a.listed_at == b.listed_at);
  expect(a.start == b.start && a.end == b.end && a.duration == b.duration);
  expect(a.response_time == b.response_time && a.outcome == b.outcome && a.partial == b.partial);
  expect(a.limit_exceeded == b.limit_exceeded && a.truncated == b.truncated);
  expect(a.root_segment == b.root_segment && a.nodes == b.nodes && a.segments == b.segments);
  expect(a.calls == b.calls && a.annotations == b.annotations && a.messages == b.messages);
  expect(a.fault_causes == b.fault_causes && a.error_causes == b.error_causes);
  expect(a.response_time_causes == b.response_time_causes);
}

void expect_sound(const TraceRecord& record) {
  const auto is_segment = [&](RecordIndex index) { return index < record.segments.size(); };
  const auto is_node = [&](RecordIndex index) { return index < record.nodes.size(); };
  expect(record.root_segment == no_index || is_segment(record.root_segment));
  for (const auto& segment : record.segments) expect(is_node(segment.node));
  for (const auto& call : record.calls) {
    expect(call.kind <= CallKind::link && is_node(call.source_node) && is_node(call.target_node));
    expect(call.source_segment == no_index || is_segment(call.source_segment));
    expect(call.target_segment == no_index || is_segment(call.target_segment));
  }
  for (const auto& annotation : record.annotations) expect(is_segment(annotation.segment));
  for (const auto& message : record.messages) expect(is_segment(message.segment));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Good good;
  const std::string bytes = make_bytes(good.bytes, data, size);
  TraceRecord record;
  if (!unpack(bytes, good.dictionary, record)) return 0;
  expect_sound(record);

  const auto dictionary = std::make_shared<Dictionary>(bytes.size() % 20, 1000);
  std::string again;
  pack_record(record, *dictionary, again);
  TraceRecord second;
  expect(unpack(again, dictionary, second));
  expect_equal(second, record);

  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  write_trace_summary(writer, record, "");
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(buffer.GetString(), buffer.GetSize());
  expect(!json.HasParseError());
  return 0;
}
