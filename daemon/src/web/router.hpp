// Finds the handler of a path and a method.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "web/request.hpp"
#include "web/response.hpp"

namespace xrayd::web {

using Handler = std::function<Response(const Request&)>;

/// Exact paths only. Filled once, then read from many threads.
class Router {
 public:
  void add(std::string path, std::string method, Handler handler);

  /// The handler's answer; 405 with `Allow` for a known path and another method, and what
  /// `otherwise` says of an unknown path. HEAD is answered as GET is.
  [[nodiscard]] Response route(const Request& request, const Handler& otherwise) const;

 private:
  std::map<std::string, std::map<std::string, Handler>> routes_;
};

/// 405 with the methods that would do.
[[nodiscard]] Response method_not_allowed(const std::string& allow);

}  // namespace xrayd::web
