// A subsegment for each request that is sent with Boost.Beast. Needs Boost 1.81 or newer.
//
//     xray::BeastCall call(request);                   // puts the trace header into it
//     http::write(stream, request);
//     http::read(stream, buffer, response);            // an exception marks the call a fault
//     call.complete(response);
//
// In callbacks give it an explicit parent and keep it with the operation:
//
//     call_.emplace(request_, tracing, segment.context());
//     ...
//     void on_read(error_code error, std::size_t) { call_->complete(error, response_); ... }
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <string_view>

#include <xray/http_call.hpp>
#include <xray/instrumentation/beast_parts.hpp>

XRAY_NAMESPACE_BEGIN

/// HttpCall for Beast's messages. Build it when the request is complete (`Host` and target) and
/// before it is written; where the connection may fail, before connecting.
class BeastCall : public HttpCall {
 public:
  /// A child of what is current on this thread.
  template <typename Fields>
  explicit BeastCall(boost::beast::http::header<true, Fields>& request,
                     const HttpCallTracing& tracing = HttpCallTracing())
      : HttpCall(tracing, describe(request)) {
    put_header(request);
  }
  /// A child of `parent`, never current; may end on any thread.
  template <typename Fields>
  BeastCall(boost::beast::http::header<true, Fields>& request, const HttpCallTracing& tracing,
            const Context& parent)
      : HttpCall(tracing, describe(request), parent) {
    put_header(request);
  }

  /// Records status and length of the response, and ends the call.
  template <typename Body, typename Fields>
  void complete(const boost::beast::http::response<Body, Fields>& response) {
    set_response(static_cast<int>(response.result_int()), detail::beast_content_length(response));
    end();
  }
  /// The same, or why there is none: a fault, with the error as its cause.
  template <typename Body, typename Fields>
  void complete(const boost::system::error_code& error,
                const boost::beast::http::response<Body, Fields>& response) {
    if (error) {
      fail(error);
    } else {
      complete(response);
    }
  }

  /// Ends the call as a fault, with the error as its cause: for what fails before there is a
  /// response (resolve, connect, handshake, write).
  void fail(const boost::system::error_code& error) {
    if (subsegment() != nullptr) add_exception(boost::system::system_error(error));
    end();
  }

 private:
  template <typename Fields>
  static HttpCallRequest describe(const boost::beast::http::header<true, Fields>& request) {
    HttpCallRequest result;
    result.method = detail::from_beast(request.method_string());
    result.host = detail::beast_field(request, "Host");
    result.target = detail::from_beast(request.target());
    return result;
  }

  template <typename Fields>
  void put_header(boost::beast::http::header<true, Fields>& request) {
    inject([&request](std::string_view name, std::string_view value) {
      request.set(detail::to_beast(name), detail::to_beast(value));
    });
  }
};

XRAY_NAMESPACE_END
