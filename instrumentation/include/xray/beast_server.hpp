// A segment for each request that a server built on Boost.Beast answers. Needs Boost 1.81 or newer.
//
// In plain or threaded code:
//
//     const auto response = xray::trace_beast_request(tracing, request, peer, [&] {
//       return handle(request);                       // an http::response of any body
//     });
//
// In coroutines (with <xray/asio.hpp>) and callbacks, where the segment lives as long as the work:
//
//     xray::CoroutineScope scope;
//     ...
//     xray::BeastServerSegment segment(tracing, request, peer);
//     http::response<http::string_body> response = co_await handle(request, scope);
//     segment.answer(response);
//     co_await scope.carry(http::async_write(stream, response, use_awaitable));
//     segment.end();
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <exception>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <xray/http_server.hpp>
#include <xray/instrumentation/beast_parts.hpp>

XRAY_NAMESPACE_BEGIN

/// HttpServerSegment for Beast's messages.
class BeastServerSegment : public HttpServerSegment {
 public:
  /// `request` is a message, or its header alone. `peer_address` is who connected, in numbers.
  template <typename Fields>
  BeastServerSegment(const HttpServerTracing& tracing,
                     const boost::beast::http::header<true, Fields>& request,
                     std::string_view peer_address)
      : HttpServerSegment(
            tracing, describe(request, peer_address),
            [&request](std::string_view name) { return detail::beast_field(request, name); }) {}
  /// `peer` is the connection's remote_endpoint(): ask for it when the connection is accepted, for
  /// it throws once the client has gone.
  template <typename Fields>
  BeastServerSegment(const HttpServerTracing& tracing,
                     const boost::beast::http::header<true, Fields>& request,
                     const boost::asio::ip::tcp::endpoint& peer)
      : BeastServerSegment(tracing, request, std::string_view(peer.address().to_string())) {}

  /// Records status and length of the response, and puts the trace header into it. To be called
  /// when the body is complete and before the response is written.
  template <typename Body, typename Fields>
  void answer(boost::beast::http::response<Body, Fields>& response) {
    set_response(static_cast<int>(response.result_int()), detail::beast_content_length(response));
    const TraceHeader::Text header = response_header();
    if (header.empty()) return;
    response.set(detail::to_beast(trace_header_name), detail::to_beast(header.view()));
  }

 private:
  template <typename Fields>
  static HttpServerRequest describe(const boost::beast::http::header<true, Fields>& request,
                                    std::string_view peer_address) {
    HttpServerRequest result;
    result.method = detail::from_beast(request.method_string());
    result.target = detail::from_beast(request.target());
    result.peer_address = peer_address;
    return result;
  }
};

/// Calls `handler`, which takes nothing or the `Segment&`, inside the segment of a request, and
/// returns its response with the trace header in it. An exception is recorded as the cause of a
/// fault and goes on. The segment ends here, before the response is written. `peer` is an address
/// in numbers or a tcp::endpoint.
template <typename Fields, typename Peer, typename Handler>
auto trace_beast_request(const HttpServerTracing& tracing,
                         const boost::beast::http::header<true, Fields>& request, const Peer& peer,
                         Handler&& handler) {
  BeastServerSegment segment(tracing, request, peer);
#if defined(__cpp_exceptions)
  try {
#endif
    const auto answered = [&segment](auto response) {
      segment.answer(response);
      return response;
    };
    if constexpr (std::is_invocable_v<Handler, Segment&>) {
      return answered(std::forward<Handler>(handler)(segment.segment()));
    } else {
      return answered(std::forward<Handler>(handler)());
    }
#if defined(__cpp_exceptions)
  } catch (...) {
    segment.add_exception(std::current_exception());
    throw;
  }
#endif
}

XRAY_NAMESPACE_END
