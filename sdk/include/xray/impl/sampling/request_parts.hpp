// What sampling rules see of an HTTP request.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include <xray/http.hpp>
#include <xray/sampler.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Where the host of `scheme://host/path` begins; npos where that is not the form.
inline std::size_t host_in_url(std::string_view url) noexcept {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  std::size_t end = 0;
  while (end < url.size() &&
         (is_letter(url[end]) ||
          (end != 0 && ((url[end] >= '0' && url[end] <= '9') || url[end] == '+' ||
                        url[end] == '-' || url[end] == '.')))) {
    ++end;
  }
  return end != 0 && url.substr(end, 3) == "://" ? end + 3 : std::string_view::npos;
}

/// The parts of a request that sampling rules look at.
inline SamplingRequest sampling_request(const xray::HttpRequest& request) noexcept {
  SamplingRequest result;
  result.method = request.method;
  std::string_view url = request.url;
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t begin = host_in_url(url);
  if (begin != std::string_view::npos) {
    std::string_view host = url.substr(begin);
    const std::size_t slash = std::min(host.find('/'), host.size());
    url = host.substr(slash);
    host = host.substr(0, slash);
    const std::size_t user = host.rfind('@');
    if (user != std::string_view::npos) host.remove_prefix(user + 1);
    result.host = host;
    if (url.empty()) url = "/";
  }
  result.path = url;
  return result;
}

}  // namespace detail
XRAY_NAMESPACE_END
