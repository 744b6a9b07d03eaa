#include "local/trace/packed_record.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "local/packing/bytes.hpp"
#include "record_equality.hpp"

namespace xrayd::local {
namespace {

constexpr std::size_t plenty = 1'000'000;

std::shared_ptr<Dictionary> new_dictionary() {
  return std::make_shared<Dictionary>(plenty, plenty);
}

std::string packed(const TraceRecord& record, Dictionary& dictionary) {
  std::string bytes;
  pack_record(record, dictionary, bytes);
  return bytes;
}

// Of a copy that is exactly as long as the bytes, so that the address sanitizer sees every read
// beyond them, and that is gone before anybody looks at the record.
bool unpack(std::string_view bytes, const std::shared_ptr<const Dictionary>& dictionary,
            TraceRecord& record) {
  const std::vector<char> copy(bytes.begin(), bytes.end());
  return unpack_record(std::as_bytes(std::span(copy)), dictionary, record);
}

// Packs and unpacks.
TraceRecord returned(const TraceRecord& record) {
  const auto dictionary = new_dictionary();
  TraceRecord result;
  EXPECT_TRUE(unpack(packed(record, *dictionary), dictionary, result));
  return result;
}

TraceRecord small_record() {
  TraceRecord record;
  record.id = TraceId(std::uint64_t{1700000000} << 32U | 7, 9);
  record.listed_at = 1700000000;
  record.start = 1700000000.25;
  record.end = 1700000001.5;
  record.nodes = {{"shop", "AWS::EC2::Instance", "", NodeState::active, true}};
  record.segments.resize(1);
  record.segments[0].id = 0x0123456789ABCDEF;
  record.segments[0].node = 0;
  record.segments[0].start = 1700000000.25;
  record.segments[0].end = 1700000001.25;
  record.root_segment = 0;
  return record;
}

/// A page of a shop: two services, a table, a queue and a database.
TraceRecord typical_record() {
  TraceRecord record = small_record();
  record.end = 1700000001.25;
  record.duration = 1.0;
  record.response_time = 1.0;
  record.nodes = {{"shop", "client", "", NodeState::unknown, false},
                  {"shop", "AWS::EC2::Instance", "", NodeState::active, true},
                  {"stock", "AWS::ECS::Container", "", NodeState::active, false},
                  {"items", "AWS::DynamoDB::Table", "", NodeState::unknown, false},
                  {"orders", "AWS::SQS::Queue", "", NodeState::unknown, false},
                  {"stock@db", "Database::SQL", "", NodeState::passive, false}};
  record.segments.resize(5);
  for (std::size_t i = 0; i < record.segments.size(); ++i) {
    RecordSegment& segment = record.segments[i];
    segment.id = 0x9E3779B97F4A7C15U * (i + 1);
    segment.node = static_cast<RecordIndex>(i + 1);
    segment.start = 1700000000.25 + 0.004321 * static_cast<double>(i);
    segment.end = segment.start + 0.0123;
    segment.last_end = segment.end;
    segment.inferred = i >= 2;
  }
  record.segments[0].end = 1700000001.25;
  record.segments[0].last_end = 1700000001.25;
  record.segments[0].http = {"GET", "http://shop.example/items/4711", "curl/7.88", "10.1.2.3", 200};
  record.segments[1].http = {"GET", "http://stock/4711", "", "", 200};
  record.segments[2].http.status = 200;
  record.segments[3].http.status = 200;
  record.calls.resize(5);
  for (std::size_t i = 0; i < record.calls.size(); ++i) {
    RecordCall& call = record.calls[i];
    call.kind = i == 0 ? CallKind::client : CallKind::call;
    call.target_segment = static_cast<RecordIndex>(i);
    call.target_node = static_cast<RecordIndex>(i + 1);
    call.source_segment = i == 0 ? no_index : i == 4 ? 1 : 0;
    call.source_node = i == 0 ? 0 : i == 4 ? 2 : 1;
    call.start = record.segments[i].start;
    call.end = record.segments[i].end;
    call.http = record.segments[i].http;
  }
  record.calls[1].start -= 0.0011;
  *record.calls[1].end += 0.0009;
  record.calls[1].alias = "stock.internal";
  record.annotations = {{"item", 4711.0, 0}, {"region", "eu", 1}};
  return record;
}

TEST(PackedRecord, a_record_comes_back) {
  const TraceRecord record = typical_record();
  expect_equal(returned(record), rounded(record));
}

TEST(PackedRecord, an_empty_record_comes_back) {
  expect_equal(returned(TraceRecord{}), TraceRecord{});
}

TEST(PackedRecord, records_with_root_causes_come_back) {
  TraceRecord record = small_record();
  record.messages = {{"no such table", 0}, {"denied", 0}};
  RootCauseEntity caller{"query", {{"Error", "denied"}, {"Other", "unlisted"}}, 0, true};
  record.fault_causes = {{{{0, false, {{"shop", {}, 0, false}, caller}}, {0, true, {}}}, true}, {}};
  record.error_causes = {{{}, true}};
  record.response_time_causes = {
      {{{0, false, {{"shop", {}, 1.0, false}, {"q", {}, 0.75, true}}}}, true}};
  expect_equal(returned(record), record);
}

TEST(PackedRecord, a_typical_trace_takes_150_bytes_and_its_own_texts_once_the_others_are_known) {
  const auto dictionary = new_dictionary();
  // Numbers of two bytes.
  for (int i = 0; i < 100; ++i) dictionary->add("text of another trace " + std::to_string(i));
  const TraceRecord record = typical_record();
  packed(record, *dictionary);
  const auto size = dictionary->size();
  const auto bytes = packed(record, *dictionary);
  EXPECT_EQ(dictionary->size(), size);
  std::size_t own = record.segments[0].http.client_ip.size();
  for (const auto& segment : record.segments) own += segment.http.url.size();
  for (const auto& item : record.annotations) {
    const auto* text = std::get_if<std::string_view>(&item.value);
    own += text == nullptr ? 0 : text->size();
  }
  EXPECT_LT(bytes.size() - own, 150U);
}

TEST(PackedRecord, shared_texts_are_in_the_dictionary_and_those_of_one_trace_are_not) {
  TraceRecord record = small_record();
  record.segments[0].http = {"PATCH", "http://x/4711", "agent", "10.0.0.1", 200};
  record.segments[0].user = "ann";
  record.annotations = {{"key", "value", 0}};
  record.messages = {{"went wrong", 0}};
  const auto dictionary = new_dictionary();
  const auto bytes = packed(record, *dictionary);
  std::string shared;
  for (Dictionary::Number i = 0; i < dictionary->size(); ++i) shared += *dictionary->text(i);
  for (const auto* text : {"shop", "AWS::EC2::Instance", "PATCH", "agent", "key"}) {
    EXPECT_NE(shared.find(text), std::string::npos) << text;
    EXPECT_EQ(bytes.find(text), std::string::npos) << text;
  }
  for (const auto* text : {"http://x/4711", "10.0.0.1", "ann", "value", "went wrong"}) {
    EXPECT_EQ(shared.find(text), std::string::npos) << text;
    EXPECT_NE(bytes.find(text), std::string::npos) << text;
  }
}

TEST(PackedRecord, where_the_dictionary_is_full_texts_are_in_the_bytes) {
  const TraceRecord record = typical_record();
  const auto full = std::make_shared<Dictionary>(3, plenty);
  TraceRecord result;
  ASSERT_TRUE(unpack(packed(record, *full), full, result));
  expect_equal(result, rounded(record));
  const auto none = std::make_shared<Dictionary>(0, 0);
  ASSERT_TRUE(unpack(packed(record, *none), nullptr, result));
  expect_equal(result, rounded(record));
}

TEST(PackedRecord, it_is_appended) {
  const auto dictionary = new_dictionary();
  std::string bytes = "before";
  pack_record(small_record(), *dictionary, bytes);
  EXPECT_TRUE(bytes.starts_with("before"));
  TraceRecord result;
  ASSERT_TRUE(unpack(bytes.substr(6), dictionary, result));
  expect_equal(result, small_record());
}

TEST(PackedRecord, texts_outlive_the_dictionarys_owner) {
  auto dictionary = new_dictionary();
  const auto bytes = packed(typical_record(), *dictionary);
  TraceRecord result;
  ASSERT_TRUE(unpack(bytes, dictionary, result));
  dictionary.reset();
  expect_equal(result, rounded(typical_record()));
}

TEST(PackedRecord, a_record_that_was_used_before_has_nothing_left_of_it) {
  const auto dictionary = new_dictionary();
  TraceRecord result;
  ASSERT_TRUE(unpack(packed(typical_record(), *dictionary), dictionary, result));
  ASSERT_TRUE(unpack(packed(small_record(), *dictionary), dictionary, result));
  expect_equal(result, small_record());
  EXPECT_FALSE(unpack("", dictionary, result));
  ASSERT_TRUE(unpack(packed(TraceRecord{}, *dictionary), dictionary, result));
  expect_equal(result, TraceRecord{});
}

// ---- times -----------------------------------------------------------------------------------

TEST(PackedRecord, times_come_back_to_the_microsecond) {
  TraceRecord record = small_record();
  record.start = 1700000000.1234567;
  record.end = 1700000000.9999999;
  record.duration = 0.0000014;
  const TraceRecord result = returned(record);
  EXPECT_EQ(result.start, 1700000000.123457);
  EXPECT_EQ(result.end, 1700000001.0);
  EXPECT_EQ(result.duration, 0.000001);
}

TEST(PackedRecord, times_at_the_ends_of_what_documents_may_say_come_back) {
  for (const double time : {0.0, 1e-6, 253402300799.0, 253402300798.99997, -1.5, 8589934592.000001,
                            17179869184.000004, 4e11, -4e11}) {
    TraceRecord record = small_record();
    record.listed_at = time;
    record.start = time;
    record.end = time;
    record.segments[0].start = time;
    record.segments[0].end = time;
    record.segments[0].last_end = 0;
    record.duration = 0;
    const TraceRecord result = returned(record);
    expect_equal(result, record);
  }
}

TEST(PackedRecord, times_that_are_no_times_are_clamped) {
  using Limits = std::numeric_limits<double>;
  TraceRecord record = small_record();
  record.start = Limits::quiet_NaN();
  record.end = Limits::infinity();
  record.listed_at = -Limits::infinity();
  record.duration = Limits::infinity();
  record.response_time = 1e300;
  record.segments[0].start = -1e300;
  record.segments[0].end = Limits::quiet_NaN();
  const TraceRecord result = returned(record);
  EXPECT_EQ(result.start, 0);
  EXPECT_EQ(result.end, 4e11);
  EXPECT_EQ(result.listed_at, -4e11);
  EXPECT_EQ(result.duration, 4e11);
  EXPECT_EQ(result.response_time, 4e11);
  EXPECT_EQ(result.segments[0].start, -4e11);
  EXPECT_EQ(result.segments[0].end, 0);
}

TEST(PackedRecord, absent_times_stay_absent) {
  TraceRecord record = small_record();
  record.segments[0].end.reset();
  record.segments[0].last_end = 1700000003;
  record.segments[0].in_progress = true;
  record.partial = true;
  expect_equal(returned(record), record);
}

// ---- what makes no sense ---------------------------------------------------------------------

TEST(PackedRecord, what_points_nowhere_is_left_out) {
  TraceRecord record = small_record();
  record.calls.resize(3);
  record.calls[1].source_node = record.calls[1].target_node = 0;
  record.calls[1].source_segment = 99;
  record.calls[2].source_node = 0;
  record.calls[2].target_node = 1;
  record.annotations = {{"a", true, no_index}, {"b", true, 0}};
  record.messages = {{"lost", 1}, {"kept", 0}};
  record.fault_causes = {
      {{{0, false, {{"e", {{"E", "kept"}, {"E", "lost"}}, 0, false}}}, {7, false, {}}}, false}};
  const TraceRecord result = returned(record);
  ASSERT_EQ(result.calls.size(), 1U);
  EXPECT_EQ(result.calls[0].source_segment, no_index);
  ASSERT_EQ(result.annotations.size(), 1U);
  EXPECT_EQ(result.annotations[0].key, "b");
  ASSERT_EQ(result.messages.size(), 1U);
  EXPECT_EQ(result.messages[0].text, "kept");
  ASSERT_EQ(result.fault_causes[0].services.size(), 1U);
  EXPECT_EQ(result.fault_causes[0].services[0].path, record.fault_causes[0].services[0].path);
}

TEST(PackedRecord, annotations_of_any_number_come_back_and_no_number_is_0) {
  using Limits = std::numeric_limits<double>;
  for (const double number : {0.0, -0.0, 1.0, -1.0, 0.5, 1e15, 9007199254740992.0, -1e300,
                              Limits::denorm_min(), Limits::max(), Limits::lowest()}) {
    TraceRecord record = small_record();
    record.annotations = {{"n", number, 0}};
    const auto result = returned(record);
    EXPECT_EQ(std::get<double>(result.annotations[0].value), number);
    EXPECT_EQ(std::signbit(std::get<double>(result.annotations[0].value)), std::signbit(number));
  }
  TraceRecord record = small_record();
  record.annotations = {{"n", Limits::quiet_NaN(), 0}, {"i", Limits::infinity(), 0}};
  const auto result = returned(record);
  EXPECT_EQ(std::get<double>(result.annotations[0].value), 0);
  EXPECT_EQ(std::get<double>(result.annotations[1].value), Limits::max());
}

TEST(PackedRecord, truncation_at_every_byte_is_refused) {
  const auto dictionary = new_dictionary();
  const auto bytes = packed(typical_record(), *dictionary);
  TraceRecord result;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(unpack(std::string_view(bytes).substr(0, size), dictionary, result)) << size;
  }
  EXPECT_FALSE(unpack(bytes + '\0', dictionary, result));
}

TEST(PackedRecord, a_later_version_is_refused) {
  const auto dictionary = new_dictionary();
  auto bytes = packed(small_record(), *dictionary);
  TraceRecord result;
  bytes[0] = 2;
  EXPECT_FALSE(unpack(bytes, dictionary, result));
  bytes[0] = 0;
  EXPECT_FALSE(unpack(bytes, dictionary, result));
}

TEST(PackedRecord, numbers_that_the_dictionary_lacks_are_refused) {
  const auto dictionary = new_dictionary();
  const auto bytes = packed(small_record(), *dictionary);
  TraceRecord result;
  EXPECT_FALSE(unpack(bytes, new_dictionary(), result));
  EXPECT_FALSE(unpack(bytes, nullptr, result));
}

TEST(PackedRecord, segments_without_a_node_are_refused) {
  TraceRecord record = small_record();
  record.segments[0].node = no_index;
  const auto dictionary = new_dictionary();
  TraceRecord result;
  EXPECT_FALSE(unpack(packed(record, *dictionary), dictionary, result));
}

// Every place that a record of another make could point to.
void expect_sound(const TraceRecord& record) {
  const auto is_node = [&](RecordIndex index) { return index < record.nodes.size(); };
  const auto is_segment = [&](RecordIndex index) { return index < record.segments.size(); };
  const auto is_segment_or_none = [&](RecordIndex index) {
    return index == no_index || is_segment(index);
  };
  EXPECT_TRUE(is_segment_or_none(record.root_segment));
  for (const auto& node : record.nodes) EXPECT_LE(node.state, NodeState::passive);
  for (const auto& segment : record.segments) EXPECT_TRUE(is_node(segment.node));
  for (const auto& call : record.calls) {
    EXPECT_LE(call.kind, CallKind::link);
    EXPECT_TRUE(is_node(call.source_node) && is_node(call.target_node));
    EXPECT_TRUE(is_segment_or_none(call.source_segment));
    EXPECT_TRUE(is_segment_or_none(call.target_segment));
  }
  for (const auto& annotation : record.annotations) EXPECT_TRUE(is_segment(annotation.segment));
  for (const auto& message : record.messages) EXPECT_TRUE(is_segment(message.segment));
  for (const auto* causes :
       {&record.fault_causes, &record.error_causes, &record.response_time_causes}) {
    for (const auto& cause : *causes) {
      for (const auto& service : cause.services) EXPECT_TRUE(is_node(service.node));
    }
  }
}

TEST(PackedRecord, changed_bytes_are_refused_or_make_another_sound_record) {
  const auto dictionary = new_dictionary();
  TraceRecord with_causes = typical_record();
  with_causes.messages = {{"denied", 1}};
  with_causes.fault_causes = {{{{1, false, {{"shop", {{"E", "denied"}}, 0, true}}}}, true}};
  const auto bytes = packed(with_causes, *dictionary);
  int accepted = 0;
  TraceRecord result;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      auto changed = bytes;
      changed[at] = static_cast<char>(value);
      if (!unpack(changed, dictionary, result)) continue;
      ++accepted;
      expect_sound(result);
      expect_equal(returned(result), result);
      ASSERT_FALSE(HasFailure()) << at << ' ' << value;
    }
  }
  EXPECT_GT(accepted, 256);
}

