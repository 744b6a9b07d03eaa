#include "net/client.hpp"

#include <algorithm>
#include <exception>
#include <stop_token>
#include <string_view>
#include <utility>

#include "net/answer_reader.hpp"
#include "net/ip_address.hpp"
#include "net/request_text.hpp"
#include "net/transport.hpp"

namespace xrayd::net {
namespace {

using aws::RequestEnd;
using Clock = Transport::Clock;

/// More would overflow clocks at last.
constexpr std::chrono::milliseconds longest_timeout = std::chrono::hours(24);

/// One connection at a time: TCP, a proxy's tunnel and TLS where the endpoint asks for them.
class Client : public HttpClient {
 public:
  Client(std::shared_ptr<const Shared> shared, const ClientSettings& settings)
      : shared_(std::move(shared)), settings_(settings), transport_(stop_.get_token()) {}

  HttpResult send(const aws::Endpoint& endpoint, const HttpRequest& request,
                  std::chrono::milliseconds timeout) noexcept override {
    try {
      return exchange(endpoint, request, Clock::now() + std::min(timeout, longest_timeout));
    } catch (const std::exception& problem) {
      transport_.close();
      return {RequestEnd::refused, {}, std::string("no request could be sent: ") + problem.what()};
    }
  }

  void cancel() noexcept override { stop_.request_stop(); }

 private:
  /// Where the connection that is kept leads to.
  struct Peer {
    bool tls = true;
    std::string host;
    std::uint16_t port = 0;

    friend bool operator==(const Peer&, const Peer&) = default;
  };

  static HttpResult failed(Failure&& failure, const std::string& where) {
    return {failure.end, {}, where + ": " + failure.cause};
  }

  /// The proxy for an endpoint, or null.
  const ProxyUrl* proxy_for(const aws::Endpoint& endpoint) const {
    if (!settings_.through_proxy || !shared_->proxy) return nullptr;
    if (shared_->rules.bypasses(endpoint.host, endpoint.port)) return nullptr;
    return &*shared_->proxy;
  }

  HttpResult exchange(const aws::Endpoint& endpoint, const HttpRequest& request,
                      Clock::time_point until) {
    const std::string name = host_and_port(endpoint.host, endpoint.port);
    if (stop_.stop_requested()) return failed({RequestEnd::cut, "given up"}, name);
    const ProxyUrl* const proxy = proxy_for(endpoint);
    const auto header = request_header(endpoint, request, endpoint.tls ? nullptr : proxy);
    if (!header) {
      return failed({RequestEnd::refused, "a header of the request can't be sent"}, name);
    }
    if (!is_usable_for(endpoint)) {
      transport_.close();
      const auto connect_until = std::min(until, Clock::now() + settings_.connect_timeout);
      if (auto failure = connect(endpoint, proxy, connect_until)) {
        transport_.close();
        return {failure->end, {}, std::move(failure->cause)};
      }
      peer_ = {endpoint.tls, endpoint.host, endpoint.port};
    }
    auto written = transport_.write({*header, request.body}, until);
    // A server that refuses a request may answer and close before it has read all of it.
    if (written && (written->end != RequestEnd::cut || stop_.stop_requested())) {
      transport_.close();
      return failed(std::move(*written), name);
    }
    AnswerReader reader(settings_.longest_body,
                        request.method == "HEAD" ? AnswerTo::head_request : AnswerTo::request);
    if (auto failure = read_answer(reader, until)) {
      transport_.close();
      return failed(std::move(*failure), name);
    }
    const bool keep = !written && reader.keep_alive();
    HttpResult result{RequestEnd::answered, reader.take(), {}};
    if (!keep) transport_.close();
    last_use_ = Clock::now();
    if (proxy != nullptr && !endpoint.tls && result.response.status == 407) {
      return failed({RequestEnd::refused, refusal_text(407)}, proxy_name(*proxy));
    }
    return result;
  }

  bool is_usable_for(const aws::Endpoint& endpoint) {
    return transport_.is_open() && peer_ == Peer{endpoint.tls, endpoint.host, endpoint.port} &&
           Clock::now() - last_use_ <= settings_.keep_alive && transport_.is_quiet();
  }

