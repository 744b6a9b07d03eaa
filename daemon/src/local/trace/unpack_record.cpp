#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "local/packing/bytes.hpp"
#include "local/trace/packed_format.hpp"
#include "local/trace/packed_record.hpp"

namespace xrayd::local {
namespace {

using namespace packed;

// The fewest bytes that one of them takes.
constexpr std::size_t least_node = 1;
constexpr std::size_t least_segment = 10;
constexpr std::size_t least_call = 2;
constexpr std::size_t least_annotation = 2;
constexpr std::size_t least_message = 2;
constexpr std::size_t least_cause = 1;
constexpr std::size_t least_service = 2;
constexpr std::size_t least_entity = 2;
constexpr std::size_t least_exception = 2;

// After a failure the reader answers zeros only, and every loop ends soon.
class RecordUnpacker {
 public:
  RecordUnpacker(std::span<const std::byte> bytes, const Dictionary* dictionary,
                 TraceRecord& record)
      : in_(bytes), dictionary_(dictionary), record_(record) {}

  bool unpack() {
    if (in_.byte() != version) return false;
    const Flags flags = read_trace();
    const Flags lists = in_.byte();
    const auto read = [&](ListFlag list, auto& items, std::size_t least, auto read_item) {
      items.clear();
      if ((lists & list) == 0) return;
      const std::size_t count = count_of(least);
      items.reserve(count);
      for (std::size_t i = 0; i < count && !in_.failed(); ++i) read_item(items.emplace_back());
    };
    read(list_nodes, record_.nodes, least_node, [this](RecordNode& node) { read_node(node); });
    read(list_segments, record_.segments, least_segment,
         [this](RecordSegment& segment) { read_segment(segment); });
    measure(flags);
    read_root(flags);
    read(list_calls, record_.calls, least_call, [this](RecordCall& call) { read_call(call); });
    read(list_annotations, record_.annotations, least_annotation,
         [this](RecordAnnotation& item) { read_annotation(item); });
    read(list_messages, record_.messages, least_message,
         [this](RecordMessage& item) { read_message(item); });
    const auto read_one_cause = [this](RootCause& cause) { read_cause(cause); };
    read(list_fault_causes, record_.fault_causes, least_cause, read_one_cause);
    read(list_error_causes, record_.error_causes, least_cause, read_one_cause);
    read(list_response_time_causes, record_.response_time_causes, least_cause, read_one_cause);
    return !in_.failed() && in_.at_end();
  }

 private:
  // ---- parts ---------------------------------------------------------------------------------

  Flags read_trace() {
    const std::uint64_t high = in_.fixed();
    record_.id = TraceId(high, in_.fixed());
    const Flags flags = flags_below(record_flags_end);
    const std::int64_t epoch = to_microseconds(record_.id.epoch_seconds());
    record_.revision = in_.signed_number();
    start_ = time_from(epoch);
    if ((flags & record_end_known) == 0) end_ = time_from(start_);
    record_.start = to_seconds(start_);
    record_.listed_at = to_seconds((flags & record_listed_by_id) != 0 ? epoch : time_from(start_));
    record_.duration.reset();
    if ((flags & record_has_duration) != 0 && (flags & record_duration_known) == 0) {
      record_.duration = to_seconds(time_from(0));
    }
    record_.root_segment = no_index;
    if ((flags & record_has_root) != 0) root_ = in_.number();
    record_.response_time.reset();
    if ((flags & record_has_response_time) != 0 && (flags & record_response_time_known) == 0) {
      record_.response_time = to_seconds(time_from(0));
    }
    record_.outcome = {(flags & record_fault) != 0, (flags & record_error) != 0,
                       (flags & record_throttle) != 0};
    record_.partial = (flags & record_partial) != 0;
    record_.limit_exceeded = (flags & record_limit_exceeded) != 0;
    record_.truncated = (flags & record_truncated) != 0;
    last_start_ = start_;
    return flags;
  }

  // Once the segments are there.
  void measure(Flags flags) {
    if ((flags & record_end_known) != 0) end_ = last_end(record_, start_);
    record_.end = to_seconds(end_);
    if ((flags & record_duration_known) == 0) return;
    if ((flags & record_has_duration) == 0) return in_.fail();
    record_.duration = to_seconds(between(start_, end_));
  }

  void read_root(Flags flags) {
    if ((flags & record_has_root) == 0) {
      if ((flags & record_response_time_known) != 0) in_.fail();
      return;
    }
    if (root_ >= record_.segments.size()) return in_.fail();
    record_.root_segment = static_cast<RecordIndex>(root_);
    if ((flags & record_response_time_known) == 0) return;
    const RecordSegment& root = record_.segments[record_.root_segment];
    if ((flags & record_has_response_time) == 0 || !root.end) return in_.fail();
    record_.response_time =
        to_seconds(between(to_microseconds(root.start), to_microseconds(*root.end)));
  }

