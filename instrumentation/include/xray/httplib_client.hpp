// A subsegment for each request that is sent with cpp-httplib. Tested with cpp-httplib 0.11.4.
#pragma once

#include <httplib.h>

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <xray/http_call.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Whether the first of these is cpp-httplib's headers.
template <typename... Arguments>
struct BeginsWithHeaders : std::false_type {};
template <typename First, typename... Others>
struct BeginsWithHeaders<First, Others...> : std::is_same<std::decay_t<First>, httplib::Headers> {};

/// Whether the second of them is: `Get(path, parameters, headers, ...)`.
template <typename... Arguments>
struct GoesOnWithHeaders : std::false_type {};
template <typename First, typename... Others>
struct GoesOnWithHeaders<First, Others...> : BeginsWithHeaders<Others...> {};

/// Where a client was made for: `host`, `host, port` or `scheme://host:port`.
struct HttplibOrigin {
  std::string scheme;
  std::string host;

  HttplibOrigin(std::string_view given, bool https) {
    std::string_view from = given;
    const std::size_t end = given.find("://");
    if (end != std::string_view::npos) from.remove_prefix(end + 3);
    scheme = end != std::string_view::npos ? std::string(given.substr(0, end))
                                           : std::string(https ? "https" : "http");
    host = std::string(clean_host(from));
  }
  HttplibOrigin(std::string_view given, int port, bool https) : HttplibOrigin(given, https) {
    if (port == (scheme == "https" ? 443 : 80)) return;
    if (host.find(':') != std::string::npos && host.front() != '[') host = "[" + host + "]";
    host += ':' + std::to_string(port);
  }
};

template <typename Base>
constexpr bool httplib_uses_tls() noexcept {
#ifdef CPPHTTPLIB_OPENSSL_SUPPORT
  return std::is_base_of_v<httplib::SSLClient, Base>;
#else
  return false;
#endif
}

}  // namespace detail

/// A client, httplib::Client or another (`HttplibClient<httplib::SSLClient>`), each of whose calls
/// is a subsegment of what is current on the calling thread, and carries the trace header (in place
/// of one that was given). Name, URL and status as told by <xray/http_call.hpp>; what got no answer
/// is a fault with the library's word for it; an exception from a callback is recorded and goes on.
/// Redirections that the library follows belong to the call.
///
///     xray::HttplibClient<> client(xray::HttpCallTracing(), "http://inventory.example:8080");
///     const httplib::Result result = client.Get("/items/7");
///
/// Arguments, results and errors are the library's. Calls through a reference to the base are not
/// recorded. Thread-safe as the base is.
template <typename Base = httplib::Client>
class HttplibClient : public Base {
 public:
  /// `host` and `arguments` are the base's.
  template <typename... Arguments>
  explicit HttplibClient(HttpCallTracing tracing, const std::string& host, Arguments&&... arguments)
      : Base(host, std::forward<Arguments>(arguments)...),
        tracing_(std::move(tracing)),
        origin_(host, detail::httplib_uses_tls<Base>()) {}
  template <typename... Arguments>
  explicit HttplibClient(HttpCallTracing tracing, const std::string& host, int port,
                         Arguments&&... arguments)
      : Base(host, port, std::forward<Arguments>(arguments)...),
        tracing_(std::move(tracing)),
        origin_(host, port, detail::httplib_uses_tls<Base>()) {}

// NOLINTBEGIN(readability-identifier-naming): cpp-httplib's names
//
// Each of the library's many overloads has a twin that takes headers after the path (or after the
// path and the query's parameters). Headers may be written as `{{"name", "value"}}`.
#define XRAY_HTTPLIB_METHOD(Method, verb)                                              \
  template <typename... Arguments>                                                     \
  std::enable_if_t<!detail::BeginsWithHeaders<Arguments...>::value &&                  \
                       !detail::GoesOnWithHeaders<Arguments...>::value,                \
                   httplib::Result>                                                    \
  Method(const std::string& path, Arguments&&... arguments) {                          \
    return call(verb, path, httplib::Headers(), [&](const httplib::Headers& headers) { \
      return Base::Method(path, headers, std::forward<Arguments>(arguments)...);       \
    });                                                                                \
  }                                                                                    \
  template <typename... Arguments>                                                     \
  httplib::Result Method(const std::string& path, const httplib::Headers& given,       \
                         Arguments&&... arguments) {                                   \
    return call(verb, path, given, [&](const httplib::Headers& headers) {              \
      return Base::Method(path, headers, std::forward<Arguments>(arguments)...);       \
    });                                                                                \
  }

  XRAY_HTTPLIB_METHOD(Get, "GET")
  XRAY_HTTPLIB_METHOD(Head, "HEAD")
  XRAY_HTTPLIB_METHOD(Post, "POST")
  XRAY_HTTPLIB_METHOD(Put, "PUT")
  XRAY_HTTPLIB_METHOD(Patch, "PATCH")
  XRAY_HTTPLIB_METHOD(Delete, "DELETE")
  XRAY_HTTPLIB_METHOD(Options, "OPTIONS")
#undef XRAY_HTTPLIB_METHOD

  /// With the query's parameters.
  template <typename... Arguments>
  httplib::Result Get(const std::string& path, const httplib::Params& parameters,
                      const httplib::Headers& given, Arguments&&... arguments) {
    return call("GET", path, given, [&](const httplib::Headers& headers) {
      return Base::Get(path, parameters, headers, std::forward<Arguments>(arguments)...);
    });
  }

  /// The overloads without a twin.
  httplib::Result Put(const std::string& path) {
    return Put(path, httplib::Headers(), std::string(), std::string());
  }
  httplib::Result Patch(const std::string& path) {
    return Patch(path, httplib::Headers(), std::string(), std::string());
  }

  /// A request of one's own making.
  httplib::Result send(const httplib::Request& request) {
    return call(request.method, request.path, request.headers,
                [&](const httplib::Headers& headers) {
                  httplib::Request sent = request;
                  sent.headers = headers;
                  return Base::send(sent);
                });
  }

  // NOLINTEND(readability-identifier-naming)

 private:
  template <typename Send>
  httplib::Result call(std::string_view method, const std::string& path, httplib::Headers headers,
                       Send&& send) {
    HttpCallRequest described;
    described.method = method;
    described.host = origin_.host;
    described.target = path;
    described.scheme = origin_.scheme;
    HttpCall call(tracing_, described);
    call.inject([&headers](std::string_view name, std::string_view value) {
      const std::string key(name);
      headers.erase(key);
      headers.emplace(key, std::string(value));
    });
    try {
      httplib::Result result = send(headers);
      if (result) {
        call.set_response(result->status, length_of(*result));
      } else if (call.subsegment() != nullptr) {
        call.add_exception(
            std::runtime_error("cpp-httplib: " + httplib::to_string(result.error())));
      }
      return result;
    } catch (...) {
      call.add_exception(std::current_exception());
      throw;
    }
  }

  /// Bodies that went to a receiver are not in the response.
  static std::int64_t length_of(const httplib::Response& response) {
    const auto header = response.headers.find("Content-Length");
    if (header != response.headers.end()) return detail::content_length(header->second);
    return response.body.empty() ? -1 : static_cast<std::int64_t>(response.body.size());
  }

  HttpCallTracing tracing_;
  detail::HttplibOrigin origin_;
};

XRAY_NAMESPACE_END
