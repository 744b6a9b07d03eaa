#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace shop {

/// One HTTP request as a service sees it.
struct Request {
  std::string method;
  /// Path and query as they stood in the request line.
  std::string target;
  /// Address of the peer, without its port.
  std::string client_address;
  /// Names in lower case; of repeated fields the first one.
  std::map<std::string, std::string, std::less<>> headers;

  /// The value of a header by its lower-case name, empty where it is absent.
  std::string_view header(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string body;
  std::map<std::string, std::string, std::less<>> headers;
};

/// Called on several threads at once; may block.
using Handler = std::function<Response(const Request&)>;

/// Serves 127.0.0.1:port (0 takes a free port) and prints `listening on 127.0.0.1:PORT`.
/// Returns after SIGINT or SIGTERM, once the requests in hand are answered.
/// Throws std::exception when the port cannot be had.
void serve(std::uint16_t port, const Handler& handler);

}  // namespace shop