  void read_node(RecordNode& node) {
    ByteReader in = together();
    const Flags flags = in.byte();
    const Flags state = flags & node_state_mask;
    node.state = static_cast<NodeState>(state);
    node.root = (flags & node_root) != 0;
    node.name = in.text();
    node.type = in.text();
    if ((flags & node_has_account) != 0) node.account = in.text();
    if (flags >= node_flags_end || state > static_cast<Flags>(NodeState::passive)) in.fail();
    finish(in);
  }

  void read_segment(RecordSegment& segment) {
    const Flags flags = flags_below(segment_flags_end);
    const auto has = [flags](SegmentFlag flag) { return (flags & flag) != 0; };
    segment.id = in_.fixed();
    segment.node = has(segment_node_follows) ? checked(last_node_ + 1, record_.nodes.size())
                                             : index_below(record_.nodes.size());
    last_node_ = segment.node;
    const std::int64_t start = time_from(last_start_);
    last_start_ = start;
    segment.start = to_seconds(start);
    if (has(segment_has_end)) segment.end = to_seconds(time_from(start));
    if (has(segment_last_end_known)) {
      segment.last_end = segment.end;
    } else if (has(segment_has_last_end)) {
      segment.last_end = to_seconds(time_from(start));
    }
    segment.outcome = {has(segment_fault), has(segment_error), has(segment_throttle)};
    segment.in_progress = has(segment_in_progress);
    segment.inferred = has(segment_inferred);
    segment.cold_start = has(segment_cold_start);
    if (has(segment_has_http)) read_http(segment.http, nullptr);
    if (has(segment_has_user)) segment.user = in_.text();
    if (has(segment_has_resource_arn)) segment.resource_arn = shared_text();
    if (has(segment_has_instance_id)) segment.instance_id = shared_text();
    if (has(segment_has_availability_zone)) segment.availability_zone = shared_text();
  }

  void read_http(RecordHttp& http, const RecordHttp* target) {
    ByteReader in = together();
    const Flags flags = in.byte();
    if ((flags & http_has_method) != 0) http.method = in.text();
    if ((flags & http_has_user_agent) != 0) http.user_agent = in.text();
    if ((flags & http_has_status) != 0) {
      using Limits = std::numeric_limits<std::int32_t>;
      const std::int64_t distance = in.signed_number();
      if (distance < Limits::min() - usual_status || distance > Limits::max() - usual_status) {
        return in_.fail();
      }
      http.status = static_cast<std::int32_t>(distance + usual_status);
    }
    if (flags >= http_flags_end) in.fail();
    finish(in);
    if ((flags & http_has_url) != 0) http.url = in_.text();
    if ((flags & http_url_known) != 0) {
      if (target == nullptr) return in_.fail();
      http.url = target->url;
    }
    if ((flags & http_has_client_ip) != 0) http.client_ip = in_.text();
  }

  void read_call(RecordCall& call) {
    const Flags flags = flags_below(call_flags_end);
    const auto has = [flags](CallFlag flag) { return (flags & flag) != 0; };
    const Flags kind = flags & call_kind_mask;
    if (kind > static_cast<Flags>(CallKind::link)) in_.fail();
    call.kind = static_cast<CallKind>(kind);
    call.source_segment = place();
    call.target_segment =
        has(call_target_follows) ? checked(last_target_ + 1, record_.segments.size()) : place();
    last_target_ = call.target_segment;
    if (in_.failed()) return;
    const auto* source = segment_at(call.source_segment);
    const auto* target = segment_at(call.target_segment);
    if (target == nullptr && (has(call_figures_known) || has(call_http_known))) return in_.fail();

    call.source_node = node_of(source, has(call_nodes_known));
    call.target_node = node_of(target, has(call_nodes_known));
    if (has(call_figures_known)) {
      call.start = target->start;
      call.end = target->end;
      call.outcome = target->outcome;
      call.in_progress = target->in_progress;
    } else {
      const std::int64_t start =
          time_from(target == nullptr ? start_ : to_microseconds(target->start));
      call.start = to_seconds(start);
      if (has(call_has_end)) call.end = to_seconds(time_from(start));
      call.outcome = {has(call_fault), has(call_error), has(call_throttle)};
      call.in_progress = has(call_in_progress);
    }
    if (has(call_http_known)) {
      call.http = target->http;
    } else if (has(call_has_http)) {
      read_http(call.http, target == nullptr ? nullptr : &target->http);
    }
    if (has(call_has_alias)) call.alias = shared_text();
    if (has(call_has_event_age)) call.event_age = to_seconds(time_from(0));
  }

  void read_annotation(RecordAnnotation& annotation) {
    const std::uint64_t first = in_.number();
    annotation.segment = checked(first >> value_kind_bits, record_.segments.size());
    annotation.key = shared_text();
    switch (first & ((1U << value_kind_bits) - 1)) {
      case value_text:
        annotation.value = in_.text();
        return;
      case value_real: {
        const double number = in_.real();
        if (!std::isfinite(number)) return in_.fail();
        annotation.value = number;
        return;
      }
      case value_whole:
        annotation.value = static_cast<double>(in_.signed_number());
        return;
      case value_false:
        annotation.value = false;
        return;
      case value_true:
        annotation.value = true;
        return;
      default:
        in_.fail();
    }
  }

