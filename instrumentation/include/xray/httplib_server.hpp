// A segment for each request that a server of cpp-httplib answers. Tested with cpp-httplib 0.11.4.
#pragma once

#include <httplib.h>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <xray/http_server.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// A thread of the server handles one request at a time, from the first of our handlers to the
/// last.
inline std::optional<HttpServerSegment>& httplib_request() noexcept {
  static thread_local std::optional<HttpServerSegment> request;
  return request;
}

template <typename Headers>
std::string_view httplib_header(const Headers& headers, std::string_view name) {
  const auto header = headers.find(std::string(name));
  return header == headers.end() ? std::string_view() : std::string_view(header->second);
}

/// The header alone tells: bodies that are handed over in pieces have no other size.
inline std::int64_t httplib_content_length(const httplib::Response& response) {
  const std::string_view text = httplib_header(response.headers, "Content-Length");
  if (!text.empty()) return content_length(text);
  return response.body.empty() ? -1 : static_cast<std::int64_t>(response.body.size());
}

}  // namespace detail

/// A server, httplib::Server or another (`HttplibServer<httplib::SSLServer>`), whose requests are
/// recorded: routed or not, files too, from the end of the request line and headers to when the
/// response is written. Handlers run inside the segment. What a handler throws is recorded as the
/// cause of a fault, and answered as always. Malformed requests are answered by the library without
/// a word to anybody, and so are not recorded.
///
///     xray::HttpServerTracing tracing;
///     tracing.name = "shop";
///     xray::HttplibServer<> server(tracing);
///     server.Get("/cart", [](const httplib::Request& in, httplib::Response& out) { ... });
///
/// It works by four of the library's handlers. Those of your own are set as ever, and called
/// besides; but call the setters on this object, not on a reference to its base (other setters
/// return one): that would replace what records.
template <typename Base = httplib::Server>
class HttplibServer : public Base {
 public:
  /// `arguments` are the base's.
  template <typename... Arguments>
  explicit HttplibServer(HttpServerTracing tracing, Arguments&&... arguments)
      : Base(std::forward<Arguments>(arguments)...), tracing_(std::move(tracing)) {
    set_pre_routing_handler(nullptr);
    set_post_routing_handler(nullptr);
    set_exception_handler(nullptr);
    set_logger(nullptr);
  }

  // NOLINTBEGIN(readability-identifier-naming)

  HttplibServer& set_pre_routing_handler(typename Base::HandlerWithResponse handler) {
    Base::set_pre_routing_handler(
        [this, handler = std::move(handler)](const httplib::Request& request,
                                             httplib::Response& response) {
          begin(request);
          return handler ? handler(request, response) : Base::HandlerResponse::Unhandled;
        });
    return *this;
  }

  HttplibServer& set_post_routing_handler(typename Base::Handler handler) {
    Base::set_post_routing_handler([handler = std::move(handler)](const httplib::Request& request,
                                                                  httplib::Response& response) {
      if (handler) handler(request, response);
      answer(response);
    });
    return *this;
  }

  HttplibServer& set_exception_handler(typename Base::ExceptionHandler handler) {
    Base::set_exception_handler([handler = std::move(handler)](const httplib::Request& request,
                                                               httplib::Response& response,
                                                               std::exception_ptr exception) {
      auto& segment = detail::httplib_request();
      if (segment) segment->add_exception(exception);
      if (handler) {
        handler(request, response, exception);
      } else {
        answer_exception(response, exception);
      }
    });
    return *this;
  }

  HttplibServer& set_logger(httplib::Logger logger) {
    Base::set_logger([logger = std::move(logger)](const httplib::Request& request,
                                                  const httplib::Response& response) {
      end(response);
      if (logger) logger(request, response);
    });
    return *this;
  }

  // NOLINTEND(readability-identifier-naming)

 private:
  void begin(const httplib::Request& request) {
    HttpServerRequest described;
    described.method = request.method;
    described.target = request.target;
    described.peer_address = request.remote_addr;
#ifdef CPPHTTPLIB_OPENSSL_SUPPORT
    described.scheme = request.ssl != nullptr ? "https" : "";
#endif
    auto& segment = detail::httplib_request();
    segment.reset();  // of a request that did not end as it should
    segment.emplace(tracing_, described, [&request](std::string_view name) {
      return detail::httplib_header(request.headers, name);
    });
  }

  static void answer(httplib::Response& response) {
    const auto& segment = detail::httplib_request();
    if (!segment) return;
    const TraceHeader::Text header = segment->response_header();
    if (header.empty()) return;
    const std::string name(trace_header_name);
    response.headers.erase(name);
    response.set_header(name, header.str());
  }

  /// What the library does where no handler of exceptions is set.
  static void answer_exception(httplib::Response& response, const std::exception_ptr& exception) {
    response.status = 500;
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& problem) {
      std::string text;
      for (const char c : std::string_view(problem.what())) {
        if (c == '\r' || c == '\n') {
          text += c == '\r' ? "\\r" : "\\n";  // a line end would end the header
        } else {
          text += c;
        }
      }
      response.set_header("EXCEPTION_WHAT", text);
    } catch (...) {
      response.set_header("EXCEPTION_WHAT", "UNKNOWN");
    }
  }

  static void end(const httplib::Response& response) {
    auto& segment = detail::httplib_request();
    if (!segment) return;
    segment->set_response(response.status, detail::httplib_content_length(response));
    segment.reset();
  }

  HttpServerTracing tracing_;
};

XRAY_NAMESPACE_END
