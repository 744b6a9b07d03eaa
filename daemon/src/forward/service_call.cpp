#include "forward/service_call.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <random>
#include <span>
#include <vector>

#include "aws/sigv4.hpp"
#include "config/log.hpp"
#include "forward/json_text.hpp"

namespace xrayd::forward {
namespace {

constexpr std::size_t longest_quote = 200;

/// `1795360189.812527895`: seconds since 1970, as the service takes the time of sending.
std::string timestamp_of(AwsClock::Time time) {
  const auto nanoseconds = time.time_since_epoch().count();
  constexpr std::int64_t second = 1'000'000'000;
  std::array<char, 48> text{};
  const int size = std::snprintf(text.data(), text.size(), "%lld.%09lld",
                                 static_cast<long long>(nanoseconds / second),
                                 static_cast<long long>(nanoseconds % second));
  return {text.data(), static_cast<std::size_t>(size)};
}

void read_error(ServiceAnswer& answer) {
  const net::HttpResponse& response = answer.http.response;
  answer.error_code = error_code_of(response);
  rapidjson::Document body;
  if (!parse_object(response.body, body)) return;
  std::string_view message = text_member(body, "message");
  if (message.empty()) message = text_member(body, "Message");
  answer.error_message = message;
}

net::HttpResult sign_and_send(const Service& service, net::HttpClient& client,
                              const ServiceRequest& request, std::chrono::milliseconds timeout,
                              ServiceAnswer& answer) {
  const std::string timestamp = timestamp_of(answer.signed_for);
  const std::string attempt =
      "attempt=" + std::to_string(request.attempt) + "; max=" + std::to_string(request.attempts);
  std::vector<aws::HeaderView> headers = {{"Content-Type", "application/json"},
                                          {"User-Agent", service.user_agent},
                                          {"X-Amzn-Xray-Timestamp", timestamp},
                                          {"Amz-Sdk-Invocation-Id", request.invocation_id},
                                          {"Amz-Sdk-Request", attempt}};
  const std::string path = service.endpoint.base_path + std::string(request.path);
  const std::string host = service.endpoint.authority();
  aws::RequestToSign to_sign;
  to_sign.method = "POST";
  to_sign.host = host;
  to_sign.path = path;
  to_sign.headers = headers;
  to_sign.body_sha256 = request.body_sha256;
  const std::vector<aws::SignatureHeader> signature =
      aws::sign(to_sign, answer.lease->keys, {service.endpoint.signing_region, "xray"},
                std::chrono::floor<std::chrono::seconds>(answer.signed_for));
  for (const aws::SignatureHeader& header : signature) {
    headers.push_back({header.name, header.value});
  }

  net::HttpRequest http;
  http.method = "POST";
  http.target = path;
  http.headers = headers;
  http.body = request.body;
  return client.send(service.endpoint, http, timeout);
}

/// X-Ray's good answers are JSON objects, or empty. Something in between, a portal that wants a
/// login, may say 200 as well, and has taken nothing.
bool is_of_the_service(const net::HttpResponse& response) {
  if (response.status < 200 || response.status >= 300 || response.body.empty()) return true;
  rapidjson::Document body;
  return parse_object(response.body, body);
}

}  // namespace

aws::RequestOutcome ServiceAnswer::outcome() const {
  aws::RequestOutcome result;
  result.end = http.end;
  result.status = http.response.status;
  result.error_code = error_code;
  result.retry_after = http.response.header("Retry-After");
  return result;
}

std::string ServiceAnswer::description() const {
  if (!was_sent()) return "there are no credentials";
  if (http.end != aws::RequestEnd::answered) return for_log(http.problem);
  std::string text = "the service answered " + std::to_string(http.response.status);
  if (!error_code.empty()) text += " " + for_log(error_code);
  if (!error_message.empty()) text += ": " + for_log(error_message);
  return text;
}

ServiceAnswer call_service(const Service& service, net::HttpClient& client,
                           const ServiceRequest& request,
                           std::chrono::milliseconds timeout) noexcept {
  ServiceAnswer answer;
  try {
    answer.lease = service.credentials.current();
    if (answer.lease == nullptr) {
      answer.http.end = aws::RequestEnd::refused;
      return answer;
    }
    answer.signed_for = service.clock.now();
    answer.http = sign_and_send(service, client, request, timeout, answer);
    if (answer.http.end == aws::RequestEnd::answered && !is_of_the_service(answer.http.response)) {
      answer.http.end = aws::RequestEnd::malformed_answer;
      answer.http.problem = service.endpoint.authority() + ": the answer " +
                            std::to_string(answer.http.response.status) + " is not X-Ray's";
    }
    if (answer.http.end == aws::RequestEnd::answered && answer.http.response.status >= 300) {
      read_error(answer);
    }
  } catch (const std::exception&) {
    answer.http.end = aws::RequestEnd::cut;
    answer.http.response = {};
  }
  return answer;
}

std::string error_code_of(const net::HttpResponse& response) {
  const std::string_view header = response.header("X-Amzn-ErrorType");
  if (!header.empty()) return std::string(aws::bare_error_code(header));
  rapidjson::Document body;
  if (!parse_object(response.body, body)) return {};
  std::string_view code = text_member(body, "__type");
  if (code.empty()) code = text_member(body, "code");
  return std::string(aws::bare_error_code(code));
}

std::string make_invocation_id() {
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  const std::uint64_t high = (generator() & ~std::uint64_t{0xF000}) | 0x4000U;
  const std::uint64_t low = (generator() >> 2U) | (std::uint64_t{1} << 63U);
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%08llx-%04llx-%04llx-%04llx-%012llx",
                                 static_cast<unsigned long long>(high >> 32U),
                                 static_cast<unsigned long long>((high >> 16U) & 0xFFFFU),
                                 static_cast<unsigned long long>(high & 0xFFFFU),
                                 static_cast<unsigned long long>(low >> 48U),
                                 static_cast<unsigned long long>(low & 0xFFFF'FFFF'FFFFU));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string for_log(std::string_view text) {
  if (text.size() <= longest_quote) return log::printable(text);
  return log::printable(text.substr(0, longest_quote)) + "...";
}

}  // namespace xrayd::forward
