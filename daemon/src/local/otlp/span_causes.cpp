#include "local/otlp/span_causes.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

#include "local/otlp/otlp_text.hpp"
#include "local/otlp/stack_trace.hpp"

namespace xrayd::local {
namespace {

constexpr std::size_t max_exceptions = 50;

class CauseWriter {
 public:
  CauseWriter(JsonWriter& writer, const SpanContext& context, EntityId id)
      : writer_(writer),
        remote_(context.span.kind == SpanKind::client || context.span.kind == SpanKind::producer),
        id_(id) {}

  void begin() {
    write_key(writer_, "cause");
    writer_.StartObject();
    write_key(writer_, "exceptions");
    writer_.StartArray();
  }

  void end() {
    writer_.EndArray();
    writer_.EndObject();
  }

  // The exception and those that caused it; each names the next one.
  void write(std::string_view type, std::string_view message, std::string_view stack) {
    auto exceptions = read_stack_trace(stack);
    exceptions.front().type = type;
    exceptions.front().message = message;
    for (std::size_t i = 0; i < exceptions.size() && count_ < max_exceptions; ++i) {
      const bool more = i + 1 < exceptions.size() && count_ + 1 < max_exceptions;
      write(exceptions[i], more);
    }
  }

  [[nodiscard]] bool full() const noexcept { return count_ >= max_exceptions; }

 private:
  void write(const PrintedException& exception, bool has_cause) {
    writer_.StartObject();
    write_key(writer_, "id");
    write_text(writer_, entity_id_text(derived_id(id_, ++count_)));
    write_member(writer_, "type", exception.type);
    write_member(writer_, "message", exception.message);
    if (remote_) {
      write_key(writer_, "remote");
      writer_.Bool(true);
    }
    if (exception.skipped > 0) {
      write_key(writer_, "truncated");
      writer_.Uint64(exception.skipped);
    }
    if (has_cause) {
      write_key(writer_, "cause");
      write_text(writer_, entity_id_text(derived_id(id_, count_ + 1)));
    }
    if (!exception.frames.empty()) {
      write_key(writer_, "stack");
      writer_.StartArray();
      for (const auto& frame : exception.frames) write(frame);
      writer_.EndArray();
    }
    writer_.EndObject();
  }

  void write(const StackFrame& frame) {
    writer_.StartObject();
    write_member(writer_, "path", frame.path);
    if (frame.line > 0) {
      write_key(writer_, "line");
      writer_.Int64(frame.line);
    }
    write_member(writer_, "label", frame.label);
    writer_.EndObject();
  }

  JsonWriter& writer_;
  bool remote_;
  EntityId id_;
  std::size_t count_ = 0;
};

// Each attempt of an AWS SDK that failed is an event of its own.
constexpr std::string_view failed_attempt = "HTTP request failure";

bool is_told(const OtlpEvent& event) noexcept {
  return event.name == "exception" || event.name == failed_attempt;
}

}  // namespace

EntityId derived_id(EntityId id, std::uint64_t number) noexcept {
  // SplitMix64: neighbours have nothing in common.
  std::uint64_t bits = id + number * 0x9E3779B97F4A7C15U;
  bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
  bits ^= bits >> 31U;
  return bits == 0 ? 1 : bits;
}

void write_outcome(JsonWriter& writer, const SpanContext& context,
                   std::optional<std::int64_t> http_status) {
  const auto set = [&](std::string_view flag) {
    write_key(writer, flag);
    writer.Bool(true);
  };
  constexpr std::int64_t throttled = 429;
  const std::int64_t hundreds = http_status.value_or(0) / 100;
  if (hundreds == 4) {
    set("error");
    if (http_status == throttled) set("throttle");
  } else if (hundreds == 5 || context.span.status == SpanStatus::error) {
    set("fault");
  }
}

void write_cause(JsonWriter& writer, const SpanContext& context, EntityId id) {
  const OtlpSpan& span = context.span;
  bool begun = false;
  CauseWriter cause(writer, context, id);
  const auto write = [&](std::string_view type, std::string_view message, std::string_view stack) {
    if (!begun) cause.begin();
    begun = true;
    if (!cause.full()) cause.write(type, message, stack);
  };
  for (const auto& event : span.events) {
    if (!is_told(event)) continue;
    AttributeMap attributes(event.attributes);
    if (event.name == failed_attempt) {
      write(failed_attempt, attributes.text({"aws.http.error_message"}), {});
    } else {
      write(attributes.text({"exception.type"}), attributes.text({"exception.message"}),
            attributes.text({"exception.stacktrace"}));
    }
  }
  if (!begun && span.status == SpanStatus::error && !span.status_message.empty()) {
    write({}, span.status_message, {});
  }
  if (begun) cause.end();
}

}  // namespace xrayd::local