TEST(PackedRecord, counts_are_not_trusted) {
  // A record that claims very many nodes, segments or calls, and has none.
  for (unsigned list = 0; list < 8; ++list) {
    for (const std::uint64_t count :
         {std::uint64_t{100}, std::uint64_t{1} << 40U, ~std::uint64_t{0}}) {
      std::string bytes;
      ByteWriter writer(bytes);
      writer.byte(1);
      writer.fixed(1);
      writer.fixed(1);
      for (int i = 0; i < 4; ++i) writer.number(0);
      writer.number(0);  // listed_at
      writer.byte(static_cast<std::uint8_t>(1U << list));
      writer.number(count);
      TraceRecord result;
      EXPECT_FALSE(unpack(bytes, nullptr, result));
      EXPECT_LE(result.segments.capacity() + result.calls.capacity() + result.nodes.capacity(), 8U);
    }
  }
}

// ---- any record ------------------------------------------------------------------------------

class RandomRecord {
 public:
  explicit RandomRecord(unsigned seed) : random_(seed) {}

  TraceRecord make() {
    TraceRecord record;
    record.id = TraceId(random_(), random_());
    record.revision = static_cast<std::int64_t>(random_());
    record.start = time();
    record.end = time();
    record.listed_at = coin() ? record.id.epoch_seconds() : time();
    record.duration = maybe_time();
    record.response_time = maybe_time();
    record.outcome = outcome();
    record.partial = coin();
    record.limit_exceeded = coin();
    record.truncated = coin();
    for (auto n = below(5) + 1; n > 0; --n) {
      record.nodes.push_back(
          {text(record), text(record), text(record), static_cast<NodeState>(below(3)), coin()});
    }
    nodes_ = record.nodes.size();
    for (auto n = below(8); n > 0; --n) record.segments.push_back(segment(record));
    segments_ = record.segments.size();
    for (auto n = below(8); n > 0; --n) record.calls.push_back(call(record));
    if (segments_ > 0) {
      record.root_segment = coin() ? no_index : index(segments_);
      for (auto n = below(5); n > 0; --n) {
        const auto key = text(record);
        record.annotations.push_back({key, value(record), index(segments_)});
      }
      for (auto n = below(4); n > 0; --n) {
        record.messages.push_back({text(record), index(segments_)});
      }
    }
    for (auto* causes :
         {&record.fault_causes, &record.error_causes, &record.response_time_causes}) {
      for (auto n = below(3); n > 0; --n) causes->push_back(cause(record));
    }
    return record;
  }

