#include "recogniser.hpp"

#include "json_members.hpp"
#include "parameters.hpp"
#include "rest_operations.hpp"
#include "s3_operations.hpp"
#include "service_names.hpp"
#include "signature.hpp"
#include "url.hpp"
#include "xml.hpp"

namespace xray::instrumentation {
namespace {

/// The host and port that a request goes to, by its URL or its header Host.
UrlParts target_of(const RequestView& request) noexcept {
  UrlParts url = parse_url(request.url);
  if (url.host.empty()) {
    const UrlParts host = parse_url(request.headers.find("Host"));
    url.host = host.host;
    url.port = host.port;
  }
  return url;
}

bool goes_to(const UrlParts& url, std::string_view address) noexcept {
  if (address.empty() || url.host.empty()) return false;
  const UrlParts wanted = parse_url(address);
  const auto or_default = [](std::string_view port) {
    return port.empty() ? std::string_view("80") : port;
  };
  return equal_ignoring_case(url.host, wanted.host) &&
         or_default(url.port) == or_default(wanted.port);
}

/// `attempt=2; max=3`
void read_attempt(const HeaderList& headers, RecognisedCall& call) noexcept {
  const std::string_view id = headers.find("amz-sdk-invocation-id");
  if (is_name(id) && id.size() <= 64) call.invocation_id.append(id);
  std::string_view rest = headers.find("amz-sdk-request");
  while (!rest.empty()) {
    std::string_view value = trimmed(take_until(rest, ';'));
    const std::string_view name = trimmed(take_until(value, '='));
    const std::int64_t number = whole_number(trimmed(value));
    if (number <= 0 || number > 1000) continue;
    if (name == "attempt") call.attempt = static_cast<int>(number);
    if (name == "max") call.most_attempts = static_cast<int>(number);
  }
}

bool contains_json(std::string_view content_type) noexcept {
  return content_type.find("json") != std::string_view::npos;
}

/// `Action=` of the query protocol: in the URL, or in the form that is the body.
std::string_view query_action(const RequestView& request, const UrlParts& url) noexcept {
  const std::string_view in_url = form_field(FormFields(url.query), "Action");
  if (is_name(in_url)) return in_url;
  const std::string_view type = request.headers.find("Content-Type");
  if (!type.empty() && !starts_with(type, "application/x-www-form-urlencoded")) return {};
  const std::string_view in_body =
      form_field(FormFields(request.body, request.body_complete), "Action");
  return is_name(in_body) ? in_body : std::string_view();
}

void read_lambda_headers(const RequestView& request, const UrlParts& url,
                         RecognisedCall& call) noexcept {
  if (call.operation.view() != "Invoke") return;
  const std::string_view invocation_type = request.headers.find("X-Amz-Invocation-Type");
  const std::string_view log_type = request.headers.find("X-Amz-Log-Type");
  const std::string_view qualifier = form_field(FormFields(url.query), "Qualifier");
  if (is_name(invocation_type)) call.add_text("invocation_type", invocation_type);
  if (is_name(log_type)) call.add_text("log_type", log_type);
  if (is_name(qualifier, "$")) {
    call.add_text("qualifier", qualifier);
  } else if (starts_with(qualifier, "%24") && is_name(qualifier.substr(3))) {
    FixedText<128> decoded;
    if (append_decoded(decoded, qualifier, true)) call.add_text("qualifier", decoded);
  }
}

void read_operation(const RequestView& request, const UrlParts& url, std::string_view target,
                    RecognisedCall& call) noexcept {
  if (call.service.view() == "S3") {
    read_s3_operation(request, url, call);
    return;
  }
  if (!target.empty()) {
    call.operation.append(take_last(target, '.'));
    add_request_parameters(request.body, request.body_complete, true, call);
    return;
  }
  const std::string_view action = query_action(request, url);
  if (!action.empty()) {
    call.operation.append(action);
    add_request_parameters(url.query, true, false, call);
    add_request_parameters(request.body, request.body_complete, false, call);
    return;
  }
  read_rest_operation(call.service, request.method, url, call);
  if (call.service.view() == "Lambda") read_lambda_headers(request, url, call);
}

/// The name of an error without the namespace before it and the address behind it:
/// `com.amazonaws.dynamodb#ThrottlingException`, `NotFound:http://...`.
std::string_view bare_code(std::string_view code) noexcept {
  code = trimmed(code.substr(0, code.find_first_of(":;,")));
  code = take_last(code, '#');
  return is_name(code) ? code : std::string_view();
}

std::string_view code_in_json(std::string_view body) noexcept {
  std::string_view weaker;
  JsonMembers members(body);
  JsonMember member;
  while (members.next(member)) {
    if (member.kind != JsonKind::string) continue;
    if (member.name == "__type") return bare_code(member.value);
    if (member.name == "code" || member.name == "Code") weaker = bare_code(member.value);
  }
  return weaker;
}

std::string_view error_code(const ResponseView& response) noexcept {
  // SQS tells the name from its earlier protocol here, which is the one that SDKs show.
  std::string_view code = bare_code(response.headers.find("x-amzn-query-error"));
  if (code.empty()) code = bare_code(response.headers.find("x-amzn-errortype"));
  if (code.empty()) code = code_in_json(response.body);
  if (code.empty()) code = bare_code(xml_element(response.body, "Code"));
  return code;
}

void read_ids(const ResponseView& response, RecognisedCall& call) noexcept {
  constexpr std::string_view more = "=/+:";
  std::string_view id;
  for (const std::string_view name :
       {"x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"}) {
    if (id.empty()) id = response.headers.find(name);
  }
  for (const std::string_view name : {"RequestId", "requestId", "requestID", "RequestID"}) {
    if (id.empty()) id = xml_element(response.body, name);
  }
  if (is_name(id, more)) call.request_id.append(id);
  const std::string_view id_2 = response.headers.find("x-amz-id-2");
  if (is_name(id_2, more)) call.id_2.append(id_2);
}

void read_parameters(const ResponseView& response, RecognisedCall& call) noexcept {
  if (call.service.view() == "Lambda") {
    if (call.operation.view() == "Invoke") call.add_number("status_code", response.status);
    if (call.operation.view() == "InvokeAsync") call.add_number("status", response.status);
    const std::string_view error = response.headers.find("X-Amz-Function-Error");
    if (is_name(error)) call.add_text("function_error", error);
    return;
  }
  if (contains_json(response.headers.find("Content-Type"))) {
    add_response_parameters(response.body, call);
  } else {
    add_xml_response_parameters(response.body, call);
  }
}

}  // namespace

RequestKind recognise(const RequestView& request, const RecogniserSettings& settings,
                      RecognisedCall& call) noexcept {
  call = RecognisedCall();
  const UrlParts url = target_of(request);
  if (goes_to(url, settings.lambda_runtime_api) || goes_to(url, settings.daemon)) {
    return RequestKind::never_trace;
  }
  SigningScope scope;
  if (!read_signing_scope(request, url, scope)) return RequestKind::other;
  if (scope.service.view() == "xray") return RequestKind::never_trace;
  if (is_somebodys_own(scope.service, url)) return RequestKind::other;

  const std::string_view told = request.headers.find("X-Amz-Target");
  const std::string_view target = is_name(told) ? told : std::string_view();
  call.service.append(service_name(scope.service, target, url));
  call.region.append(scope.region);
  read_attempt(request.headers, call);
  read_operation(request, url, target, call);
  return RequestKind::aws;
}

void read_response(const ResponseView& response, RecognisedCall& call) noexcept {
  call.request_id = FixedText<128>();
  call.id_2 = FixedText<128>();
  call.error_code = FixedText<128>();
  call.throttled = false;
  call.failed = false;
  call.status = response.status;
  call.content_length = response.content_length;
  if (response.status == 0) return;
  if (call.content_length < 0) {
    call.content_length = whole_number(response.headers.find("Content-Length"));
  }
  read_ids(response, call);
  const bool late_failure =
      response.status == 200 && call.service.view() == "S3" && xml_root(response.body) == "Error";
  if (response.status < 400 && !late_failure) {
    read_parameters(response, call);
    return;
  }
  call.failed = true;
  call.error_code.append(error_code(response));
  call.throttled = response.status == 429 || is_throttling(call.error_code);
}

bool is_throttling(std::string_view error_code) noexcept {
  constexpr std::string_view codes[] = {
      "BandwidthLimitExceeded",
      "EC2ThrottledException",
      "LimitExceededException",
      "PriorRequestNotComplete",
      "ProvisionedThroughputExceededException",
      "RequestLimitExceeded",
      "RequestThrottled",
      "RequestThrottledException",
      "SlowDown",
      "ThrottledException",
      "Throttling",
      "ThrottlingException",
      "TooManyRequestsException",
      "TransactionInProgressException",
  };
  for (const std::string_view code : codes) {
    if (code == error_code) return true;
  }
  return false;
}

}  // namespace xray::instrumentation
