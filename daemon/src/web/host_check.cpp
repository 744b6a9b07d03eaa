#include "web/host_check.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "ascii.hpp"

namespace xrayd::web {
namespace {

constexpr std::string_view cookie_name = "xrayd_token";
constexpr std::string_view signature_scheme = "AWS4-HMAC-SHA256 ";

/// The name in `name:port`, `name`, `[v6]:port` or `[v6]`, IPv6 with its brackets; empty for
/// anything else.
std::string_view host_of(std::string_view authority) {
  std::size_t end = std::min(authority.find(':'), authority.size());
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return {};
    end = bracket + 1;
  }
  const std::string_view rest = authority.substr(end);
  const bool is_port =
      rest.starts_with(':') && rest.find_first_not_of("0123456789", 1) == std::string_view::npos;
  return rest.empty() || is_port ? authority.substr(0, end) : std::string_view{};
}

bool is_loopback_name(std::string_view host) {
  return same_in_any_case(host, "localhost") || host == "[::1]" ||
         (host.starts_with("127.") &&
          host.find_first_not_of("0123456789.") == std::string_view::npos);
}

/// Takes as long for a wrong token as for the right one, so that its time says nothing.
bool is_same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

/// The value of `name=value` in a list; empty if there is none.
std::string_view find_value(std::string_view list, char separator, std::string_view name) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(separator), list.size());
    std::string_view item = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
    if (item.starts_with(name) && item.substr(name.size()).starts_with('=')) {
      return item.substr(name.size() + 1);
    }
  }
  return {};
}

/// `AWS4-HMAC-SHA256 Credential=<access key id>/<date>/...`: the id; empty for anything else.
std::string_view access_key_id(std::string_view authorization) {
  if (!authorization.starts_with(signature_scheme)) return {};
  authorization.remove_prefix(signature_scheme.size());
  const auto credential = find_value(authorization, ',', "Credential");
  const std::size_t slash = credential.find('/');
  return slash == credential.npos ? std::string_view{} : credential.substr(0, slash);
}

/// In the form that the caller can read.
Response who_are_you(const Request& request) {
  if (request.authorization.starts_with(signature_scheme)) {
    Response response{401,
                      "application/json",
                      R"({"__type":"UnrecognizedClientException","Message":"The access key id is )"
                      R"(not this xrayd's token"})",
                      {}};
    response.headers.emplace_back("x-amzn-errortype", "UnrecognizedClientException");
    return response;
  }
  Response response = text_response(401,
                                    "this needs the token: open /?token=... in a browser, send "
                                    "Authorization: Bearer ..., or make it the access key id of "
                                    "your AWS client");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

bool is_free(std::string_view path) {
  constexpr std::array<std::string_view, 5> paths = {"/healthz", "/readyz", "/metrics",
                                                     "/GetSamplingRules", "/SamplingTargets"};
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

}  // namespace

HostCheck::HostCheck(HostPolicy policy) : policy_(std::move(policy)) {
}

bool HostCheck::is_known_host(std::string_view authority) const {
  const std::string_view host = host_of(authority);
  const auto& allowed = policy_.allowed_hosts;
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& name) { return same_in_any_case(host, name); });
}

bool HostCheck::is_known_origin(const Request& request) const {
  std::string_view authority = request.origin;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!authority.starts_with(scheme)) continue;
    authority.remove_prefix(scheme.size());
    return same_in_any_case(authority, request.host) || is_known_host(authority);
  }
  return false;
}

std::optional<Response> HostCheck::check(const Request& request) const {
  // A client that sends no Host (an empty one never gets here) is no browser: they all do.
  if (policy_.loopback && !request.host.empty() && !is_loopback_name(host_of(request.host)) &&
      !is_known_host(request.host)) {
    return text_response(403, "this host name is not allowed here (xrayd --allowed-host adds one)");
  }
  if (!request.origin.empty() && !is_known_origin(request)) {
    return text_response(
        403, "requests from other origins are not allowed here (xrayd --allowed-host adds one)");
  }
  const bool is_guarded =
      !policy_.token.empty() || !(policy_.loopback || policy_.passes_everything);
  if (is_free(request.path) || !is_guarded) return std::nullopt;
  return check_token(request);
}

std::optional<Response> HostCheck::check_token(const Request& request) const {
  if (policy_.token.empty()) {
    return text_response(401,
                         "beyond loopback this needs a token: start xrayd with one "
                         "(--console-token)");
  }
  // Also for who has the cookie: the token shall not stay in the address.
  if (request.path == "/" && request.method == "GET" &&
      is_same_secret(find_value(request.query, '&', "token"), policy_.token)) {
    Response response = text_response(303, "welcome");
    response.headers.emplace_back("Location", "/");
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    response.headers.emplace_back("Set-Cookie", std::string(cookie_name) + "=" + policy_.token +
                                                    "; Path=/; HttpOnly; SameSite=Strict");
    return response;
  }
  if (is_authorized(request)) return std::nullopt;
  return who_are_you(request);
}

bool HostCheck::is_authorized(const Request& request) const {
  constexpr std::string_view bearer = "Bearer ";
  const std::string_view authorization = request.authorization;
  if (authorization.size() > bearer.size() &&
      same_in_any_case(authorization.substr(0, bearer.size()), bearer)) {
    return is_same_secret(authorization.substr(bearer.size()), policy_.token);
  }
  return is_same_secret(access_key_id(authorization), policy_.token) ||
         is_same_secret(find_value(request.cookie, ';', cookie_name), policy_.token);
}

}  // namespace xrayd::web
