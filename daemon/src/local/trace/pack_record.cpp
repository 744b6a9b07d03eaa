#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <variant>

#include "local/packing/bytes.hpp"
#include "local/trace/packed_format.hpp"
#include "local/trace/packed_record.hpp"

namespace xrayd::local {
namespace {

using namespace packed;

Flags flag_if(bool condition, Flags flag) noexcept {
  return condition ? flag : 0;
}

class RecordPacker {
 public:
  RecordPacker(const TraceRecord& record, Dictionary& dictionary, std::string& out)
      : record_(record), dictionary_(dictionary), out_(out) {}

  void pack() {
    out_.byte(version);
    write_trace();
    out_.byte(static_cast<std::uint8_t>(lists()));
    write_list(
        record_.nodes, [](const RecordNode&) { return true; },
        [this](const RecordNode& node) { write_node(node); });
    write_list(
        record_.segments, [](const RecordSegment&) { return true; },
        [this](const RecordSegment& segment) { write_segment(segment); });
    write_list(
        record_.calls, [this](const RecordCall& call) { return has_place(call); },
        [this](const RecordCall& call) { write_call(call); });
    write_list(
        record_.annotations,
        [this](const RecordAnnotation& item) { return is_segment(item.segment); },
        [this](const RecordAnnotation& item) { write_annotation(item); });
    write_list(
        record_.messages, [this](const RecordMessage& item) { return is_segment(item.segment); },
        [this](const RecordMessage& item) { write_message(item); });
    for (const auto* causes :
         {&record_.fault_causes, &record_.error_causes, &record_.response_time_causes}) {
      write_list(
          *causes, [](const RootCause&) { return true; },
          [this](const RootCause& cause) { write_cause(cause); });
    }
  }

 private:
  // ---- parts ---------------------------------------------------------------------------------

  void write_trace() {
    const std::int64_t start = to_microseconds(record_.start);
    const std::int64_t end = to_microseconds(record_.end);
    const bool end_known = end == last_end(record_, start);
    const bool has_root = is_segment(record_.root_segment);
    const bool duration_known =
        record_.duration && to_microseconds(*record_.duration) == between(start, end);
    const bool response_time_known = record_.response_time && has_root &&
                                     record_.segments[record_.root_segment].end.has_value() &&
                                     to_microseconds(*record_.response_time) ==
                                         duration_of(record_.segments[record_.root_segment]);
    const double epoch = record_.id.epoch_seconds();
    const bool listed_by_id = to_microseconds(record_.listed_at) == to_microseconds(epoch);

    out_.fixed(record_.id.high());
    out_.fixed(record_.id.low());
    out_.number(flag_if(listed_by_id, record_listed_by_id) | flag_if(has_root, record_has_root) |
                flag_if(end_known, record_end_known) |
                flag_if(record_.duration.has_value(), record_has_duration) |
                flag_if(duration_known, record_duration_known) |
                flag_if(record_.response_time.has_value(), record_has_response_time) |
                flag_if(response_time_known, record_response_time_known) |
                flag_if(record_.outcome.fault, record_fault) |
                flag_if(record_.outcome.error, record_error) |
                flag_if(record_.outcome.throttle, record_throttle) |
                flag_if(record_.partial, record_partial) |
                flag_if(record_.limit_exceeded, record_limit_exceeded) |
                flag_if(record_.truncated, record_truncated));
    out_.signed_number(record_.revision);
    out_.signed_number(start - to_microseconds(epoch));
    if (!end_known) out_.signed_number(end - start);
    if (!listed_by_id) out_.signed_number(to_microseconds(record_.listed_at) - start);
    if (record_.duration && !duration_known) write_seconds(*record_.duration);
    if (has_root) out_.number(record_.root_segment);
    if (record_.response_time && !response_time_known) write_seconds(*record_.response_time);
    last_start_ = start;
  }

