// A subsegment for each call of a gRPC client (libgrpc++ 1.46 or later).
//
//     const auto channel = xray::traced_grpc_channel("shop.example:443", credentials);
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/client_interceptor.h>

#include <exception>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xray/instrumentation/grpc_parts.hpp>
#include <xray/instrumentation/http_parts.hpp>
#include <xray/xray.hpp>

XRAY_NAMESPACE_BEGIN

namespace detail {

/// "shop.example:443" of "dns:///shop.example:443"; without userinfo.
inline std::string_view grpc_host(std::string_view target) noexcept {
  const std::size_t slash = target.rfind('/');
  if (slash != std::string_view::npos) target.remove_prefix(slash + 1);
  for (const std::string_view scheme : {"dns:", "ipv4:", "ipv6:", "unix:"}) {
    if (target.substr(0, scheme.size()) == scheme) target.remove_prefix(scheme.size());
  }
  return clean_host(target);
}

/// "shop.Prices" of "/shop.Prices/Find".
inline std::string_view grpc_service(std::string_view method) noexcept {
  if (!method.empty() && method.front() == '/') method.remove_prefix(1);
  return method.substr(0, method.find('/'));
}

class GrpcClientInterceptor : public grpc::experimental::Interceptor {
 public:
  // NOLINTNEXTLINE(readability-identifier-naming): gRPC's name
  void Intercept(grpc::experimental::InterceptorBatchMethods* batch) override {
    using Point = grpc::experimental::InterceptionHookPoints;
    try {
      if (batch->QueryInterceptionHookPoint(Point::PRE_SEND_INITIAL_METADATA)) {
        put_header(batch->GetSendInitialMetadata());
      }
      if (batch->QueryInterceptionHookPoint(Point::POST_RECV_STATUS)) {
        finish(batch->GetRecvStatus());
      }
    } catch (const std::exception&) {  // out of memory: the call goes on untraced
    }
    batch->Proceed();
  }

  GrpcClientInterceptor(std::string_view host, std::string_view method, bool traced,
                        const Context& parent)
      : subsegment_(grpc_service(method), parent, Namespace::remote),
        header_(subsegment_.trace_header()) {
    if (!subsegment_.sampled()) return;
    const HttpUrl url = http_url("grpc", host, method);
    HttpRequest request;
    request.method = "POST";
    request.url = url.view();
    request.traced = traced;
    subsegment_.set_http_request(request);
  }

 private:
  void put_header(std::multimap<std::string, std::string>* metadata) const {
    if (metadata == nullptr) return;
    inject(header_, [metadata](std::string_view name, std::string_view value) {
      std::string key = grpc_key(name);
      // What the program itself sends on stays alone.
      if (metadata->find(key) == metadata->end()) metadata->emplace(std::move(key), value);
    });
  }

  void finish(const grpc::Status* status) noexcept {
    if (status == nullptr) return;
    set_grpc_status(subsegment_, status->error_code());
    subsegment_.end();
  }

  Subsegment subsegment_;
  TraceHeader header_;
};

}  // namespace detail

/// How a gRPC client's calls are recorded.
struct GrpcClientTracing {
  /// What the channel was made for; shown as the URL's host. A channel does not tell.
  std::string target;
  /// The callee sends segments of its own: X-Ray takes the trace for incomplete until they come.
  bool traced = false;
  /// Calls that are neither recorded nor given a trace header: patterns for
  /// "/package.Service/Method" with `*` and `?`, in either case of letters.
  std::vector<std::string> excluded_methods;
};

/// Makes each call on its channel a remote subsegment of what is current where the call begins,
/// named by the service ("package.Service"), with the method as its URL, and gives it the trace
/// header. It ends when the status is received, on whatever thread, or with the call; messages of a
/// stream are all within. Of the status only its code is recorded: CANCELLED, INVALID_ARGUMENT,
/// NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, UNAUTHENTICATED, FAILED_PRECONDITION, ABORTED and
/// OUT_OF_RANGE make an error, RESOURCE_EXHAUSTED a throttled one, the others a fault. Calls
/// without a current segment are left alone. Thread-safe; throws nothing.
class GrpcClientInterceptorFactory : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit GrpcClientInterceptorFactory(GrpcClientTracing tracing = GrpcClientTracing())
      : tracing_(std::move(tracing)), host_(detail::grpc_host(tracing_.target)) {}

  // NOLINTNEXTLINE(readability-identifier-naming): gRPC's name
  grpc::experimental::Interceptor* CreateClientInterceptor(
      grpc::experimental::ClientRpcInfo* info) override {
    try {
      const Context parent = current_context();
      if (!parent || detail::matches_any(tracing_.excluded_methods, info->method())) return nullptr;
      return new detail::GrpcClientInterceptor(host_, info->method(), tracing_.traced, parent);
    } catch (const std::exception&) {
      return nullptr;
    }
  }

 private:
  GrpcClientTracing tracing_;
  std::string host_;
};

/// The factory alone, for grpc::experimental::CreateCustomChannelWithInterceptors().
inline std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>>
grpc_client_interceptors(GrpcClientTracing tracing) {
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<GrpcClientInterceptorFactory>(std::move(tracing)));
  return factories;
}

/// grpc::CreateCustomChannel() with it. Throws std::bad_alloc.
inline std::shared_ptr<grpc::Channel> traced_grpc_channel(
    const std::string& target, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
    const grpc::ChannelArguments& arguments = grpc::ChannelArguments()) {
  GrpcClientTracing tracing;
  tracing.target = target;
  return grpc::experimental::CreateCustomChannelWithInterceptors(
      target, credentials, arguments, grpc_client_interceptors(std::move(tracing)));
}

XRAY_NAMESPACE_END
