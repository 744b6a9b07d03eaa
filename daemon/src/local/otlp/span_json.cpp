#include "local/otlp/span_json.hpp"

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "local/document/segment_document.hpp"
#include "local/otlp/attribute_writer.hpp"
#include "local/otlp/otlp_request.hpp"
#include "local/otlp/span_resource.hpp"

namespace xrayd::local {
namespace {

// What `aws` in a subsegment tells of a call.
constexpr std::pair<std::string_view, std::string_view> call_attributes[] = {
    {"operation", "aws.operation"},   {"account_id", "aws.account_id"},
    {"region", "aws.region"},         {"request_id", "aws.request_id"},
    {"queue_url", "aws.queue_url"},   {"topic_arn", "aws.sns.topic.arn"},
    {"bucket_name", "aws.s3.bucket"}, {"function_name", "aws.lambda.function.name"},
    {"table_name", "aws.table_name"}, {"retries", "aws.xray.retries"}};

std::string hex_trace_id(const TraceId& trace) {
  const auto text = trace.to_string();
  const std::string_view dashed(text);
  constexpr std::size_t epoch_at = 2;
  constexpr std::size_t rest_at = 11;
  return std::string(dashed.substr(epoch_at, 8)) + std::string(dashed.substr(rest_at));
}

std::string nanoseconds(double seconds) {
  // Doubles of our days are exact to less than a microsecond, and no more.
  constexpr double microseconds = 1e6;
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds * microseconds));
  return std::to_string(whole) + "000";
}

bool is_error(const rapidjson::Value& entity, std::int64_t status) {
  return flag_member(entity, "fault") || flag_member(entity, "error") ||
         flag_member(entity, "throttle") || member(entity, "cause") != nullptr || status >= 400;
}

class SpanWriter {
 public:
  SpanWriter(const std::string& trace, const std::string& resource, const rapidjson::Value& entity,
             std::optional<EntityId> parent, bool is_segment)
      : trace_(trace),
        resource_(resource),
        entity_(entity),
        parent_(parent),
        is_segment_(is_segment),
        writer_(buffer_),
        attributes_(writer_) {
    const auto* http = member(entity, "http");
    if (http == nullptr) return;
    request_ = member(*http, "request");
    response_ = member(*http, "response");
    if (response_ == nullptr) return;
    if (const auto* status = member(*response_, "status"); status != nullptr && status->IsInt64()) {
      status_ = status->GetInt64();
    }
  }

  std::string write(EntityId id) {
    writer_.StartObject();
    write_key(writer_, "resource");
    writer_.RawValue(resource_.data(), resource_.size(), rapidjson::kObjectType);
    write_key(writer_, "scope");
    writer_.StartObject();
    write_key(writer_, "name");
    write_text(writer_, "xrayd");
    writer_.EndObject();
    text("traceId", trace_);
    text("spanId", entity_id_text(id));
    if (parent_) text("parentSpanId", entity_id_text(*parent_));
    text("name", name());
    write_key(writer_, "kind");
    writer_.Uint(static_cast<unsigned>(kind()));
    const double start = number_member(entity_, "start_time").value_or(0);
    text("startTimeUnixNano", nanoseconds(start));
    const double end = number_member(entity_, "end_time").value_or(start);
    text("endTimeUnixNano", nanoseconds(end));
    write_attributes();
    write_exceptions(nanoseconds(end));
    write_links();
    write_status();
    writer_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
  }

 private:
  void text(std::string_view key, std::string_view value) {
    write_key(writer_, key);
    write_text(writer_, value);
  }

  [[nodiscard]] std::string_view name() const {
    return text_member(entity_, "name").value_or("unknown");
  }

  // A segment that somebody called was a request, whatever it was one of.
  [[nodiscard]] SpanKind kind() const {
    const bool served = request_ != nullptr && member(*request_, "client_ip") != nullptr;
    if (served || (is_segment_ && (parent_ || request_ != nullptr))) return SpanKind::server;
    if (!is_segment_ && member(entity_, "namespace") != nullptr) return SpanKind::client;
    return SpanKind::internal;
  }

