#include "record_call.hpp"

#include <cstdint>

namespace xray::instrumentation {
namespace {

void add_parameters(const RecognisedCall& call, Subsegment& subsegment) noexcept {
  for (std::size_t i = 0; i < call.parameter_count(); ++i) {
    const CallParameter parameter = call.parameter(i);
    switch (parameter.kind) {
      case CallParameter::Kind::text:
        subsegment.add_aws(parameter.name, parameter.text);
        break;
      case CallParameter::Kind::number:
        subsegment.add_aws(parameter.name, parameter.number);
        break;
      case CallParameter::Kind::boolean:
        subsegment.add_aws(parameter.name, parameter.number != 0);
        break;
      case CallParameter::Kind::json:
        subsegment.add_aws(parameter.name, Json(parameter.text));
        break;
    }
  }
}

}  // namespace

void record(const RecognisedCall& call, Subsegment& subsegment) noexcept {
  AwsCall block;
  block.operation = call.operation.view();
  block.region = call.region.view();
  block.request_id = call.request_id.view();
  block.retries = call.retries();
  subsegment.set_aws(block);
  subsegment.add_aws("id_2", call.id_2.view());
  add_parameters(call, subsegment);
  if (call.status == 0) return;

  if (!call.error_code.empty()) subsegment.add_remote_exception(call.error_code.view(), {});
  subsegment.set_http_response(call.status, call.content_length);
  // The cause marks a fault even where the client is to blame.
  subsegment.set_fault(call.status >= 500 || (call.failed && call.status < 400));
  if (call.throttled) {
    subsegment.set_error();
    subsegment.set_throttle();
  }
}

}  // namespace xray::instrumentation