  static std::string proxy_name(const ProxyUrl& proxy) {
    return "the proxy " + host_and_port(proxy.host, proxy.port);
  }

  static std::string refusal_text(int status) {
    const std::string text = "it refused with status " + std::to_string(status);
    return status == 407 ? text + " (user and password are missing or wrong)" : text;
  }

  /// Leaves a transport that speaks to the endpoint, or to the proxy where that gets whole URLs.
  /// The cause of a failure says where.
  std::optional<Failure> connect(const aws::Endpoint& endpoint, const ProxyUrl* proxy,
                                 Clock::time_point until) {
    const std::string name = host_and_port(endpoint.host, endpoint.port);
    const std::string hop = proxy == nullptr ? name : proxy_name(*proxy);
    const auto at = [](std::optional<Failure> failure, const std::string& where) {
      if (failure) failure->cause = where + ": " + failure->cause;
      return failure;
    };
    if (auto failure = connect_to(proxy == nullptr ? endpoint.host : proxy->host,
                                  proxy == nullptr ? endpoint.port : proxy->port, until)) {
      return at(std::move(failure), hop);
    }
    if (!endpoint.tls) return std::nullopt;
    if (proxy != nullptr) {
      if (auto failure = open_tunnel(endpoint, *proxy, until)) return at(std::move(failure), hop);
    }
    return at(transport_.secure(shared_->tls.open(endpoint.host, endpoint.port), until), name);
  }

  std::optional<Failure> connect_to(const std::string& host, std::uint16_t port,
                                    Clock::time_point until) {
    const auto answer = shared_->resolver.resolve(host, until, stop_.get_token());
    switch (answer.end) {
      case Resolver::End::found:
        return transport_.connect(answer.result.addresses, port, until);
      case Resolver::End::not_found:
        return Failure{RequestEnd::unknown_host,
                       "the name does not resolve: " + answer.result.problem};
      case Resolver::End::timed_out:
        return Failure{RequestEnd::timed_out, "the name was not resolved in time"};
      case Resolver::End::stopped:
        break;
    }
    return Failure{RequestEnd::cut, "given up"};
  }

  std::optional<Failure> open_tunnel(const aws::Endpoint& endpoint, const ProxyUrl& proxy,
                                     Clock::time_point until) {
    const std::string request = connect_request(endpoint, proxy);
    if (auto failure = transport_.write({request, {}}, until)) return failure;
    AnswerReader reader(0, AnswerTo::tunnel);
    if (auto failure = read_answer(reader, until)) return failure;
    const bool rest = reader.has_rest();
    const int status = reader.take().status;
    if (status < 200 || status > 299) return Failure{RequestEnd::refused, refusal_text(status)};
    if (!rest) return std::nullopt;
    return Failure{RequestEnd::malformed_answer, "more than a tunnel came"};
  }

  std::optional<Failure> read_answer(AnswerReader& reader, Clock::time_point until) {
    while (true) {
      auto got = transport_.read(reader.room(), until);
      if (got.failure) return std::move(got.failure);
      const auto state = got.size == 0 ? reader.end() : reader.commit(got.size);
      if (state == AnswerReader::State::done) return std::nullopt;
      if (state == AnswerReader::State::malformed) {
        return Failure{RequestEnd::malformed_answer, "no proper answer: " + reader.problem()};
      }
      if (got.size == 0) {
        return Failure{RequestEnd::cut, reader.has_begun()
                                            ? "the connection was closed within the answer"
                                            : "the connection was closed before an answer"};
      }
    }
  }

  std::shared_ptr<const Shared> shared_;
  ClientSettings settings_;
  std::stop_source stop_;
  Transport transport_;
  Peer peer_;
  Clock::time_point last_use_{};
};

}  // namespace

Shared::Shared(const NetworkSettings& settings, Resolver::LookUp look_up)
    : rules(settings.no_proxy),
      tls(settings.ca_bundle, settings.verify),
      resolver(std::move(look_up)) {
  if (!settings.proxy.empty()) proxy = parse_proxy_url(settings.proxy);
}

std::unique_ptr<HttpClient> make_client(std::shared_ptr<const Shared> shared,
                                        const ClientSettings& settings) {
  return std::make_unique<Client>(std::move(shared), settings);
}

}  // namespace xrayd::net
