#include "clients/curl/answer.hpp"

#include <xray/instrumentation/http_parts.hpp>

#include "clients/curl/called_url.hpp"
#include "clients/curl/codes.hpp"
#include "clients/curl/excluded.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {
namespace {

constexpr std::string_view name_space = "http";

/// From one moment of the call to another, both in microseconds from its beginning.
void add_step(Subsegment& subsegment, std::string_view name, std::int64_t from,
              std::int64_t to) noexcept {
  if (to > from) subsegment.add_metadata(name, static_cast<double>(to - from) / 1000, name_space);
}

}  // namespace

std::string_view text_info(void* handle, int info, const Functions& functions) noexcept {
  const char* text = nullptr;
  if (functions.getinfo == nullptr || functions.getinfo(handle, info, &text) != ok) return {};
  return text != nullptr ? std::string_view(text) : std::string_view();
}

long number_info(void* handle, int info, const Functions& functions, long otherwise) noexcept {
  long number = otherwise;
  if (functions.getinfo == nullptr || functions.getinfo(handle, info, &number) != ok) {
    return otherwise;
  }
  return number;
}

std::int64_t number64_info(void* handle, int info, const Functions& functions,
                           std::int64_t otherwise) noexcept {
  std::int64_t number = otherwise;
  if (functions.getinfo == nullptr || functions.getinfo(handle, info, &number) != ok) {
    return otherwise;
  }
  return number;
}

int status_of(void* handle, const Functions& functions) noexcept {
  return static_cast<int>(number_info(handle, info::response_code, functions));
}

std::int64_t length_of(void* handle, const Functions& functions) noexcept {
  const std::int64_t told = number64_info(handle, info::content_length, functions, -1);
  return told >= 0 ? told : number64_info(handle, info::size_download, functions, -1);
}

void add_timings(void* handle, Subsegment& subsegment, const Functions& functions) noexcept {
  const auto time = [&](int info) { return number64_info(handle, info, functions); };
  const std::int64_t looked_up = time(info::name_lookup_time);
  const std::int64_t connected = time(info::connect_time);
  const bool is_reused = number_info(handle, info::connections, functions, 1) == 0;
  if (is_reused) {
    subsegment.add_metadata("reused_connection", true, name_space);
  } else {
    add_step(subsegment, "dns_ms", 0, looked_up);
    add_step(subsegment, "connect_ms", looked_up, connected);
    if (connected > 0) add_step(subsegment, "tls_ms", connected, time(info::tls_time));
  }
  add_step(subsegment, "first_byte_ms", 0, time(info::start_transfer_time));
  add_step(subsegment, "total_ms", 0, time(info::total_time));
  const std::string_view address = text_info(handle, info::primary_ip, functions);
  if (!address.empty()) subsegment.add_metadata("remote_ip", address, name_space);
  const long redirects = number_info(handle, info::redirect_count, functions);
  if (redirects <= 0) return;
  subsegment.add_metadata("redirects", redirects, name_space);
  const CalledUrl where = called_url(text_info(handle, info::effective_url, functions));
  const detail::HttpUrl url = detail::http_url(where.scheme, where.host, where.path);
  if (!where.host.empty() && !is_excluded(where))
    subsegment.add_metadata("effective_url", url.view(), name_space);
}

std::string_view error_text(int code, const Functions& functions) noexcept {
  const char* const text = functions.error_text != nullptr ? functions.error_text(code) : nullptr;
  return text != nullptr ? std::string_view(text) : std::string_view();
}

void add_failure(int code, std::string_view text, Subsegment& subsegment) noexcept {
  subsegment.add_remote_exception(name_of_code(code).view(), text);
}

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
