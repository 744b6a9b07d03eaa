// A real gRPC client and server in one process, both traced.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <xray/grpc_client.hpp>
#include <xray/grpc_server.hpp>
#include <xray/xray.hpp>

#include "support/documents.hpp"
#include "support/prices.hpp"

using support::at;
using support::Json;
using support::JsonValue;
using support::only_subsegment;
using support::text_of;

#if defined(__SANITIZE_THREAD__)
// Debian's gRPC is built without the sanitizer, which can't see how its threads wait for each
// other.
extern "C" __attribute__((visibility("default"))) const char*
__tsan_default_suppressions() {  // NOLINT: the sanitizer's name
  return "race:libgrpc.so\nrace:libgrpc++.so\nrace:libgpr.so\nrace:libabsl";
}
#endif

namespace {

/// Prices every product, but for those whose names are numbers: these are statuses.
class Prices : public shop::PricesService {
 public:
  grpc::Status find(grpc::ServerContext* context, const shop::Message& product,
                    shop::Message* price) override {
    const xray::Subsegment work("look up");
    const auto found = context->client_metadata().find("x-amzn-trace-id");
    header = found == context->client_metadata().end()
                 ? std::string()
                 : std::string(found->second.data(), found->second.size());
    *price = shop::message_of("100");
    return status_of(shop::text_of(product));
  }
  grpc::Status list(const shop::Message& product,
                    grpc::ServerWriter<shop::Message>* writer) override {
    for (const char* const price : {"1", "2", "3"}) writer->Write(shop::message_of(price));
    return status_of(shop::text_of(product));
  }
  grpc::Status sum(grpc::ServerReader<shop::Message>* reader, shop::Message* price) override {
    shop::Message product;
    int count = 0;
    while (reader->Read(&product)) ++count;
    *price = shop::message_of(std::to_string(count * 100));
    return grpc::Status::OK;
  }

  std::string header;

 private:
  static grpc::Status status_of(const std::string& name) {
    if (name.empty() || name[0] < '0' || name[0] > '9') return grpc::Status::OK;
    return {static_cast<grpc::StatusCode>(std::stoi(name)), "my-secret"};
  }
};

class Grpc : public testing::Test {
 protected:
  void SetUp() override {
    xray::HttpServerTracing tracing;
    tracing.name = "prices";
    tracing.excluded_paths = {"/shop.Prices/Sum"};
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    builder.experimental().SetInterceptorCreators(xray::grpc_server_interceptors(tracing));
    server_ = builder.BuildAndStart();
    ASSERT_TRUE(server_);
    target_ = "127.0.0.1:" + std::to_string(port_);
    stub_ = std::make_unique<shop::PricesStub>(
        xray::traced_grpc_channel(target_, grpc::InsecureChannelCredentials()));
  }
  void TearDown() override { stop(); }

  void begin_segment(const char* header = "Sampled=1") {
    segment_.emplace("client", xray::TraceHeader::parse(header));
  }

  grpc::Status find(const std::string& name) {
    grpc::ClientContext context;
    shop::Message price;
    return stub_->find(&context, shop::message_of(name), &price);
  }

  /// Ends everything and sorts the documents.
  void finish() {
    segment_.reset();
    stop();
    documents_ = capture_.documents();
    for (const Json& document : documents_) {
      (text_of(at(document, "name")) == "client" ? client_ : served_) = &document;
    }
  }

  void stop() {
    if (server_) server_->Shutdown();
    server_.reset();
  }

  support::Capture capture_;
  Prices service_;
  int port_ = 0;
  std::string target_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<shop::PricesStub> stub_;
  std::optional<xray::Segment> segment_;
  std::vector<Json> documents_;
  const Json* client_ = nullptr;
  const Json* served_ = nullptr;
};

std::string flags(const JsonValue& entity) {
  std::string result;
  for (const char* flag : {"error", "throttle", "fault"}) {
    if (entity.HasMember(flag)) result += std::string(flag) + " ";
  }
  return result;
}

std::string status(const JsonValue& entity) {
  return text_of(at(at(at(entity, "metadata"), "grpc"), "status"));
}

}  // namespace

TEST_F(Grpc, a_call_is_a_subsegment_of_the_client_and_a_segment_of_the_server_in_one_trace) {
  begin_segment();
  EXPECT_TRUE(find("lamp").ok());
  finish();
  ASSERT_TRUE(client_ != nullptr && served_ != nullptr);
  const auto& call = only_subsegment(*client_);
  EXPECT_EQ(text_of(at(call, "name")), "shop.Prices");
  EXPECT_EQ(text_of(at(call, "namespace")), "remote");
  const auto& request = at(at(call, "http"), "request");
  EXPECT_EQ(text_of(at(request, "method")), "POST");
  EXPECT_EQ(text_of(at(request, "url")), "grpc://" + target_ + "/shop.Prices/Find");
  EXPECT_EQ(status(call), "OK");
  EXPECT_EQ(flags(call), "");

  EXPECT_EQ(text_of(at(*served_, "name")), "prices");
  EXPECT_EQ(text_of(at(*served_, "trace_id")), text_of(at(*client_, "trace_id")));
  EXPECT_EQ(text_of(at(*served_, "parent_id")), text_of(at(call, "id")));
  const auto& answered = at(at(*served_, "http"), "request");
  EXPECT_EQ(text_of(at(answered, "url")), "grpc://" + target_ + "/shop.Prices/Find");
  EXPECT_EQ(text_of(at(answered, "client_ip")), "127.0.0.1");
  EXPECT_EQ(status(*served_), "OK");
}

