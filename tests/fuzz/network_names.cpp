// What options and variables say of hosts: proxy, NO_PROXY, endpoints; and the requests made of
// them, which nothing in a value may break out of.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "aws/endpoints.hpp"
#include "net/ip_address.hpp"
#include "net/proxy_rules.hpp"
#include "net/proxy_url.hpp"
#include "net/request_text.hpp"
#include "startup_error.hpp"

namespace {

using namespace xrayd;

void check(bool holds) {
  if (!holds) std::abort();
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) {
    ++found;
  }
  return found;
}

void check_lines(const std::string& header, std::size_t lines) {
  check(header.ends_with("\r\n\r\n"));
  check(count(header, "\r\n") == lines + 1);
  check(count(header, "\r") == lines + 1 && count(header, "\n") == lines + 1);
}

void ask(const aws::Endpoint& endpoint, std::string_view text) {
  const std::size_t middle = text.size() / 2;
  const aws::HeaderView header{text.substr(0, middle), text.substr(middle)};
  const auto made =
      net::request_header(endpoint, {.target = text, .headers = {&header, 1}}, nullptr);
  if (made) check_lines(*made, 4);
  const aws::HeaderView harmless{"X-Value", text};
  const auto other =
      net::request_header(endpoint, {.target = "/", .headers = {&harmless, 1}}, nullptr);
  if (other) check_lines(*other, 4);
}

void read_endpoint(std::string_view text) {
  try {
    const aws::Endpoint endpoint = aws::parse_endpoint(text, "us-east-1");
    const aws::Endpoint again = aws::parse_endpoint(endpoint.url(), "us-east-1");
    check(again.host == endpoint.host && again.port == endpoint.port && again.tls == endpoint.tls &&
          again.base_path == endpoint.base_path);
    check(text.find('@') == text.npos);
    ask(endpoint, text);
  } catch (const aws::EndpointError&) {
  }
}

void read_proxy(std::string_view text) {
  try {
    const net::ProxyUrl proxy = net::parse_proxy_url(text);
    check(!proxy.host.empty() && proxy.port != 0);
    // Who is before an @ is a user, and never the host.
    if (text.find('@') != text.npos) check(!proxy.authorization.empty());
    check_lines(net::connect_request(aws::parse_endpoint("https://xray.test", ""), proxy),
                proxy.authorization.empty() ? 2 : 3);
  } catch (const StartupError& problem) {
    check(std::string_view(problem.what()).starts_with("Bad proxy URL: "));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_endpoint(text);
  read_proxy(text);
  const net::ProxyRules rules(text);
  (void)rules.bypasses("xray.us-east-1.amazonaws.com", 443);
  (void)rules.bypasses("2001:db8::1", 443);
  (void)net::ProxyRules("example.com,10.0.0.0/8,fd00::/7").bypasses(text, 443);
  if (const auto address = net::parse_ip(text)) {
    const auto again = net::parse_ip(address->to_string());
    check(again && *again == *address);
  }
  ask(aws::parse_endpoint("https://xray.test", "us-east-1"), text);
  return 0;
}
