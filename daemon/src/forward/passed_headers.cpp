#include "forward/passed_headers.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "ascii.hpp"

namespace xrayd::forward {
namespace {

bool is_about_the_connection(std::string_view name) {
  constexpr std::array<std::string_view, 11> names = {"connection",
                                                      "keep-alive",
                                                      "proxy-authenticate",
                                                      "proxy-authorization",
                                                      "proxy-authentication-info",
                                                      "proxy-connection",
                                                      "te",
                                                      "trailer",
                                                      "transfer-encoding",
                                                      "upgrade",
                                                      "content-length"};
  return std::any_of(names.begin(), names.end(),
                     [name](std::string_view other) { return same_in_any_case(name, other); });
}

/// What the Connection headers name.
std::vector<std::string> named_by_connection(const std::vector<net::Header>& headers) {
  std::vector<std::string> names;
  for (const net::Header& header : headers) {
    if (!same_in_any_case(header.name, "connection")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      std::string_view name = rest.substr(0, comma);
      while (!name.empty() && (name.front() == ' ' || name.front() == '\t')) name.remove_prefix(1);
      while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
      if (!name.empty()) names.emplace_back(name);
      rest = comma == rest.npos ? std::string_view() : rest.substr(comma + 1);
    }
  }
  return names;
}

bool is_named(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [name](const std::string& other) { return same_in_any_case(name, other); });
}

}  // namespace

std::vector<aws::HeaderView> request_headers_to_pass(const std::vector<net::Header>& headers) {
  const std::vector<std::string> named = named_by_connection(headers);
  std::vector<aws::HeaderView> passed;
  passed.reserve(headers.size() + 3);
  for (const net::Header& header : headers) {
    if (is_about_the_connection(header.name) || is_named(named, header.name) ||
        same_in_any_case(header.name, "host") || same_in_any_case(header.name, "expect") ||
        same_in_any_case(header.name, "cookie") || aws::is_signature_header(header.name)) {
      continue;
    }
    passed.push_back({header.name, header.value});
  }
  return passed;
}

void keep_response_headers_to_pass(std::vector<net::Header>& headers) {
  const std::vector<std::string> named = named_by_connection(headers);
  std::erase_if(headers, [&named](const net::Header& header) {
    return is_about_the_connection(header.name) || is_named(named, header.name);
  });
}

}  // namespace xrayd::forward