  void write_attributes() {
    attributes_.begin();
    if (flag_member(entity_, "in_progress")) attributes_.flag("aws.xray.inprogress", true);
    attributes_.copy("enduser.id", entity_, "user");
    if (!is_segment_) write_callee();
    if (request_ != nullptr) {
      attributes_.copy("http.request.method", *request_, "method");
      attributes_.copy("url.full", *request_, "url");
      attributes_.copy("user_agent.original", *request_, "user_agent");
      attributes_.copy("client.address", *request_, "client_ip");
      attributes_.copy("aws.xray.x_forwarded_for", *request_, "x_forwarded_for");
      attributes_.copy("aws.xray.traced", *request_, "traced");
    }
    if (response_ != nullptr) {
      attributes_.copy("http.response.status_code", *response_, "status");
      // Some send it as a text.
      attributes_.copy("http.response.body.size", *response_, "content_length");
    }
    if (const auto* sql = member(entity_, "sql")) write_sql(*sql);
    if (const auto* aws = member(entity_, "aws"); aws != nullptr && !is_segment_) {
      for (const auto& [from, to] : call_attributes) attributes_.copy(to, *aws, from);
      if (const auto* tables = member(*aws, "table_names")) {
        attributes_.texts("aws.dynamodb.table_names", *tables);
      }
    }
    write_properties();
    attributes_.end();
  }

  void write_callee() {
    const auto of = text_member(entity_, "namespace");
    if (!of) return;
    if (*of == "aws") {
      attributes_.text("rpc.system", "aws-api");
      attributes_.text("aws.service", name());
    } else {
      attributes_.text("peer.service", name());
    }
  }

  void write_sql(const rapidjson::Value& sql) {
    attributes_.copy("db.system", sql, "database_type");
    attributes_.copy("db.statement", sql, "sanitized_query");
    attributes_.copy("db.user", sql, "user");
    // `<what to connect to>/<database>?...`; the url says the same in documents of other SDKs.
    std::string_view url = text_member(sql, "connection_string").value_or("");
    if (url.empty()) url = text_member(sql, "url").value_or("");
    url = url.substr(0, url.find('?'));
    const std::size_t slash = url.rfind('/');
    const bool named = slash != std::string_view::npos && slash > 0 && url[slash - 1] != '/';
    attributes_.text("db.connection_string", named ? url.substr(0, slash) : url);
    if (named) attributes_.text("db.name", url.substr(slash + 1));
  }

  void write_properties() {
    if (const auto* all = member(entity_, "annotations"); all != nullptr && all->IsObject()) {
      for (const auto& item : all->GetObject()) attributes_.value(text_of(item.name), item.value);
      attributes_.names("aws.xray.annotations", *all);
    }
    const auto* metadata = member(entity_, "metadata");
    if (metadata == nullptr || !metadata->IsObject()) return;
    for (const auto& item : metadata->GetObject()) {
      const std::string key = "aws.xray.metadata." + std::string(text_of(item.name));
      attributes_.json(key, item.value);
    }
  }

  void write_exceptions(const std::string& time) {
    const auto* cause = member(entity_, "cause");
    const auto* exceptions = cause == nullptr ? nullptr : member(*cause, "exceptions");
    if (exceptions == nullptr || !exceptions->IsArray() || exceptions->Empty()) return;
    write_key(writer_, "events");
    writer_.StartArray();
    for (const auto& exception : exceptions->GetArray()) {
      if (exception.IsObject()) write_exception(exception, time);
    }
    writer_.EndArray();
  }

  void write_exception(const rapidjson::Value& exception, const std::string& time) {
    writer_.StartObject();
    text("timeUnixNano", time);
    text("name", "exception");
    attributes_.begin();
    attributes_.copy("exception.type", exception, "type");
    attributes_.copy("exception.message", exception, "message");
    attributes_.text("exception.stacktrace", stack_of(exception));
    for (const std::string_view name : {"id", "remote", "truncated", "skipped", "cause"}) {
      attributes_.copy("aws.xray.exception." + std::string(name), exception, name);
    }
    attributes_.end();
    writer_.EndObject();
  }