TEST_F(Grpc, what_the_method_does_is_part_of_the_servers_segment) {
  begin_segment();
  EXPECT_TRUE(find("lamp").ok());
  finish();
  ASSERT_NE(served_, nullptr);
  EXPECT_EQ(text_of(at(only_subsegment(*served_), "name")), "look up");
}

TEST_F(Grpc, a_stream_from_the_server_is_one_subsegment_with_its_status) {
  begin_segment();
  {
    grpc::ClientContext context;
    const auto reader = stub_->list(&context, shop::message_of("11"));
    shop::Message price;
    int count = 0;
    while (reader->Read(&price)) ++count;
    EXPECT_EQ(count, 3);
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::OUT_OF_RANGE);
  }
  finish();
  ASSERT_TRUE(client_ != nullptr && served_ != nullptr);
  EXPECT_EQ(status(only_subsegment(*client_)), "OUT_OF_RANGE");
  EXPECT_EQ(flags(only_subsegment(*client_)), "error ");
  EXPECT_EQ(status(*served_), "OUT_OF_RANGE");
}

TEST_F(Grpc, statuses_mark_errors_throttling_and_faults_on_both_sides) {
  for (int code = 1; code <= 16; ++code) {
    begin_segment();
    EXPECT_EQ(find(std::to_string(code)).error_code(), static_cast<grpc::StatusCode>(code));
    segment_.reset();
  }
  finish();
  std::map<std::string, std::string> seen;
  for (const Json& document : documents_) {
    const bool is_client = text_of(at(document, "name")) == "client";
    const JsonValue& entity = is_client ? only_subsegment(document) : document;
    seen[status(entity) + (is_client ? " called" : " served")] = flags(entity);
  }
  EXPECT_EQ(seen.size(), 32U);
  for (const char* const side : {" called", " served"}) {
    for (const char* const error :
         {"CANCELLED", "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
          "UNAUTHENTICATED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE"}) {
      EXPECT_EQ(seen[std::string(error) + side], "error ") << error << side;
    }
    for (const char* const fault : {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL",
                                    "UNAVAILABLE", "DATA_LOSS"}) {
      EXPECT_EQ(seen[std::string(fault) + side], "fault ") << fault << side;
    }
    EXPECT_EQ(seen[std::string("RESOURCE_EXHAUSTED") + side], "error throttle ");
  }
  for (const std::string& text : capture_.texts()) {
    EXPECT_EQ(text.find("secret"), std::string::npos) << text;
  }
}

TEST_F(Grpc, a_call_that_reaches_nobody_is_a_fault) {
  stop();
  begin_segment();
  EXPECT_EQ(find("lamp").error_code(), grpc::StatusCode::UNAVAILABLE);
  finish();
  EXPECT_EQ(flags(only_subsegment(*client_)), "fault ");
  EXPECT_EQ(served_, nullptr);
}

TEST_F(Grpc, an_asynchronous_call_ends_with_its_status) {
  begin_segment();
  {
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    shop::Message price;
    grpc::Status result;
    const auto call = stub_->find_later(&context, shop::message_of("lamp"), &queue);
    call->Finish(&price, &result, nullptr);
    void* tag = nullptr;
    bool ok = false;
    ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
    EXPECT_TRUE(result.ok());
  }
  finish();
  EXPECT_EQ(status(only_subsegment(*client_)), "OK");
}

TEST_F(Grpc, an_unsampled_call_sends_its_header_and_is_recorded_nowhere) {
  begin_segment("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0");
  EXPECT_TRUE(find("lamp").ok());
  finish();
  EXPECT_TRUE(documents_.empty());
  EXPECT_NE(service_.header.find("Root=1-5759e988-bd862e3fe1be46a994272793"), std::string::npos)
      << service_.header;
  EXPECT_NE(service_.header.find("Sampled=0"), std::string::npos) << service_.header;
}

TEST_F(Grpc, a_call_without_a_segment_is_left_alone) {
  EXPECT_TRUE(find("lamp").ok());
  EXPECT_EQ(service_.header, "");
}

TEST_F(Grpc, a_method_may_be_excluded_from_the_server) {
  begin_segment();
  {
    grpc::ClientContext context;
    shop::Message price;
    const auto writer = stub_->sum(&context, &price);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(writer->Write(shop::message_of("lamp")));
    writer->WritesDone();
    EXPECT_TRUE(writer->Finish().ok());
    EXPECT_EQ(shop::text_of(price), "300");
  }
  finish();
  EXPECT_EQ(served_, nullptr);
  ASSERT_NE(client_, nullptr);
  EXPECT_EQ(status(only_subsegment(*client_)), "OK");
}

TEST_F(Grpc, a_server_answers_the_question_for_its_decision) {
  grpc::ClientContext context;
  context.AddMetadata("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=?");
  shop::Message price;
  EXPECT_TRUE(stub_->find(&context, shop::message_of("lamp"), &price).ok());
  const auto& answered = context.GetServerInitialMetadata();
  const auto found = answered.find("x-amzn-trace-id");
  ASSERT_NE(found, answered.end());
  const std::string text(found->second.data(), found->second.size());
  EXPECT_NE(text.find("Root=1-5759e988-bd862e3fe1be46a994272793"), std::string::npos) << text;
}
