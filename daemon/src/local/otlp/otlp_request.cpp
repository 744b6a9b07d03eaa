#include "local/otlp/otlp_request.hpp"

#include <algorithm>

#include "local/otlp/protobuf_reader.hpp"

namespace xrayd::local {
namespace {

// Reads the values of one span, event list included, or of one resource.
class ValueReader {
 public:
  [[nodiscard]] bool failed() const noexcept { return failed_; }

  /// A KeyValue; not added once there are too many.
  void read_attribute(std::string_view message, std::vector<OtlpAttribute>& out,
                      std::size_t depth = 1) {
    if (left_ == 0) return;
    --left_;
    OtlpAttribute attribute;
    ProtobufReader reader(message);
    ProtobufField field;
    while (reader.next(field)) {
      if (field.is(1, WireType::bytes)) attribute.key = field.bytes;
      if (field.is(2, WireType::bytes)) read_value(field.bytes, attribute.value, depth);
    }
    failed_ = failed_ || reader.failed();
    out.push_back(std::move(attribute));
  }

 private:
  // An AnyValue. Recursion is bounded by max_value_depth.
  void read_value(std::string_view message, OtlpValue& out, std::size_t depth) {
    if (depth > max_value_depth) return;
    ProtobufReader reader(message);
    ProtobufField field;
    while (reader.next(field)) {
      if (field.is(1, WireType::bytes)) out.value = field.bytes;
      if (field.is(2, WireType::varint)) out.value = field.bits != 0;
      if (field.is(3, WireType::varint)) out.value = static_cast<std::int64_t>(field.bits);
      if (field.is(4, WireType::fixed64)) out.value = field.real();
      if (field.is(5, WireType::bytes)) read_list(field.bytes, out, depth);
      if (field.is(6, WireType::bytes)) read_members(field.bytes, out, depth);
      if (field.is(7, WireType::bytes)) out.value = OtlpValue::Bytes{field.bytes};
    }
    failed_ = failed_ || reader.failed();
  }

  void read_list(std::string_view message, OtlpValue& out, std::size_t depth) {
    OtlpValue::List list;
    ProtobufReader reader(message);
    ProtobufField field;
    while (reader.next(field)) {
      if (!field.is(1, WireType::bytes) || left_ == 0) continue;
      --left_;
      read_value(field.bytes, list.emplace_back(), depth + 1);
    }
    failed_ = failed_ || reader.failed();
    out.value = std::move(list);
  }

  void read_members(std::string_view message, OtlpValue& out, std::size_t depth) {
    OtlpValue::Members members;
    ProtobufReader reader(message);
    ProtobufField field;
    while (reader.next(field)) {
      if (field.is(1, WireType::bytes)) read_attribute(field.bytes, members, depth + 1);
    }
    failed_ = failed_ || reader.failed();
    out.value = std::move(members);
  }

  std::size_t left_ = max_values;
  bool failed_ = false;
};

bool read_event(std::string_view message, ValueReader& values, OtlpEvent& event) {
  ProtobufReader reader(message);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.is(1, WireType::fixed64)) event.time = field.bits;
    if (field.is(2, WireType::bytes)) event.name = field.bytes;
    if (field.is(3, WireType::bytes)) values.read_attribute(field.bytes, event.attributes);
  }
  return !reader.failed();
}

bool read_link(std::string_view message, ValueReader& values, OtlpLink& link) {
  ProtobufReader reader(message);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.is(1, WireType::bytes)) link.trace_id = field.bytes;
    if (field.is(2, WireType::bytes)) link.span_id = field.bytes;
    if (field.is(4, WireType::bytes)) values.read_attribute(field.bytes, link.attributes);
  }
  return !reader.failed();
}

bool read_status(std::string_view message, OtlpSpan& span) {
  ProtobufReader reader(message);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.is(2, WireType::bytes)) span.status_message = field.bytes;
    if (field.is(3, WireType::varint) &&
        field.bits <= static_cast<std::uint64_t>(SpanStatus::error)) {
      span.status = static_cast<SpanStatus>(field.bits);
    }
  }
  return !reader.failed();
}

bool read_span(std::string_view message, OtlpSpan& span) {
  ValueReader values;
  ValueReader values_of_others;
  bool whole = true;
  ProtobufReader reader(message);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.is(1, WireType::bytes)) span.trace_id = field.bytes;
    if (field.is(2, WireType::bytes)) span.span_id = field.bytes;
    if (field.is(4, WireType::bytes)) span.parent_id = field.bytes;
    if (field.is(5, WireType::bytes)) span.name = field.bytes;
    if (field.is(6, WireType::varint) &&
        field.bits <= static_cast<std::uint64_t>(SpanKind::consumer)) {
      span.kind = static_cast<SpanKind>(field.bits);
    }
    if (field.is(7, WireType::fixed64)) span.start = field.bits;
    if (field.is(8, WireType::fixed64)) span.end = field.bits;
    if (field.is(9, WireType::bytes)) values.read_attribute(field.bytes, span.attributes);
    if (field.is(11, WireType::bytes) && span.events.size() < max_events) {
      whole = read_event(field.bytes, values_of_others, span.events.emplace_back()) && whole;
    }
    if (field.is(13, WireType::bytes) && span.links.size() < max_links) {
      whole = read_link(field.bytes, values_of_others, span.links.emplace_back()) && whole;
    }
    if (field.is(15, WireType::bytes)) whole = read_status(field.bytes, span) && whole;
  }
  return whole && !reader.failed() && !values.failed() && !values_of_others.failed();
}

bool read_scope_spans(std::string_view message, const OtlpResource& resource,
                      const SpanVisitor& visit) {
  ProtobufReader reader(message);
  ProtobufField field;
  while (reader.next(field)) {
    if (!field.is(2, WireType::bytes)) continue;
    OtlpSpan span;
    if (!read_span(field.bytes, span)) return false;
    visit(resource, span);
  }
  return !reader.failed();
}

bool read_resource(std::string_view message, OtlpResource& resource) {
  ValueReader values;
  ProtobufReader reader(message);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.is(1, WireType::bytes)) values.read_attribute(field.bytes, resource.attributes);
  }
  return !reader.failed() && !values.failed();
}

bool read_resource_spans(std::string_view message, const SpanVisitor& visit) {
  OtlpResource resource;
  ProtobufField field;
  // Its resource may stand anywhere among its spans.
  ProtobufReader first(message);
  while (first.next(field)) {
    if (field.is(1, WireType::bytes) && !read_resource(field.bytes, resource)) return false;
  }
  if (first.failed()) return false;
  ProtobufReader second(message);
  while (second.next(field)) {
    if (field.is(2, WireType::bytes) && !read_scope_spans(field.bytes, resource, visit)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool read_otlp_request(std::string_view bytes, const SpanVisitor& visit) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.is(1, WireType::bytes) && !read_resource_spans(field.bytes, visit)) return false;
  }
  return !reader.failed();
}

}  // namespace xrayd::local
