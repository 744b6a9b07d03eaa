// A service for tests, and its stub: what grpc_cpp_plugin makes of a .proto file, but with plain
// bytes as messages, so that nobody need have protobuf's headers.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/method_handler.h>
#include <grpcpp/support/sync_stream.h>

#include <memory>
#include <string>

namespace shop {

using Message = grpc::ByteBuffer;

inline Message message_of(const std::string& text) {
  const grpc::Slice slice(text);
  return Message(&slice, 1);
}

inline std::string text_of(const Message& message) {
  grpc::Slice slice;
  if (!message.TrySingleSlice(&slice).ok()) return {};
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

inline constexpr const char* find_method = "/shop.Prices/Find";
inline constexpr const char* list_method = "/shop.Prices/List";
inline constexpr const char* sum_method = "/shop.Prices/Sum";

class PricesService : public grpc::Service {
 public:
  PricesService() {
    using grpc::internal::RpcMethod;
    AddMethod(new grpc::internal::RpcServiceMethod(
        find_method, RpcMethod::NORMAL_RPC,
        new grpc::internal::RpcMethodHandler<PricesService, Message, Message, Message, Message>(
            [](PricesService* service, grpc::ServerContext* context, const Message* product,
               Message* price) { return service->find(context, *product, price); },
            this)));
    AddMethod(new grpc::internal::RpcServiceMethod(
        list_method, RpcMethod::SERVER_STREAMING,
        new grpc::internal::ServerStreamingHandler<PricesService, Message, Message>(
            [](PricesService* service, grpc::ServerContext* /*context*/, const Message* product,
               grpc::ServerWriter<Message>* writer) { return service->list(*product, writer); },
            this)));
    AddMethod(new grpc::internal::RpcServiceMethod(
        sum_method, RpcMethod::CLIENT_STREAMING,
        new grpc::internal::ClientStreamingHandler<PricesService, Message, Message>(
            [](PricesService* service, grpc::ServerContext* /*context*/,
               grpc::ServerReader<Message>* reader,
               Message* price) { return service->sum(reader, price); },
            this)));
  }

  virtual grpc::Status find(grpc::ServerContext* context, const Message& product,
                            Message* price) = 0;
  virtual grpc::Status list(const Message& product, grpc::ServerWriter<Message>* writer) = 0;
  virtual grpc::Status sum(grpc::ServerReader<Message>* reader, Message* price) = 0;
};

class PricesStub {
 public:
  explicit PricesStub(std::shared_ptr<grpc::Channel> channel)
      : channel_(std::move(channel)),
        find_(find_method, grpc::internal::RpcMethod::NORMAL_RPC, channel_),
        list_(list_method, grpc::internal::RpcMethod::SERVER_STREAMING, channel_),
        sum_(sum_method, grpc::internal::RpcMethod::CLIENT_STREAMING, channel_) {}

  grpc::Status find(grpc::ClientContext* context, const Message& product, Message* price) {
    return grpc::internal::BlockingUnaryCall<Message, Message, Message, Message>(
        channel_.get(), find_, context, product, price);
  }
  std::unique_ptr<grpc::ClientAsyncResponseReader<Message>> find_later(
      grpc::ClientContext* context, const Message& product, grpc::CompletionQueue* queue) {
    std::unique_ptr<grpc::ClientAsyncResponseReader<Message>> call(
        grpc::internal::ClientAsyncResponseReaderHelper::Create<Message, Message, Message, Message>(
            channel_.get(), queue, find_, context, product));
    call->StartCall();
    return call;
  }
  std::unique_ptr<grpc::ClientReader<Message>> list(grpc::ClientContext* context,
                                                    const Message& product) {
    return std::unique_ptr<grpc::ClientReader<Message>>(
        grpc::internal::ClientReaderFactory<Message>::Create(channel_.get(), list_, context,
                                                             product));
  }
  std::unique_ptr<grpc::ClientWriter<Message>> sum(grpc::ClientContext* context, Message* price) {
    return std::unique_ptr<grpc::ClientWriter<Message>>(
        grpc::internal::ClientWriterFactory<Message>::Create(channel_.get(), sum_, context, price));
  }

 private:
  std::shared_ptr<grpc::Channel> channel_;
  grpc::internal::RpcMethod find_;
  grpc::internal::RpcMethod list_;
  grpc::internal::RpcMethod sum_;
};

}  // namespace shop
