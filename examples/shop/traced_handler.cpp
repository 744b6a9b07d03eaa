#include "traced_handler.hpp"

#include <exception>
#include <iostream>
#include <utility>

namespace shop {
namespace {

/// Who asked for what. The texts are the request's and the url's: the SDK reads them only while the
/// call lasts that this is given to.
xray::HttpRequest describe(const Request& request, const std::string& url) {
  const std::string_view forwarded = request.header("x-forwarded-for");
  xray::HttpRequest http;
  http.method = request.method;
  http.url = url;
  http.user_agent = request.header("user-agent");
  http.client_ip = request.client_address;
  if (!forwarded.empty()) {
    http.client_ip = forwarded.substr(0, forwarded.find(','));
    http.x_forwarded_for = true;
  }
  return http;
}

}  // namespace

Handler traced(std::string service, Route route) {
  return [service = std::move(service), route = std::move(route)](const Request& request) {
    const std::string url = "http://" + std::string(request.header("host")) + request.target;
    xray::Segment segment(service, xray::TraceHeader::parse(request.header("x-amzn-trace-id")),
                          describe(request, url));

    Response response;
    try {
      response = route(request, segment);
    } catch (const std::exception& problem) {
      segment.add_exception(problem);
      std::cerr << request.method << ' ' << request.target << ": " << problem.what() << std::endl;
      response = {500, "Something went wrong.\n", {}};
    }

    segment.set_http_response(response.status, static_cast<std::int64_t>(response.body.size()));
    response.headers["X-Amzn-Trace-Id"] = segment.response_header().to_string();
    return response;
  };
}

}  // namespace shop
