#include "orders.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <xray/xray.hpp>

namespace function {
namespace {

using Json = rapidjson::Value;

std::string_view text_of(const Json& object, const char* key) {
  if (!object.IsObject()) return {};
  const auto member = object.FindMember(key);
  if (member == object.MemberEnd() || !member->value.IsString()) return {};
  return {member->value.GetString(), member->value.GetStringLength()};
}

const Json& attributes_of(const Json& message) {
  static const Json none;
  const auto member = message.FindMember("attributes");
  return member == message.MemberEnd() ? none : member->value;
}

void reserve_stock(std::string_view order) {
  xray::Subsegment call("inventory", xray::Namespace::remote);
  call.add_annotation("order", order);
  std::this_thread::sleep_for(std::chrono::milliseconds(2));  // where the call would be made
  if (order == "out-of-stock") throw std::runtime_error("nothing left of it");
}

/// What not to do: a subsegment that outlives its invocation. It is dropped, and counted, when the
/// next such order ends it.
void leave_open() {
  static std::optional<xray::Subsegment> left;
  left.reset();
  left.emplace("left open");
}

/// The header that a call made for this order carries.
std::string handle_order(const Json& message) {
  // Recorded only if whoever sent the message records, too.
  const xray::sqs::MessageScope scope(text_of(attributes_of(message), "AWSTraceHeader"));
  return xray::capture("handle-order", [&message](xray::Subsegment& subsegment) {
    const std::string_view order = text_of(message, "body");
    subsegment.add_annotation("message", text_of(message, "messageId"));
    std::string header(subsegment.trace_header().to_string().view());
    if (order == "leave-open") {
      leave_open();
    } else {
      reserve_stock(order);
    }
    return header;
  });
}

}  // namespace

invocation_response handle_orders(const invocation_request& request) {
  rapidjson::Document event;
  event.Parse<rapidjson::kParseIterativeFlag>(request.payload.data(), request.payload.size());
  if (event.HasParseError() || !event.IsObject()) throw std::runtime_error("the event is no JSON");
  const auto records = event.FindMember("Records");
  if (records == event.MemberEnd() || !records->value.IsArray()) {
    throw std::runtime_error("the event has no Records");
  }
  rapidjson::StringBuffer body;
  rapidjson::Writer<rapidjson::StringBuffer> writer(body);
  writer.StartArray();
  for (const Json& message : records->value.GetArray()) {
    if (!message.IsObject()) throw std::runtime_error("a record is no message");
    const std::string header = handle_order(message);
    writer.String(header.data(), static_cast<rapidjson::SizeType>(header.size()));
  }
  writer.EndArray();
  return {body.GetString(), "application/json"};
}

}  // namespace function