  [[nodiscard]] Flags lists() const {
    return flag_if(!record_.nodes.empty(), list_nodes) |
           flag_if(!record_.segments.empty(), list_segments) |
           flag_if(!record_.calls.empty(), list_calls) |
           flag_if(!record_.annotations.empty(), list_annotations) |
           flag_if(!record_.messages.empty(), list_messages) |
           flag_if(!record_.fault_causes.empty(), list_fault_causes) |
           flag_if(!record_.error_causes.empty(), list_error_causes) |
           flag_if(!record_.response_time_causes.empty(), list_response_time_causes);
  }

  template <typename Item, typename Wanted, typename Write>
  void write_list(const std::vector<Item>& items, Wanted wanted, Write write) {
    if (items.empty()) return;
    out_.number(static_cast<std::uint64_t>(std::count_if(items.begin(), items.end(), wanted)));
    for (const Item& item : items) {
      if (wanted(item)) write(item);
    }
  }

  void write_node(const RecordNode& node) {
    write_together([&](ByteWriter& out) {
      out.byte(static_cast<std::uint8_t>(static_cast<Flags>(node.state) |
                                         flag_if(node.root, node_root) |
                                         flag_if(!node.account.empty(), node_has_account)));
      out.text(node.name);
      out.text(node.type);
      if (!node.account.empty()) out.text(node.account);
    });
  }

  void write_segment(const RecordSegment& segment) {
    const bool last_end_known = segment.end && segment.last_end &&
                                to_microseconds(*segment.end) == to_microseconds(*segment.last_end);
    const bool node_follows = segment.node == last_node_ + 1;
    out_.number(flag_if(segment.end.has_value(), segment_has_end) |
                flag_if(node_follows, segment_node_follows) |
                flag_if(last_end_known, segment_last_end_known) |
                flag_if(segment.inferred, segment_inferred) |
                flag_if(!segment.http.empty(), segment_has_http) |
                flag_if(segment.outcome.fault, segment_fault) |
                flag_if(segment.outcome.error, segment_error) |
                flag_if(!segment.user.empty(), segment_has_user) |
                flag_if(segment.outcome.throttle, segment_throttle) |
                flag_if(segment.in_progress, segment_in_progress) |
                flag_if(segment.last_end && !last_end_known, segment_has_last_end) |
                flag_if(segment.cold_start, segment_cold_start) |
                flag_if(!segment.resource_arn.empty(), segment_has_resource_arn) |
                flag_if(!segment.instance_id.empty(), segment_has_instance_id) |
                flag_if(!segment.availability_zone.empty(), segment_has_availability_zone));
    out_.fixed(segment.id);
    if (!node_follows) out_.number(segment.node);
    last_node_ = segment.node;
    const std::int64_t start = to_microseconds(segment.start);
    out_.signed_number(start - last_start_);
    last_start_ = start;
    if (segment.end) out_.signed_number(to_microseconds(*segment.end) - start);
    if (segment.last_end && !last_end_known) {
      out_.signed_number(to_microseconds(*segment.last_end) - start);
    }
    if (!segment.http.empty()) write_http(segment.http, nullptr);
    if (!segment.user.empty()) out_.text(segment.user);
    if (!segment.resource_arn.empty()) write_shared(segment.resource_arn);
    if (!segment.instance_id.empty()) write_shared(segment.instance_id);
    if (!segment.availability_zone.empty()) write_shared(segment.availability_zone);
  }

  void write_http(const RecordHttp& http, const RecordHttp* target) {
    const bool url_known = target != nullptr && !http.url.empty() && http.url == target->url;
    const bool has_url = !http.url.empty() && !url_known;
    write_together([&](ByteWriter& out) {
      out.byte(static_cast<std::uint8_t>(
          flag_if(!http.method.empty(), http_has_method) | flag_if(has_url, http_has_url) |
          flag_if(!http.user_agent.empty(), http_has_user_agent) |
          flag_if(!http.client_ip.empty(), http_has_client_ip) |
          flag_if(http.status != 0, http_has_status) | flag_if(url_known, http_url_known)));
      if (!http.method.empty()) out.text(http.method);
      if (!http.user_agent.empty()) out.text(http.user_agent);
      if (http.status != 0) out.signed_number(http.status - usual_status);
    });
    if (has_url) out_.text(http.url);
    if (!http.client_ip.empty()) out_.text(http.client_ip);
  }

