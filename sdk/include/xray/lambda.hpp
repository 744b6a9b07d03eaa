// Functions on AWS Lambda: handlers of aws-lambda-cpp's shape, and runtimes written by hand.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_LAMBDA_HPP
#define XRAY_LAMBDA_HPP

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <xray/trace_header.hpp>

XRAY_NAMESPACE_BEGIN

namespace detail {
struct Record;
}

/// On Lambda the service itself sends the segment of each invocation; the function adds the
/// subsegments. Inside an invocation, Subsegment, capture(), inject() and all else work as they do
/// inside a Segment, on the trace that the invocation's header names:
///
/// - `Sampled=1`: each subsegment begun directly under the invocation leaves when it is over, with
///   those below it, as an independent document: what is complete has left even if the function
///   is killed for taking too long.
/// - `Sampled=0`: nothing is recorded, calls carry `Sampled=0` on.
/// - without a decision or a parent (tracing is "PassThrough"): nothing is recorded; calls carry on
///   the header as it came, Lineage included.
///
/// What is still open when the invocation ends will not be sent: ended later, it is dropped and
/// counted (Statistics::dropped_leaked). A Segment begun inside an invocation is one of its own, as
/// anywhere: a service that runs inside the function, sent as such; give it
/// current_trace_header() to have it in the same trace.
///
/// Where LAMBDA_TASK_ROOT is set, documents are sent by the thread that ends them
/// (Configuration::synchronous), since a sandbox is frozen as soon as it has answered. The time
/// between invocations is in no document: each invocation reads the clocks anew.
namespace lambda {

struct Options {
  /// How long the end of an invocation may wait for documents that other threads are sending.
  std::chrono::milliseconds flush_timeout{1000};
  /// Touched at start, on Lambda only, to tell the service that an SDK is there. Empty: not.
  std::string initialized_file = "/tmp/.aws-xray/initialized";
};

/// Whether this process runs on Lambda (LAMBDA_TASK_ROOT).
XRAY_DECL bool is_lambda() noexcept;

/// What to do before the first invocation: sets the SDK up, if configure() has not, and touches
/// Options::initialized_file. wrap() does it; runtimes written by hand call it once. False if that
/// file could not be touched, which is harmless.
XRAY_DECL bool start(const Options& options = Options()) noexcept;

/// The header in _X_AMZN_TRACE_ID, as it is now. Runtimes that serve one invocation at a time put
/// it there; aws-lambda-cpp does not.
XRAY_DECL TraceHeader environment_header() noexcept;

/// Whether a URL, or the authority in it (`host:port`), is the Lambda Runtime API's
/// (AWS_LAMBDA_RUNTIME_API). Calls of it are the runtime's, not the function's: not to be traced.
XRAY_DECL bool is_runtime_api(std::string_view url) noexcept;

/// One invocation, from its beginning to its end, for runtimes written by hand; wrap() has one
/// around the handler. It is the calling thread's current context as long as it lives, and begins
/// and ends on that thread; other threads are given it as usual (current_context(), ContextScope).
/// Several threads may have one each. It stands for a segment that is not ours: nothing can be said
/// about it.
class Invocation {
 public:
  /// `header`: of Lambda-Runtime-Trace-Id in the answer to `GET
  /// /2018-06-01/runtime/invocation/next`.
  XRAY_DECL explicit Invocation(
      const TraceHeader& header,
      std::chrono::milliseconds flush_timeout = std::chrono::milliseconds(1000)) noexcept;
  Invocation(const Invocation&) = delete;
  Invocation& operator=(const Invocation&) = delete;
  XRAY_DECL ~Invocation();

  /// Ends the invocation now and waits until every document of it has left: only then is the answer
  /// to be posted. False if that took longer than `flush_timeout`.
  XRAY_DECL bool end() noexcept;

  /// Whether subsegments are recorded.
  [[nodiscard]] XRAY_DECL bool sampled() const noexcept;

 private:
  detail::Record* record_;
  std::chrono::milliseconds flush_timeout_;
};

/// A handler with an Invocation around each call; see wrap().
template <typename Handler>
class Wrapped {
 public:
  Wrapped(Handler handler, std::chrono::milliseconds flush_timeout)
      : handler_(std::move(handler)), flush_timeout_(flush_timeout) {}

  template <typename... Arguments>
  auto operator()(Arguments&&... arguments) -> std::invoke_result_t<Handler&, Arguments...> {
    const Invocation invocation(header_of(arguments...), flush_timeout_);
    return handler_(std::forward<Arguments>(arguments)...);
  }
  template <typename... Arguments>
  auto operator()(Arguments&&... arguments) const
      -> std::invoke_result_t<const Handler&, Arguments...> {
    const Invocation invocation(header_of(arguments...), flush_timeout_);
    return handler_(std::forward<Arguments>(arguments)...);
  }

 private:
  template <typename Request, typename = void>
  struct HasTraceId : std::false_type {};
  template <typename Request>
  struct HasTraceId<
      Request, std::enable_if_t<std::is_convertible_v<
                   decltype((std::declval<const Request&>().xray_trace_id)), std::string_view>>>
      : std::true_type {};

  static TraceHeader header_of() noexcept { return environment_header(); }
  template <typename Request, typename... Others>
  static TraceHeader header_of(const Request& request, const Others&... /*others*/) {
    if constexpr (HasTraceId<Request>::value) {
      const std::string_view text = request.xray_trace_id;
      if (!text.empty()) return TraceHeader::parse(text);
    }
    return environment_header();
  }

  Handler handler_;
  std::chrono::milliseconds flush_timeout_;
};

/// Wraps a handler, so that each call of it is an Invocation:
///
///   aws::lambda_runtime::run_handler(xray::lambda::wrap(handle));
///
/// The header is the first argument's member `xray_trace_id` (aws-lambda-cpp's
/// `invocation_request` has it), read at each call; where there is no such member, or nothing in
/// it, it is environment_header(). The result is returned, and an exception goes on, as it is, once
/// every document of the invocation has left. Calls start(). As thread-safe as the handler is.
template <typename Handler>
Wrapped<std::decay_t<Handler>> wrap(Handler&& handler, const Options& options = Options()) {
  start(options);
  return {std::forward<Handler>(handler), options.flush_timeout};
}

}  // namespace lambda
XRAY_NAMESPACE_END

#endif  // XRAY_LAMBDA_HPP
