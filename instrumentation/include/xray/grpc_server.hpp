// A segment for each call that a gRPC server answers (libgrpc++ 1.46 or later).
//
//     grpc::ServerBuilder builder;
//     xray::HttpServerTracing tracing;
//     tracing.name = "prices";
//     builder.experimental().SetInterceptorCreators(xray::grpc_server_interceptors(tracing));
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_interceptor.h>

#include <exception>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xray/http_server.hpp>
#include <xray/instrumentation/grpc_parts.hpp>
#include <xray/instrumentation/http_parts.hpp>

XRAY_NAMESPACE_BEGIN

namespace detail {

/// "127.0.0.1" of "ipv4:127.0.0.1:50123", "::1" of "ipv6:%5B::1%5D:50123"; empty for what has none.
inline std::string grpc_peer_address(std::string_view peer) {
  const std::size_t family = peer.find(':');
  if (family == std::string_view::npos || peer.substr(0, 3) != "ipv") return {};
  peer.remove_prefix(family + 1);
  const std::size_t port = peer.rfind(':');
  if (port != std::string_view::npos) peer = peer.substr(0, port);
  std::string address(peer);
  for (const std::string_view bracket : {"%5B", "%5D", "[", "]"}) {
    const std::size_t found = address.find(bracket);
    if (found != std::string::npos) address.erase(found, bracket.size());
  }
  return address;
}

class GrpcServerInterceptor : public grpc::experimental::Interceptor {
 public:
  GrpcServerInterceptor(const HttpServerTracing& tracing,
                        grpc::experimental::ServerRpcInfo* info) noexcept
      : tracing_(tracing), info_(info) {}

  // NOLINTNEXTLINE(readability-identifier-naming): gRPC's name
  void Intercept(grpc::experimental::InterceptorBatchMethods* batch) override {
    using Point = grpc::experimental::InterceptionHookPoints;
    try {
      if (batch->QueryInterceptionHookPoint(Point::POST_RECV_INITIAL_METADATA)) {
        begin(batch->GetRecvInitialMetadata());
      }
      if (segment_ && batch->QueryInterceptionHookPoint(Point::PRE_SEND_INITIAL_METADATA)) {
        answer_header(batch->GetSendInitialMetadata());
      }
      if (segment_ && batch->QueryInterceptionHookPoint(Point::PRE_SEND_STATUS)) {
        set_grpc_status(segment_->segment(), batch->GetSendStatus().error_code());
        segment_.reset();
      }
    } catch (const std::exception&) {  // out of memory: the call goes on untraced
    }
    batch->Proceed();
  }

 private:
  using Received = std::multimap<grpc::string_ref, grpc::string_ref>;

  void begin(const Received* metadata) {
    const std::string peer = grpc_peer_address(info_->server_context()->peer());
    HttpServerRequest request;
    request.method = "POST";
    request.target = info_->method();
    request.peer_address = peer;
    const grpc::string_ref host = info_->server_context()->ExperimentalGetAuthority();
    request.host = std::string_view(host.data(), host.size());
    request.scheme = "grpc";
    segment_.emplace(tracing_, request, [metadata](std::string_view name) {
      if (metadata == nullptr) return std::string_view();
      const std::string key = grpc_key(name);
      const auto found = metadata->find(grpc::string_ref(key.data(), key.size()));
      if (found == metadata->end()) return std::string_view();
      return std::string_view(found->second.data(), found->second.size());
    });
  }

  void answer_header(std::multimap<std::string, std::string>* metadata) const {
    const TraceHeader::Text text = segment_->response_header();
    if (metadata == nullptr || text.empty()) return;
    metadata->emplace(grpc_key(trace_header_name), text.str());
  }

  const HttpServerTracing& tracing_;
  grpc::experimental::ServerRpcInfo* info_;
  std::optional<HttpServerSegment> segment_;
};

}  // namespace detail

/// Makes each call that the server receives a segment, as HttpServerSegment has it: named by
/// `tracing`, in the caller's trace, with "/package.Service/Method" as the URL's path, which
/// `excluded_paths` may name ("/grpc.health.v1.Health/*"). It ends with the status, whose code
/// marks it as in GrpcClientInterceptorFactory; its text is not recorded.
///
/// In synchronous services the segment is current while the method runs. In asynchronous and
/// callback services it is current on the thread that took the call, until it ends: what another
/// thread does there needs its context. Thread-safe; throws nothing.
class GrpcServerInterceptorFactory : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit GrpcServerInterceptorFactory(HttpServerTracing tracing) : tracing_(std::move(tracing)) {}

  // NOLINTNEXTLINE(readability-identifier-naming): gRPC's name
  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override {
    return new (std::nothrow) detail::GrpcServerInterceptor(tracing_, info);
  }

 private:
  HttpServerTracing tracing_;
};

/// For grpc::ServerBuilder's experimental().SetInterceptorCreators(). Throws std::bad_alloc.
inline std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
grpc_server_interceptors(HttpServerTracing tracing) {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<GrpcServerInterceptorFactory>(std::move(tracing)));
  return factories;
}

XRAY_NAMESPACE_END