  void write_call(const RecordCall& call) {
    const auto* source = segment_at(call.source_segment);
    const auto* target = segment_at(call.target_segment);
    const bool nodes_known = (source == nullptr || source->node == call.source_node) &&
                             (target == nullptr || target->node == call.target_node);
    const bool figures_known = target != nullptr && has_figures_of(call, *target);
    const bool http_known = target != nullptr && call.http == target->http;
    const bool target_follows = target != nullptr && call.target_segment == last_target_ + 1;
    const bool has_http = !http_known && !call.http.empty();
    Flags flags = static_cast<Flags>(call.kind) | flag_if(target_follows, call_target_follows) |
                  flag_if(nodes_known, call_nodes_known) |
                  flag_if(figures_known, call_figures_known) |
                  flag_if(http_known, call_http_known) | flag_if(has_http, call_has_http) |
                  flag_if(!call.alias.empty(), call_has_alias) |
                  flag_if(call.event_age.has_value(), call_has_event_age);
    if (!figures_known) {
      flags |= flag_if(call.end.has_value(), call_has_end) |
               flag_if(call.outcome.fault, call_fault) | flag_if(call.outcome.error, call_error) |
               flag_if(call.outcome.throttle, call_throttle) |
               flag_if(call.in_progress, call_in_progress);
    }
    out_.number(flags);
    write_place(call.source_segment);
    if (!target_follows) write_place(call.target_segment);
    last_target_ = call.target_segment;
    if (!nodes_known || source == nullptr) out_.number(call.source_node);
    if (!nodes_known || target == nullptr) out_.number(call.target_node);
    if (!figures_known) {
      const std::int64_t start = to_microseconds(call.start);
      out_.signed_number(start -
                         to_microseconds(target == nullptr ? record_.start : target->start));
      if (call.end) out_.signed_number(to_microseconds(*call.end) - start);
    }
    if (has_http) write_http(call.http, target == nullptr ? nullptr : &target->http);
    if (!call.alias.empty()) write_shared(call.alias);
    if (call.event_age) write_seconds(*call.event_age);
  }

  void write_annotation(const RecordAnnotation& annotation) {
    const auto begin = [&](ValueKind kind) {
      out_.number(std::uint64_t{annotation.segment} << value_kind_bits | kind);
      write_shared(annotation.key);
    };
    if (const auto* text = std::get_if<std::string_view>(&annotation.value)) {
      begin(value_text);
      out_.text(*text);
    } else if (const auto* flag = std::get_if<bool>(&annotation.value)) {
      begin(*flag ? value_true : value_false);
    } else {
      const double number = finite(std::get<double>(annotation.value));
      const auto whole = whole_number(number);
      begin(whole ? value_whole : value_real);
      if (whole) {
        out_.signed_number(*whole);
      } else {
        out_.real(number);
      }
    }
  }

  void write_message(const RecordMessage& message) {
    out_.number(message.segment);
    out_.text(message.text);
  }

  void write_cause(const RootCause& cause) {
    const auto wanted = [this](const RootCauseService& service) { return is_node(service.node); };
    const auto count = std::count_if(cause.services.begin(), cause.services.end(), wanted);
    out_.number(static_cast<std::uint64_t>(count) << 1U | flag_if(cause.client_impacting, 1));
    for (const auto& service : cause.services) {
      if (!wanted(service)) continue;
      out_.number(std::uint64_t{service.node} << 1U | flag_if(service.inferred, 1));
      out_.number(service.path.size());
      for (const auto& entity : service.path) write_entity(entity);
    }
  }

