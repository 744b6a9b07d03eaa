#include "net/request_text.hpp"

#include <algorithm>
#include <string_view>

#include "net/ip_address.hpp"

namespace xrayd::net {
namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool is_target(std::string_view text) {
  return text.starts_with('/') && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
         });
}

bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) >= ' ' && c != '\x7f') || c == '\t';
  });
}

void add_header(std::string& text, std::string_view name, std::string_view value) {
  text += name;
  text += ": ";
  text += value;
  text += "\r\n";
}

bool needs_length(const HttpRequest& request) {
  return !request.body.empty() || (request.method != "GET" && request.method != "HEAD");
}

}  // namespace

std::optional<std::string> request_header(const aws::Endpoint& endpoint, const HttpRequest& request,
                                          const ProxyUrl* proxy) {
  if (!is_token(request.method) || !is_target(request.target)) return std::nullopt;
  const std::string authority = endpoint.authority();
  if (!is_value(authority)) return std::nullopt;
  std::string text;
  text.reserve(1024);
  text += request.method;
  text += ' ';
  if (proxy != nullptr) text += "http://" + authority;
  text += request.target;
  text += " HTTP/1.1\r\n";
  add_header(text, "Host", authority);
  for (const aws::HeaderView& header : request.headers) {
    if (!is_token(header.name) || !is_value(header.value)) return std::nullopt;
    add_header(text, header.name, header.value);
  }
  if (needs_length(request)) {
    add_header(text, "Content-Length", std::to_string(request.body.size()));
  }
  if (proxy != nullptr && !proxy->authorization.empty()) {
    add_header(text, "Proxy-Authorization", proxy->authorization.reveal());
  }
  text += "\r\n";
  return text;
}

std::string connect_request(const aws::Endpoint& endpoint, const ProxyUrl& proxy) {
  const std::string authority = host_and_port(endpoint.host, endpoint.port);
  std::string text = "CONNECT " + authority + " HTTP/1.1\r\n";
  add_header(text, "Host", authority);
  if (!proxy.authorization.empty()) {
    add_header(text, "Proxy-Authorization", proxy.authorization.reveal());
  }
  return text + "\r\n";
}

}  // namespace xrayd::net
