// A segment for each request that an HTTP server answers, whatever the framework.
//
// Boost.Beast and cpp-httplib have headers of their own: <xray/beast_server.hpp>,
// <xray/httplib_server.hpp>.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <xray/borrowed_text.hpp>
#include <xray/instrumentation/http_parts.hpp>
#include <xray/naming.hpp>
#include <xray/propagation.hpp>
#include <xray/segment.hpp>

XRAY_NAMESPACE_BEGIN

/// How a server's requests are recorded. Filled in once, then read by all threads.
struct HttpServerTracing {
  /// The service's name. AWS_XRAY_TRACING_NAME replaces it.
  std::string name;
  /// Names segments by the host that was asked for, instead of `name`.
  std::optional<DynamicNaming> naming;
  /// The scheme of URLs where the request itself does not tell.
  bool https = false;
  /// Whether a trace is also continued from W3C's `traceparent` (see extract()).
  bool w3c = true;
  /// Requests that are not recorded, nor is what they call: patterns for the path (without the
  /// query) and for the host (without its port), with `*` and `?`, in either case of letters.
  std::vector<std::string> excluded_paths;
  std::vector<std::string> excluded_hosts;
};

/// What a framework knows of a request beside its headers. Strings are read during the call only.
struct HttpServerRequest {
  BorrowedText method;
  /// As in the request line; query and userinfo are left out of what is recorded.
  BorrowedText target;
  /// Of who connected; empty: unknown.
  BorrowedText peer_address;
  /// For frameworks that keep it elsewhere (`:authority`); empty: the `Host` header's.
  BorrowedText host;
  /// `http` or `https` where the framework knows; empty: by HttpServerTracing::https.
  BorrowedText scheme;
};

/// The segment of one request: begins when constructed, as the calling thread's current context,
/// and ends when destroyed. Continues the caller's trace; where that brings no decision, the
/// sampler decides by name, host, method and path. Records method, URL, user agent and the client's
/// address: the first of X-Forwarded-For, marked `x_forwarded_for`, else the peer's.
///
/// A request that is excluded has an unsampled segment, so that what it calls is not recorded
/// either, without a word to the sampler.
///
/// No allocation in the steady state. Move-only; used by one thread at a time; may end on another
/// thread than it began on.
class HttpServerSegment {
 public:
  /// `get_header(name)` as for extract(): an empty value stands for a header that is not there.
  /// Throws what `get_header` throws, nothing else.
  template <typename GetHeader>
  HttpServerSegment(const HttpServerTracing& tracing, const HttpServerRequest& request,
                    GetHeader&& get_header)
      : segment_(begin(tracing, request, get_header, excluded_)) {}

  /// For annotations and the like.
  [[nodiscard]] Segment& segment() noexcept { return segment_; }

  /// Whether the request was excluded.
  [[nodiscard]] bool excluded() const noexcept { return excluded_; }

  /// The value of the response's X-Amzn-Trace-Id header: the trace, and the decision where the
  /// request asked for it (`Sampled=?`). Empty for excluded requests and after the end.
  [[nodiscard]] TraceHeader::Text response_header() const noexcept {
    return excluded_ ? TraceHeader::Text() : segment_.response_header().to_string();
  }

  /// What was answered: 4xx marks error, 429 error and throttle, 5xx fault. A negative
  /// `content_length` (bytes of the body) means unknown.
  void set_response(int status, std::int64_t content_length = -1) noexcept {
    segment_.set_http_response(status, content_length);
  }

  /// What the handler threw: marks fault, with the cause.
  void add_exception(const std::exception_ptr& exception) noexcept {
    segment_.add_exception(exception);
  }

  /// Ends the segment now; what is called afterwards does nothing.
  void end() noexcept { segment_.end(); }

 private:
  template <typename GetHeader>
  static Segment begin(const HttpServerTracing& tracing, const HttpServerRequest& request,
                       GetHeader& get_header, bool& excluded) {
    const detail::HttpTarget target = detail::http_target(request.target);
    const auto& host_header = get_header(std::string_view("Host"));
    std::string_view host = target.host;
    if (host.empty()) host = detail::clean_host(request.host);
    if (host.empty()) host = detail::clean_host(detail::text_of_header(host_header));

    TraceHeader header = tracing.w3c ? extract(get_header) : header_of(get_header);
    excluded = detail::matches_any(tracing.excluded_paths, target.path) ||
               detail::matches_any(tracing.excluded_hosts, detail::without_port(host));
    if (excluded) header.set_sampling(Sampling::not_sampled);

    SamplingRequest sampling;
    sampling.host = host;
    sampling.method = request.method;
    sampling.path = target.path;
    const std::string_view name =
        tracing.naming ? tracing.naming->name(host) : std::string_view(tracing.name);
    Segment segment(name, header, sampling);
    if (!segment.sampled()) return segment;

    std::string_view scheme = target.scheme;
    if (scheme.empty()) scheme = request.scheme;
    if (scheme.empty()) scheme = tracing.https ? "https" : "http";
    const detail::HttpUrl url = detail::http_url(scheme, host, target.path);
    const auto& user_agent = get_header(std::string_view("User-Agent"));
    const auto& forwarded = get_header(std::string_view("X-Forwarded-For"));
    HttpRequest recorded;
    recorded.method = request.method;
    recorded.url = url.view();
    recorded.user_agent = detail::text_of_header(user_agent);
    const std::string_view client = detail::first_forwarded(detail::text_of_header(forwarded));
    recorded.x_forwarded_for = !client.empty();
    recorded.client_ip = client.empty() ? request.peer_address : BorrowedText(client);
    segment.set_http_request(recorded);
    return segment;
  }

  template <typename GetHeader>
  static TraceHeader header_of(GetHeader& get_header) {
    const auto& text = get_header(trace_header_name);
    return TraceHeader::parse(detail::text_of_header(text));
  }

  bool excluded_ = false;
  Segment segment_;
};

/// Calls `handler(HttpServerSegment&)` inside the segment of a request and returns what it returns.
/// The handler says what is answered (set_response()) and puts response_header() into the response.
/// An exception is recorded as the cause of a fault and goes on.
template <typename GetHeader, typename Handler>
decltype(auto) trace_http_request(const HttpServerTracing& tracing,
                                  const HttpServerRequest& request, GetHeader&& get_header,
                                  Handler&& handler) {
  HttpServerSegment segment(tracing, request, std::forward<GetHeader>(get_header));
#if defined(__cpp_exceptions)
  try {
#endif
    return std::forward<Handler>(handler)(segment);
#if defined(__cpp_exceptions)
  } catch (...) {
    segment.add_exception(std::current_exception());
    throw;
  }
#endif
}

XRAY_NAMESPACE_END