  void write_entity(const RootCauseEntity& entity) {
    const std::int64_t coverage = to_microseconds(entity.coverage);
    out_.byte(static_cast<std::uint8_t>(
        flag_if(entity.remote, entity_remote) | flag_if(coverage != 0, entity_has_coverage) |
        flag_if(!entity.exceptions.empty(), entity_has_exceptions)));
    write_shared(entity.name);
    if (coverage != 0) out_.signed_number(coverage);
    if (entity.exceptions.empty()) return;
    out_.number(entity.exceptions.size());
    for (const auto& exception : entity.exceptions) {
      write_shared(exception.name);
      write_known_message(exception.message);
    }
  }

  // ---- values --------------------------------------------------------------------------------

  // A number that is odd is one of the dictionary; an even one is the length of the text behind it.
  void write_shared(std::string_view text) {
    const auto number = text.empty() ? std::nullopt : dictionary_.add(text);
    if (number) {
      out_.number(std::uint64_t{*number} << 1U | 1U);
    } else {
      out_.number(std::uint64_t{text.size()} << 1U);
      out_.bytes(text);
    }
  }

  // Values that mostly come together are one text of the dictionary.
  template <typename Write>
  void write_together(Write write) {
    together_.clear();
    ByteWriter out(together_);
    write(out);
    write_shared(together_);
  }

  // What an exception says mostly stands among the record's messages: its place and one, or 0 and
  // the text.
  void write_known_message(std::string_view text) {
    std::uint64_t written = 0;
    for (const auto& message : record_.messages) {
      if (!is_segment(message.segment)) continue;
      ++written;
      if (message.text != text) continue;
      out_.number(written);
      return;
    }
    out_.number(0);
    out_.text(text);
  }

  void write_seconds(double seconds) { out_.signed_number(to_microseconds(seconds)); }

  void write_place(RecordIndex segment) {
    out_.number(is_segment(segment) ? std::uint64_t{segment} + 1 : 0);
  }

  // ---- questions -----------------------------------------------------------------------------

  [[nodiscard]] bool is_node(RecordIndex index) const noexcept {
    return index < record_.nodes.size();
  }
  [[nodiscard]] bool is_segment(RecordIndex index) const noexcept {
    return index < record_.segments.size();
  }
  [[nodiscard]] const RecordSegment* segment_at(RecordIndex index) const noexcept {
    return is_segment(index) ? &record_.segments[index] : nullptr;
  }
  [[nodiscard]] bool has_place(const RecordCall& call) const noexcept {
    return is_node(call.source_node) && is_node(call.target_node);
  }

  static std::int64_t duration_of(const RecordSegment& segment) noexcept {
    return between(to_microseconds(segment.start),
                   to_microseconds(segment.end.value_or(segment.start)));
  }

  static bool has_figures_of(const RecordCall& call, const RecordSegment& target) noexcept {
    return call.outcome == target.outcome && call.in_progress == target.in_progress &&
           call.end.has_value() == target.end.has_value() &&
           to_microseconds(call.start) == to_microseconds(target.start) &&
           (!call.end || to_microseconds(*call.end) == to_microseconds(*target.end));
  }

  // No document has another number; JSON could not show it.
  static double finite(double number) noexcept {
    constexpr double most = std::numeric_limits<double>::max();
    return std::isnan(number) ? 0 : std::clamp(number, -most, most);
  }

  static std::optional<std::int64_t> whole_number(double number) noexcept {
    constexpr double exact = 9'007'199'254'740'992.0;  // all whole numbers up to here are doubles
    if (!(std::abs(number) < exact) || std::signbit(number) != (number < 0)) return std::nullopt;
    const auto whole = static_cast<std::int64_t>(number);
    return static_cast<double>(whole) == number ? std::optional(whole) : std::nullopt;
  }

  const TraceRecord& record_;
  Dictionary& dictionary_;
  ByteWriter out_;
  std::string together_;
  std::int64_t last_start_ = 0;
  // One behind no_index is 0.
  RecordIndex last_node_ = no_index;
  RecordIndex last_target_ = no_index;
};

}  // namespace

void pack_record(const TraceRecord& record, Dictionary& dictionary, std::string& out) {
  RecordPacker(record, dictionary, out).pack();
}

}  // namespace xrayd::local
