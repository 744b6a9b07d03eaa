#include "web/http_message.hpp"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/system/errc.hpp>
#include <utility>

namespace xrayd::web {
namespace {

namespace http = boost::beast::http;

struct Target {
  /// Empty unless the target names one.
  std::string_view host;
  std::string_view path;
  std::string_view query;
};

std::optional<Target> parse_target(std::string_view text) {
  Target target;
  if (!text.starts_with('/')) {
    constexpr std::string_view scheme = "http://";
    if (!boost::beast::iequals(text.substr(0, scheme.size()), scheme)) return std::nullopt;
    text.remove_prefix(scheme.size());
    target.host = text.substr(0, text.find_first_of("/?"));
    if (target.host.empty() || target.host.find('@') != std::string_view::npos) {
      return std::nullopt;
    }
    text.remove_prefix(target.host.size());
  }
  const std::size_t question = std::min(text.find('?'), text.size());
  target.path = question == 0 ? "/" : text.substr(0, question);
  target.query = text.substr(std::min(question + 1, text.size()));
  return target;
}

}  // namespace

std::optional<Request> to_request(http::request<GrowingBody>&& message) {
  const auto target = parse_target({message.target().data(), message.target().size()});
  const auto hosts = message.count(http::field::host);
  const bool has_host =
      hosts == 1 ? !message[http::field::host].empty() : hosts == 0 && message.version() < 11;
  if (!target || !has_host || message.count(http::field::origin) > 1) return std::nullopt;

  const auto header = [&message](http::field name) { return std::string(message[name]); };
  Request request;
  request.method = std::string(message.method_string());
  request.path = target->path;
  request.query = target->query;
  request.host = target->host.empty() ? header(http::field::host) : std::string(target->host);
  request.origin = header(http::field::origin);
  request.authorization = header(http::field::authorization);
  request.cookie = header(http::field::cookie);
  request.if_none_match = header(http::field::if_none_match);
  for (const auto& field : message) {
    request.headers.emplace_back(field.name_string(), field.value());
  }
  request.body = std::move(message.body());
  return request;
}

http::response<http::string_body> to_message(Response&& response, bool head, bool keep_alive) {
  http::response<http::string_body> message(static_cast<http::status>(response.status), 11);
  message.keep_alive(keep_alive);
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  if (message.result() == http::status::not_modified) return message;
  if (!response.content_type.empty()) {
    message.set(http::field::content_type, response.content_type);
  }
  message.content_length(response.body.size());
  if (!head) message.body() = std::move(response.body);
  return message;
}

std::string_view path_of(std::string_view target) {
  const auto parsed = parse_target(target);
  return parsed ? parsed->path : std::string_view{};
}

Response busy_response(std::string_view line) {
  Response response = text_response(503, line);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

std::optional<Response> complaint(const boost::system::error_code& error) {
  if (error == http::error::end_of_stream || error == http::error::partial_message) {
    return std::nullopt;
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return text_response(431, "the header is too large");
  }
  if (error == http::error::body_limit) return text_response(413, "the body is too large");
  if (error == boost::system::errc::not_enough_memory) {
    return busy_response("too busy for this body");
  }
  if (error.category() == http::make_error_code(http::error::bad_method).category()) {
    return text_response(400, "this is not HTTP: " + error.message());
  }
  return std::nullopt;
}

}  // namespace xrayd::web
