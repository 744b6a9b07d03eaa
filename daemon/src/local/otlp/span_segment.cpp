#include "local/otlp/span_segment.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "local/document/segment_document.hpp"
#include "local/json/json.hpp"
#include "local/otlp/otlp_text.hpp"
#include "local/otlp/span_aws.hpp"
#include "local/otlp/span_causes.hpp"
#include "local/otlp/span_context.hpp"
#include "local/otlp/span_http.hpp"
#include "local/otlp/span_names.hpp"
#include "local/otlp/span_properties.hpp"

namespace xrayd::local {
namespace {

constexpr std::size_t trace_id_bytes = 16;
constexpr std::size_t span_id_bytes = 8;

// To the microsecond: doubles of our days hold no more, and quotients of larger numbers are not
// those that are nearest.
double seconds(std::uint64_t nanoseconds) noexcept {
  constexpr double microseconds = 1e6;
  const std::uint64_t whole = nanoseconds / 1000;
  return static_cast<double>(whole) / microseconds;
}

EntityId id_of(std::string_view bytes) noexcept {
  EntityId id = 0;
  for (const char c : bytes) id = (id << 8U) | static_cast<unsigned char>(c);
  return id;
}

std::optional<EntityId> parent_of(const OtlpSpan& span) noexcept {
  if (!is_id(span.parent_id, span_id_bytes)) return std::nullopt;
  return id_of(span.parent_id);
}

bool is_valid(const OtlpSpan& span) noexcept {
  return is_id(span.trace_id, trace_id_bytes) && is_id(span.span_id, span_id_bytes) &&
         span.start != 0 && span.end != 0;
}

class SegmentWriter {
 public:
  SegmentWriter(const OtlpResource& resource, const OtlpSpan& span)
      : context_{span, AttributeMap(span.attributes), AttributeMap(resource.attributes)},
        writer_(buffer_) {}

  // The span itself.
  std::string write(std::optional<EntityId> parent, bool is_segment) {
    const EntityId id = id_of(context_.span.span_id);
    context_.is_segment = is_segment;
    begin(segment_name(context_), id, parent);
    if (!is_segment) write_member(writer_, "namespace", namespace_of(context_));
    write_member(writer_, "user", context_.attributes.text({"enduser.id"}));
    const auto status = write_http(writer_, context_);
    write_outcome(writer_, context_, status);
    write_cause(writer_, context_, id);
    write_sql(writer_, context_);
    write_links();
    return end();
  }

  // The service that the span is the only part of.
  std::string write_service(EntityId id) {
    context_.is_segment = true;
    begin(service_name(context_), id, parent_of(context_.span));
    write_outcome(writer_, context_,
                  context_.attributes.number({"http.response.status_code", "http.status_code"}));
    // What the call tells of itself stands in the call.
    context_.attributes = AttributeMap(no_attributes);
    return end();
  }

 private:
  void begin(const std::string& name, EntityId id, std::optional<EntityId> parent) {
    const OtlpSpan& span = context_.span;
    context_.attributes.value("aws.span.kind");
    writer_.StartObject();
    write_key(writer_, "name");
    write_text(writer_, name);
    write_key(writer_, "id");
    write_text(writer_, entity_id_text(id));
    write_key(writer_, "trace_id");
    write_text(writer_, xray_trace_id(span.trace_id));
    if (parent) {
      write_key(writer_, "parent_id");
      write_text(writer_, entity_id_text(*parent));
    }
    if (!context_.is_segment) write_member(writer_, "type", "subsegment");
    write_key(writer_, "start_time");
    writer_.Double(seconds(span.start));
    write_key(writer_, "end_time");
    writer_.Double(seconds(std::max(span.start, span.end)));
    if (!context_.is_segment) return;
    write_member(writer_, "origin", origin_of(context_));
    if (const auto version = context_.resource.text({"service.version"}); !version.empty()) {
      write_key(writer_, "service");
      writer_.StartObject();
      write_member(writer_, "version", version);
      writer_.EndObject();
    }
  }

  std::string end() {
    write_aws(writer_, context_);
    write_properties(writer_, context_);
    writer_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
  }

  void write_links() {
    bool begun = false;
    for (const auto& link : context_.span.links) {
      if (!is_id(link.trace_id, trace_id_bytes) || !is_id(link.span_id, span_id_bytes)) continue;
      if (!begun) {
        write_key(writer_, "links");
        writer_.StartArray();
        begun = true;
      }
      writer_.StartObject();
      write_member(writer_, "trace_id", xray_trace_id(link.trace_id));
      write_member(writer_, "id", hex(link.span_id));
      write_key(writer_, "attributes");
      writer_.StartObject();
      for (const auto& [key, value] : link.attributes) {
        write_key(writer_, clean_text(key));
        write_value(writer_, value);
      }
      writer_.EndObject();
      writer_.EndObject();
    }
    if (begun) writer_.EndArray();
  }

  inline static const std::vector<OtlpAttribute> no_attributes;
  SpanContext context_;
  rapidjson::StringBuffer buffer_;
  JsonWriter writer_;
};

}  // namespace

bool append_segments(const OtlpResource& resource, const OtlpSpan& span,
                     std::vector<std::string>& documents) {
  if (!is_valid(span)) return false;
  const auto parent = parent_of(span);
  const bool calls_out = span.kind == SpanKind::client || span.kind == SpanKind::producer ||
                         span.kind == SpanKind::consumer;
  std::string service;
  std::string own;
  if (calls_out && AttributeMap(span.attributes).has("aws.span.kind", "LOCAL_ROOT")) {
    constexpr std::uint64_t of_service = 1'000'000;  // beyond the exceptions'
    const EntityId id = derived_id(id_of(span.span_id), of_service);
    service = SegmentWriter(resource, span).write_service(id);
    own = SegmentWriter(resource, span).write(id, false);
  } else {
    const bool is_segment = span.kind == SpanKind::server || !parent;
    own = SegmentWriter(resource, span).write(parent, is_segment);
  }
  if (std::max(own.size(), service.size()) > max_document_bytes) return false;
  if (!service.empty()) documents.push_back(std::move(service));
  documents.push_back(std::move(own));
  return true;
}

}  // namespace xrayd::local