 private:
  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  bool coin() { return below(2) == 0; }
  RecordIndex index(std::size_t size) { return static_cast<RecordIndex>(below(size)); }

  double time() {
    constexpr std::array<double, 6> extremes = {0.0, -1e9, 253402300799.0, 4e11, 1e-6, 1.7e9};
    if (below(4) == 0) return extremes[below(extremes.size())];
    return 1.7e9 + static_cast<double>(below(2'000'000'000)) / 1e6;
  }
  std::optional<double> maybe_time() { return coin() ? std::optional(time()) : std::nullopt; }
  Outcome outcome() { return {coin(), coin(), coin()}; }

  std::string_view text(TraceRecord& record) {
    std::string text(below(8) == 0 ? 300 : below(6), '\0');
    for (char& c : text) c = static_cast<char>(below(8) == 0 ? below(256) : 'a' + below(3));
    return record.texts.keep(text);
  }

  RecordHttp http(TraceRecord& record) {
    if (coin()) return {};
    const auto status =
        coin() ? 200 : static_cast<std::int32_t>(static_cast<std::uint32_t>(random_()));
    return {text(record), text(record), text(record), text(record), status};
  }

  RecordSegment segment(TraceRecord& record) {
    RecordSegment segment;
    segment.id = random_();
    segment.node = index(nodes_);
    segment.start = time();
    segment.end = maybe_time();
    segment.last_end = coin() ? segment.end : maybe_time();
    segment.outcome = outcome();
    segment.in_progress = coin();
    segment.inferred = coin();
    segment.cold_start = coin();
    segment.http = http(record);
    segment.user = text(record);
    segment.resource_arn = text(record);
    segment.instance_id = text(record);
    segment.availability_zone = text(record);
    return segment;
  }

  RecordCall call(TraceRecord& record) {
    RecordCall call;
    call.kind = static_cast<CallKind>(below(3));
    if (segments_ > 0 && coin()) call.source_segment = index(segments_);
    if (segments_ > 0 && coin()) call.target_segment = index(segments_);
    call.source_node = index(nodes_);
    call.target_node = index(nodes_);
    call.start = time();
    call.end = maybe_time();
    call.outcome = outcome();
    call.in_progress = coin();
    call.http = http(record);
    call.alias = text(record);
    call.event_age = maybe_time();
    if (call.target_segment != no_index) {
      const RecordSegment& target = record.segments[call.target_segment];
      if (coin()) call.http = target.http;
      if (coin()) call.http.url = target.http.url;
      if (coin()) {
        call.target_node = target.node;
        call.start = target.start;
        call.end = target.end;
        call.outcome = target.outcome;
        call.in_progress = target.in_progress;
      }
    }
    return call;
  }

  AnnotationValue value(TraceRecord& record) {
    switch (below(4)) {
      case 0:
        return text(record);
      case 1:
        return coin();
      case 2:
        return static_cast<double>(static_cast<std::int64_t>(random_())) / 1e6;
      default:
        return static_cast<double>(below(1000));
    }
  }

  RootCause cause(TraceRecord& record) {
    RootCause cause;
    cause.client_impacting = coin();
    for (auto n = below(3); n > 0; --n) {
      auto& service = cause.services.emplace_back();
      service.node = index(nodes_);
      service.inferred = coin();
      for (auto k = below(3); k > 0; --k) {
        auto& entity = service.path.emplace_back();
        entity.name = text(record);
        entity.remote = coin();
        entity.coverage = static_cast<double>(below(1'000'001)) / 1e6;
        for (auto i = below(3); i > 0; --i) {
          const auto name = text(record);
          const auto message = record.messages.empty() || coin()
                                   ? text(record)
                                   : record.messages[below(record.messages.size())].text;
          entity.exceptions.push_back({name, message});
        }
      }
    }
    return cause;
  }

  std::mt19937_64 random_;
  std::size_t nodes_ = 0;
  std::size_t segments_ = 0;
};

TEST(PackedRecord, any_sound_record_comes_back) {
  const auto dictionary = new_dictionary();
  TraceRecord result;
  for (unsigned seed = 0; seed < 3000; ++seed) {
    const TraceRecord record = RandomRecord(seed).make();
    ASSERT_TRUE(unpack(packed(record, *dictionary), dictionary, result)) << seed;
    expect_equal(result, rounded(record));
    expect_sound(result);
    ASSERT_FALSE(HasFailure()) << seed;
  }
}

}  // namespace
}  // namespace xrayd::local
