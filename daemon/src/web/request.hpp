// One HTTP request, as far as this daemon looks at it.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace xrayd::web {

struct Request {
  /// `GET`, `POST`, ...
  std::string method;
  /// Begins with `/`; not percent-decoded, for no path here has anything to decode.
  std::string path;
  /// What followed the question mark.
  std::string query;
  /// Header values; empty if the header is missing. A request whose Host is there and empty gets
  /// 400 before anybody sees it, and a host in the target takes the place of the header.
  std::string host;
  std::string origin;
  std::string authorization;
  std::string cookie;
  std::string if_none_match;
  /// All of them, those above included, in their order.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

}  // namespace xrayd::web
