#include "web/xray_api.hpp"

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <utility>

#include "web/router.hpp"

namespace xrayd::web {
namespace {

/// A version 4 UUID. It only has to be different each time, not to be hard to guess.
std::string request_id() {
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
  std::array<std::uint64_t, 2> bits = {generator(), generator()};
  std::size_t used = 0;
  for (char& c : id) {
    if (c != 'x' && c != 'y') continue;
    std::uint64_t& source = bits[used++ / 16];
    const auto nibble = static_cast<std::size_t>(source & 0xfU);
    source >>= 4U;
    c = digits[c == 'y' ? (nibble & 0x3U) | 0x8U : nibble];
  }
  return id;
}

Response answer(int status, const std::string& error_type, std::string body) {
  Response response{status, "application/json", std::move(body), {}};
  response.headers.emplace_back("x-amzn-RequestId", request_id());
  if (!error_type.empty()) response.headers.emplace_back("x-amzn-errortype", error_type);
  return response;
}

}  // namespace

Response xray_api(const Request& request, local::Backend& backend) {
  const bool known = backend.answers(request.path);
  if (request.method != "POST") {
    return known ? method_not_allowed("POST") : text_response(404, "there is nothing here");
  }
  if (!known) {
    constexpr const char* type = "UnknownOperationException";
    return answer(
        404, type,
        R"({"__type":"UnknownOperationException","Message":"There is no such operation."})");
  }
  local::ApiAnswer result = backend.call(request.path, request.body);
  return answer(result.status, result.error_type, std::move(result.body));
}

}  // namespace xrayd::web