  // As Java prints it, which all readers know.
  static std::string stack_of(const rapidjson::Value& exception) {
    const auto* stack = member(exception, "stack");
    if (stack == nullptr || !stack->IsArray() || stack->Empty()) return {};
    std::string result(text_member(exception, "type").value_or("exception"));
    if (const auto message = text_member(exception, "message")) {
      result.append(": ").append(*message);
    }
    for (const auto& frame : stack->GetArray()) {
      result.append("\n\tat ").append(text_member(frame, "label").value_or(""));
      result.append("(").append(text_member(frame, "path").value_or(""));
      if (const auto line = number_member(frame, "line"); line && *line >= 1 && *line < 1e9) {
        result.append(":").append(std::to_string(static_cast<std::int64_t>(*line)));
      }
      result.append(")");
    }
    return result;
  }

  void write_links() {
    const auto* links = member(entity_, "links");
    if (links == nullptr || !links->IsArray()) return;
    write_key(writer_, "links");
    writer_.StartArray();
    for (const auto& link : links->GetArray()) {
      const auto trace = parse_trace_id(text_member(link, "trace_id").value_or(""));
      const auto id = parse_entity_id(text_member(link, "id").value_or(""));
      if (!trace || !id) continue;
      writer_.StartObject();
      text("traceId", hex_trace_id(*trace));
      text("spanId", entity_id_text(*id));
      attributes_.begin();
      const auto* attributes = member(link, "attributes");
      if (attributes != nullptr && attributes->IsObject()) {
        for (const auto& item : attributes->GetObject()) {
          attributes_.value(text_of(item.name), item.value);
        }
      }
      attributes_.end();
      writer_.EndObject();
    }
    writer_.EndArray();
  }

  void write_status() {
    write_key(writer_, "status");
    writer_.StartObject();
    if (is_error(entity_, status_)) {
      write_key(writer_, "code");
      writer_.Uint(static_cast<unsigned>(SpanStatus::error));
      // Where it is another's exception: its id.
      const auto* cause = member(entity_, "cause");
      if (cause != nullptr && cause->IsString()) text("message", text_of(*cause));
    }
    writer_.EndObject();
  }

  const std::string& trace_;
  const std::string& resource_;
  const rapidjson::Value& entity_;
  std::optional<EntityId> parent_;
  bool is_segment_;
  const rapidjson::Value* request_ = nullptr;
  const rapidjson::Value* response_ = nullptr;
  std::int64_t status_ = 0;
  rapidjson::StringBuffer buffer_;
  JsonWriter writer_;
  AttributeWriter attributes_;
};

class Flattener {
 public:
  Flattener(const TraceId& trace, const rapidjson::Value& segment)
      : trace_(hex_trace_id(trace)), resource_(resource_json(segment)) {}

  // Recursion is bounded by the depth of documents.
  void add(const rapidjson::Value& entity, std::optional<EntityId> parent, bool is_segment) {
    const auto id = parse_entity_id(text_member(entity, "id").value_or(""));
    if (!id) return;
    spans_.push_back({*id, SpanWriter(trace_, resource_, entity, parent, is_segment).write(*id)});
    const auto* parts = member(entity, "subsegments");
    if (parts == nullptr || !parts->IsArray()) return;
    for (const auto& part : parts->GetArray()) add(part, id, false);
  }

  std::vector<SpanDocument> take() { return std::move(spans_); }

 private:
  std::string trace_;
  std::string resource_;
  std::vector<SpanDocument> spans_;
};

}  // namespace

std::vector<SpanDocument> spans_of(const TraceId& trace, const rapidjson::Value& segment) {
  if (!segment.IsObject() || flag_member(segment, "inferred")) return {};
  Flattener flattener(trace, segment);
  flattener.add(segment, parse_entity_id(text_member(segment, "parent_id").value_or("")), true);
  return flattener.take();
}

}  // namespace xrayd::local