  void read_message(RecordMessage& message) {
    message.segment = index_below(record_.segments.size());
    message.text = in_.text();
  }

  void read_cause(RootCause& cause) {
    const std::uint64_t first = in_.number();
    cause.client_impacting = (first & 1U) != 0;
    const std::size_t services = checked_count(first >> 1U, least_service);
    cause.services.reserve(services);
    for (std::size_t i = 0; i < services && !in_.failed(); ++i) {
      RootCauseService& service = cause.services.emplace_back();
      const std::uint64_t node = in_.number();
      service.inferred = (node & 1U) != 0;
      service.node = checked(node >> 1U, record_.nodes.size());
      const std::size_t entities = count_of(least_entity);
      service.path.reserve(entities);
      for (std::size_t k = 0; k < entities && !in_.failed(); ++k) {
        read_entity(service.path.emplace_back());
      }
    }
  }

  void read_entity(RootCauseEntity& entity) {
    const Flags flags = flags_below(entity_flags_end);
    entity.remote = (flags & entity_remote) != 0;
    entity.name = shared_text();
    if ((flags & entity_has_coverage) != 0) entity.coverage = to_seconds(time_from(0));
    if ((flags & entity_has_exceptions) == 0) return;
    const std::size_t count = count_of(least_exception);
    entity.exceptions.reserve(count);
    for (std::size_t i = 0; i < count && !in_.failed(); ++i) {
      RootCauseException& exception = entity.exceptions.emplace_back();
      exception.name = shared_text();
      exception.message = known_message();
    }
  }

  // ---- values --------------------------------------------------------------------------------

  Flags flags_below(Flags end) noexcept {
    const Flags flags = in_.number();
    if (flags >= end) in_.fail();
    return in_.failed() ? 0 : flags;
  }

  std::int64_t time_from(std::int64_t base) noexcept {
    const auto time = static_cast<std::int64_t>(static_cast<std::uint64_t>(base) +
                                                static_cast<std::uint64_t>(in_.signed_number()));
    if (time >= -max_microseconds && time <= max_microseconds) return time;
    in_.fail();
    return 0;
  }

  std::string_view shared_text() noexcept {
    const std::uint64_t first = in_.number();
    const std::uint64_t number = first >> 1U;
    if ((first & 1U) == 0) return in_.bytes(number);
    if (dictionary_ != nullptr && number <= std::numeric_limits<Dictionary::Number>::max()) {
      if (const auto text = dictionary_->text(static_cast<Dictionary::Number>(number))) {
        return *text;
      }
    }
    in_.fail();
    return {};
  }

  // Values that are one text of the dictionary; finish() when they are read.
  ByteReader together() noexcept { return ByteReader(std::as_bytes(std::span(shared_text()))); }
  void finish(const ByteReader& in) noexcept {
    if (in.failed() || !in.at_end()) in_.fail();
  }

  std::string_view known_message() noexcept {
    const std::uint64_t place = in_.number();
    if (place == 0) return in_.text();
    if (place <= record_.messages.size()) return record_.messages[place - 1].text;
    in_.fail();
    return {};
  }

  std::size_t count_of(std::size_t least) noexcept { return checked_count(in_.number(), least); }

  std::size_t checked_count(std::uint64_t count, std::size_t least) noexcept {
    if (count <= in_.left() / least) return static_cast<std::size_t>(count);
    in_.fail();
    return 0;
  }

  RecordIndex index_below(std::size_t size) noexcept { return checked(in_.number(), size); }

  RecordIndex checked(std::uint64_t index, std::size_t size) noexcept {
    if (index < size) return static_cast<RecordIndex>(index);
    in_.fail();
    return no_index;
  }

  // Of a segment or, written as 0, of none.
  RecordIndex place() noexcept {
    const std::uint64_t number = in_.number();
    return number == 0 ? no_index : checked(number - 1, record_.segments.size());
  }

  RecordIndex node_of(const RecordSegment* segment, bool known) noexcept {
    return known && segment != nullptr ? segment->node : index_below(record_.nodes.size());
  }

  [[nodiscard]] const RecordSegment* segment_at(RecordIndex index) const noexcept {
    return index == no_index ? nullptr : &record_.segments[index];
  }

  ByteReader in_;
  const Dictionary* dictionary_;
  TraceRecord& record_;
  std::uint64_t root_ = 0;
  std::int64_t start_ = 0;
  std::int64_t end_ = 0;
  std::int64_t last_start_ = 0;
  // One behind no_index is 0.
  RecordIndex last_node_ = no_index;
  RecordIndex last_target_ = no_index;
};

}  // namespace

bool unpack_record(std::span<const std::byte> bytes,
                   const std::shared_ptr<const Dictionary>& dictionary, TraceRecord& record) {
  record.texts = TextArena();
  record.keeps = dictionary;
  const std::string_view kept =
      record.texts.keep({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return RecordUnpacker(std::as_bytes(std::span(kept)), dictionary.get(), record).unpack();
}

}  // namespace xrayd::local
