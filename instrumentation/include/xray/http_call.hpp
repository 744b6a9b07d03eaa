// A subsegment for each request that a program sends, whatever the client library.
//
// Boost.Beast and cpp-httplib have headers of their own: <xray/beast_client.hpp>,
// <xray/httplib_client.hpp>.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xray/borrowed_text.hpp>
#include <xray/context.hpp>
#include <xray/instrumentation/http_parts.hpp>
#include <xray/propagation.hpp>
#include <xray/subsegment.hpp>

XRAY_NAMESPACE_BEGIN

/// How a client's calls are recorded. Filled in once, then read by all threads.
struct HttpCallTracing {
  /// The scheme of URLs where the request itself does not tell.
  bool https = false;
  /// The callee sends segments of its own: X-Ray takes the trace for incomplete until they come.
  bool traced = false;
  /// Calls that are neither recorded nor given a trace header: patterns for the path (without the
  /// query) and for the host (without its port), with `*` and `?`, in either case of letters.
  std::vector<std::string> excluded_paths;
  std::vector<std::string> excluded_hosts;
};

/// What is called. Strings are read during the call only.
struct HttpCallRequest {
  BorrowedText method;
  /// With the port where it is not the scheme's; may be empty where `target` is a whole URL.
  BorrowedText host;
  /// Path or URL; query and userinfo are left out of what is recorded.
  BorrowedText target;
  /// Empty: by HttpCallTracing::https.
  BorrowedText scheme;
};

/// One call of another service: a remote subsegment named by the callee's host, from construction
/// to destruction or end(). Where there is no segment nothing is recorded, and nobody complains.
///
/// No allocation in the steady state. Move-only; used by one thread at a time.
class HttpCall {
 public:
  /// A child of what is current on this thread, and current itself until it ends: for calls that
  /// end on the same thread, and for coroutines with a CoroutineScope.
  HttpCall(const HttpCallTracing& tracing, const HttpCallRequest& request) {
    if (current_context())
      begin(tracing, request,
            [](std::string_view host) { return Subsegment(host, Namespace::remote); });
  }
  /// A child of `parent`, never current: for calls that end in a callback, on whatever thread.
  HttpCall(const HttpCallTracing& tracing, const HttpCallRequest& request, const Context& parent) {
    if (parent)
      begin(tracing, request, [&parent](std::string_view host) {
        return Subsegment(host, parent, Namespace::remote);
      });
  }

  /// Calls `set_header(name, value)`, both `std::string_view`, with the trace headers to send: as
  /// xray::inject(), with this call as the parent. Throws what `set_header` throws, nothing else.
  template <typename SetHeader>
  void inject(SetHeader&& set_header) const {
    if (subsegment_) xray::inject(subsegment_->trace_header(), set_header);
  }

  /// What came back: 4xx marks error, 429 error and throttle, 5xx fault. A negative
  /// `content_length` (bytes of the body) means unknown.
  void set_response(int status, std::int64_t content_length = -1) noexcept {
    if (subsegment_) subsegment_->set_http_response(status, content_length);
  }

  /// Why nothing came back: marks fault, with the cause.
  void add_exception(const std::exception_ptr& exception) noexcept {
    if (subsegment_) subsegment_->add_exception(exception);
  }
  void add_exception(const std::exception& exception) noexcept {
    if (subsegment_) subsegment_->add_exception(exception);
  }

  /// For annotations and the like; null where the call is not to be recorded: no segment, or
  /// excluded.
  [[nodiscard]] Subsegment* subsegment() noexcept { return subsegment_ ? &*subsegment_ : nullptr; }

  /// Ends the subsegment now; what is called afterwards does nothing.
  void end() noexcept {
    if (subsegment_) subsegment_->end();
    subsegment_.reset();
  }

 private:
  template <typename Begin>
  void begin(const HttpCallTracing& tracing, const HttpCallRequest& request, Begin&& begin) {
    const detail::HttpTarget target = detail::http_target(request.target);
    const std::string_view host =
        target.host.empty() ? detail::clean_host(request.host) : target.host;
    const std::string_view name = detail::without_port(host);
    if (detail::matches_any(tracing.excluded_paths, target.path) ||
        detail::matches_any(tracing.excluded_hosts, name)) {
      return;
    }
    subsegment_.emplace(begin(name.empty() ? std::string_view("remote") : name));
    if (!subsegment_->sampled()) return;
    std::string_view scheme = target.scheme;
    if (scheme.empty()) scheme = request.scheme;
    if (scheme.empty()) scheme = tracing.https ? "https" : "http";
    const detail::HttpUrl url = detail::http_url(scheme, host, target.path);
    HttpRequest recorded;
    recorded.method = request.method;
    recorded.url = url.view();
    recorded.traced = tracing.traced;
    subsegment_->set_http_request(recorded);
  }

  std::optional<Subsegment> subsegment_;
};

XRAY_NAMESPACE_END
