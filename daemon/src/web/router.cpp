#include "web/router.hpp"

#include <utility>

namespace xrayd::web {

void Router::add(std::string path, std::string method, Handler handler) {
  routes_[std::move(path)][std::move(method)] = std::move(handler);
}

Response Router::route(const Request& request, const Handler& otherwise) const {
  const auto path = routes_.find(request.path);
  if (path == routes_.end()) return otherwise(request);
  const auto& methods = path->second;
  const auto method = methods.find(request.method == "HEAD" ? "GET" : request.method);
  if (method != methods.end()) return method->second(request);

  std::string allow;
  for (const auto& [name, handler] : methods) {
    allow += (allow.empty() ? "" : ", ") + name + (name == "GET" ? ", HEAD" : "");
  }
  return method_not_allowed(allow);
}

Response method_not_allowed(const std::string& allow) {
  Response response = text_response(405, "this path takes " + allow);
  response.headers.emplace_back("Allow", allow);
  return response;
}

}  // namespace xrayd::web
