// Any bytes as a signed request and its answer: nothing is read beyond them, what is recorded is
// within its limits, and of the credentials nothing is kept.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "aws/recogniser.hpp"

using namespace xray::instrumentation;

namespace {

constexpr std::string_view secret = "SIGNATURE-OF-THE-FUZZER";

/// The text up to the next NUL.
std::string_view next_part(std::string_view& rest) noexcept {
  return take_until(rest, '\0');
}

void check_name(std::string_view name) {
  if (!name.empty() && !is_name(name, "=/+:* ")) std::abort();
}

void check(const RecognisedCall& call) {
  check_name(call.service);
  check_name(call.operation);
  check_name(call.region);
  check_name(call.request_id);
  check_name(call.id_2);
  check_name(call.error_code);
  check_name(call.invocation_id);
  for (std::size_t i = 0; i < call.parameter_count(); ++i) {
    const CallParameter parameter = call.parameter(i);
    if (parameter.name.empty() || parameter.text.size() > 1024) std::abort();
    if (parameter.text.find(secret) != std::string_view::npos) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  if (rest.find(secret) != std::string_view::npos) return 0;  // then it may well be in the body
  constexpr std::array<std::string_view, 8> services = {"dynamodb", "sqs",       "s3",   "lambda",
                                                        "sns",      "sagemaker", "logs", "xray"};
  constexpr std::array<std::string_view, 5> methods = {"GET", "PUT", "POST", "HEAD", "DELETE"};
  const unsigned choice = rest.empty() ? 0 : static_cast<unsigned char>(rest.front());
  if (!rest.empty()) rest.remove_prefix(1);

  // A signature of its own in every second input, or whatever the input has.
  const std::string signature = "AWS4-HMAC-SHA256 Credential=" + std::string(secret) +
                                "/20260401/r/" +
                                std::string(services[choice / 2 % services.size()]) +
                                "/aws4_request, Signature=" + std::string(secret);
  const std::string_view url = next_part(rest);
  const std::string_view target = next_part(rest);
  const std::string_view extra = next_part(rest);
  const std::string_view request_body = next_part(rest);
  const std::string_view content_type = next_part(rest);
  const std::array<HeaderView, 6> headers = {
      HeaderView{"Authorization", choice % 2 == 0 ? std::string_view(signature) : extra},
      HeaderView{"X-Amz-Target", target},
      HeaderView{"amz-sdk-request", extra},
      HeaderView{"amz-sdk-invocation-id", extra},
      HeaderView{"x-amz-copy-source", extra},
      HeaderView{"Content-Type", content_type}};
  RequestView request;
  request.method = methods[choice % methods.size()];
  request.url = url;
  // Without a target the body is a form, or the path says all.
  const bool has_target = !target.empty();
  const std::array<HeaderView, 2> short_headers = {headers[0], headers[2]};
  request.headers = has_target ? HeaderList{headers.data(), headers.size()}
                               : HeaderList{short_headers.data(), short_headers.size()};
  request.body = request_body;
  request.body_complete = choice % 3 == 0;
  request.curl_signing = extra;

  RecognisedCall call;
  const RequestKind kind = recognise(request, {extra, target}, call);
  if (kind != RequestKind::aws && (!call.service.empty() || call.parameter_count() != 0)) {
    std::abort();
  }
  if (kind == RequestKind::aws && call.service.empty()) std::abort();
  check(call);

  const std::array<HeaderView, 4> answered = {
      HeaderView{"x-amzn-requestid", extra}, HeaderView{"x-amzn-errortype", target},
      HeaderView{"Content-Length", extra}, HeaderView{"Content-Type", content_type}};
  ResponseView response;
  response.status = choice % 2 == 0 ? 200 : 400;
  response.headers = {answered.data(), choice % 5 == 0 ? 0 : answered.size()};
  response.body = rest;
  read_response(response, call);
  check(call);
  return 0;
}
