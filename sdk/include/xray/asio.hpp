// Asio's handlers, completion tokens and coroutines in the context that began the operation.
// Needs Boost 1.81 or newer; or, with XRAY_ASIO_STANDALONE defined, Asio 1.22 or newer.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_ASIO_HPP
#define XRAY_ASIO_HPP

#include <type_traits>
#include <utility>

#include <xray/context.hpp>
#include <xray/coroutine.hpp>

#if defined(XRAY_ASIO_STANDALONE)
#include <asio/associator.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/version.hpp>
#define XRAY_ASIO_VERSION ASIO_VERSION
#define XRAY_ASIO_NAMESPACE_BEGIN namespace asio {
#define XRAY_ASIO_NAMESPACE_END }
#else
#include <boost/asio/associator.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/version.hpp>
#define XRAY_ASIO_VERSION BOOST_ASIO_VERSION
#define XRAY_ASIO_NAMESPACE_BEGIN \
  namespace boost {               \
  namespace asio {
#define XRAY_ASIO_NAMESPACE_END \
  }                             \
  }
#endif

// With this header, bind_context() takes a handler or a completion token:
//
//     timer.async_wait(xray::bind_context([](error_code error) { ... }));
//     std::future<std::size_t> size = socket.async_read_some(buffer,
//     xray::bind_context(use_future));
//
// The handler runs in the context that was current when bind_context() was called, and keeps its
// associated executor, allocator and cancellation slot. The thread has its own context back
// afterwards. Wrap also the handler that begins a Segment for later handlers to go on with, or the
// segment stays current on the thread that ran it:
//
//     acceptor.async_accept(xray::bind_context([this](error_code error, tcp::socket peer) {
//       auto session = std::make_shared<Session>(std::move(peer));   // with a Segment inside
//       session->read();                                             // bind_context() again
//     }));
//
// In Asio's coroutines see CoroutineScope::carry(), which takes `asio::awaitable`s and operations
// made with `asio::deferred`.

XRAY_NAMESPACE_BEGIN
namespace detail {

/// What Asio asks a token's result about its handler, where there is an answer.
template <typename Result, typename = void>
struct BoundHandler {};

template <typename Result>
struct BoundHandler<Result, std::void_t<typename Result::completion_handler_type>> {
  // NOLINTNEXTLINE(readability-identifier-naming): Asio's name
  using completion_handler_type = BoundContext<typename Result::completion_handler_type>;
};

template <typename Result, typename = void>
struct BoundReturn {};

template <typename Result>
struct BoundReturn<Result, std::void_t<typename Result::return_type>> {
  // NOLINTNEXTLINE(readability-identifier-naming): Asio's name
  using return_type = typename Result::return_type;
};

}  // namespace detail
XRAY_NAMESPACE_END

XRAY_ASIO_NAMESPACE_BEGIN

template <template <typename, typename> class Associator, typename Handler, typename Candidate>
struct associator<Associator, xray::BoundContext<Handler>, Candidate>
    : Associator<Handler, Candidate> {
  static auto get(const xray::BoundContext<Handler>& bound) noexcept {
    return Associator<Handler, Candidate>::get(bound.target());
  }
  static auto get(const xray::BoundContext<Handler>& bound, const Candidate& candidate) noexcept {
    return Associator<Handler, Candidate>::get(bound.target(), candidate);
  }
};

/// A token's handler is made by the token, and then wrapped.
template <typename Token, typename Signature>
class async_result<xray::BoundContext<Token>, Signature>
    : public xray::detail::BoundHandler<async_result<Token, Signature>>,
      public xray::detail::BoundReturn<async_result<Token, Signature>> {
 public:
  template <typename Initiation>
  struct Wrapping {
    xray::Context context;
    Initiation initiation;

    template <typename Handler, typename... Arguments>
    void operator()(Handler&& handler, Arguments&&... arguments) && {
      std::move(initiation)(xray::BoundContext<std::decay_t<Handler>>(
                                std::move(context), std::forward<Handler>(handler)),
                            std::forward<Arguments>(arguments)...);
    }
    template <typename Handler, typename... Arguments>
    void operator()(Handler&& handler, Arguments&&... arguments) const& {
      initiation(xray::BoundContext<std::decay_t<Handler>>(context, std::forward<Handler>(handler)),
                 std::forward<Arguments>(arguments)...);
    }
  };

  template <typename Initiation, typename Bound, typename... Arguments>
  static decltype(auto) initiate(Initiation&& initiation, Bound&& bound, Arguments&&... arguments) {
    // A token that was given to keep is given on to keep.
    using Target =
        std::conditional_t<std::is_lvalue_reference_v<Bound>, decltype((bound.target())), Token>;
    return async_initiate<Target, Signature>(
        Wrapping<std::decay_t<Initiation>>{bound.context(), std::forward<Initiation>(initiation)},
        bound.target(), std::forward<Arguments>(arguments)...);
  }
};

XRAY_ASIO_NAMESPACE_END

#if defined(__cpp_impl_coroutine)

XRAY_NAMESPACE_BEGIN
namespace detail {

#if defined(XRAY_ASIO_STANDALONE)
namespace asio_library = ::asio;
#else
namespace asio_library = ::boost::asio;
#endif

/// Asio's coroutines await nothing but Asio's own: so it is one of those that is away meanwhile.
template <typename Result, typename Executor>
struct Carry<asio_library::awaitable<Result, Executor>> {
  static asio_library::awaitable<Result, Executor> make(
      CarriedContext& context, asio_library::awaitable<Result, Executor> operation) {
    const Away away(context);
    if constexpr (std::is_void_v<Result>) {
      co_await std::move(operation);
    } else {
      co_return co_await std::move(operation);
    }
  }
};

#if XRAY_ASIO_VERSION >= 102600  // is_async_operation is younger than the awaitables
template <typename Operation>
requires asio_library::is_async_operation<Operation>::value struct Carry<Operation> {
  template <typename Given>
  static auto make(CarriedContext& context, Given&& operation) {
    auto awaitable = std::forward<Given>(operation)(asio_library::use_awaitable);
    return Carry<decltype(awaitable)>::make(context, std::move(awaitable));
  }
};
#endif

}  // namespace detail
XRAY_NAMESPACE_END

#endif  // __cpp_impl_coroutine

#undef XRAY_ASIO_VERSION
#undef XRAY_ASIO_NAMESPACE_BEGIN
#undef XRAY_ASIO_NAMESPACE_END
#endif  // XRAY_ASIO_HPP
