#include <xray/xray.hpp>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <xray/testing.hpp>

#include "support/allocations.hpp"
#include "support/process.hpp"

namespace {

class DiscardingEmitter : public xray::Emitter {
 public:
  void emit(std::string_view /*document*/) noexcept override {}
};

/// `between` runs after each call.
void expect_no_allocation_now(const char* what, const std::function<void()>& body,
                              const std::function<void()>& between, std::uint64_t most = 0) {
  for (int i = 0; i < 300; ++i) {
    body();
    between();
  }
  const auto before = support::allocations();
  for (int i = 0; i < 200; ++i) {
    body();
    between();
  }
  EXPECT_LE(support::allocations() - before, most) << what;
}

void expect_no_allocation(const char* what, const std::function<void()>& body) {
  xray::detail::replace_emitter(std::make_shared<DiscardingEmitter>());
  expect_no_allocation_now(what, body, [] { xray::flush(std::chrono::seconds(5)); });
}

/// A segment that says what one of a web service says.
void trace_a_request() {
  xray::Segment segment("checkout",
                        xray::TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793;"
                                                 "Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:1"));
  xray::HttpRequest request;
  request.method = "GET";
  request.url = "https://shop.example/cart";
  segment.set_http_request(request);
  segment.set_user("alice");
  segment.add_metadata("cart", xray::Json(R"({"items":[1,2,{"a":"\u00e9"}]})"), "shop");
  for (int i = 0; i < 10; ++i) {
    xray::Subsegment subsegment("inventory.example", xray::Namespace::remote);
    subsegment.add_annotation("customer", "c-17");
    subsegment.add_annotation("ratio", 0.1 * i);
    subsegment.add_metadata("k", "v", "n");
    subsegment.add_metadata("k", i, "m");
    xray::SqlQuery sql;
    sql.sanitized_query = "SELECT 1";
    subsegment.set_sql(sql);
  }
  segment.set_http_response(200, 1234);
}

/// Holds the sender up until told to go on.
class HoldingEmitter : public xray::Emitter {
 public:
  void emit(std::string_view /*document*/) noexcept override {
    inside_.store(true);
    while (held_.load()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  void wait_until_inside() const {
    while (!inside_.load()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  void let_go() { held_.store(false); }

 private:
  std::atomic<bool> inside_{false};
  std::atomic<bool> held_{true};
};

}  // namespace

TEST(SteadyState, recording_allocates_nothing) {
  expect_no_allocation("a segment with ten annotated subsegments", [] {
    xray::Segment segment("checkout",
                          xray::TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793;"
                                                   "Parent=53995c3f42cd8ad8;Sampled=1"));
    segment.set_http_response(200);
    for (int i = 0; i < 10; ++i) {
      xray::Subsegment subsegment("call", xray::Namespace::remote);
      subsegment.add_annotation("customer", "c-17");
      subsegment.add_annotation("items", i);
      subsegment.add_metadata("k", "v", "n");
    }
  });
}

TEST(SteadyState, writing_documents_on_the_recording_thread_allocates_nothing) {
  IN_A_FRESH_PROCESS({
    xray::Configuration configuration;
    configuration.synchronous = true;
    configuration.emitter = std::make_shared<DiscardingEmitter>();
    EXPECT_FALSE(xray::configure(configuration));
    expect_no_allocation_now("a request, written", trace_a_request, [] {});
  });
}

TEST(SteadyState, sending_to_a_daemon_that_is_not_there_allocates_nothing) {
  IN_A_FRESH_PROCESS({
    // A port that was free a moment ago, and that nobody is given again so soon.
    const int taken = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(taken, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size), 0);
    ::close(taken);
    xray::Configuration configuration;
    configuration.synchronous = true;
    configuration.daemon_address = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    configuration.log = [](std::string_view) {};
    EXPECT_FALSE(xray::configure(configuration));
    expect_no_allocation_now("a request, sent to nobody", trace_a_request, [] {});
  });
}

TEST(SteadyState, finding_the_queue_full_allocates_nothing) {
  IN_A_FRESH_PROCESS({
    const auto emitter = std::make_shared<HoldingEmitter>();
    xray::Configuration configuration;
    configuration.queue_capacity = 2;
    configuration.emitter = emitter;
    configuration.log = [](std::string_view) {};
    EXPECT_FALSE(xray::configure(configuration));
    trace_a_request();
    emitter->wait_until_inside();
    expect_no_allocation_now("a request that is dropped", trace_a_request, [] {});
    EXPECT_GE(xray::statistics().dropped_queue_full, 400U);
    emitter->let_go();
  });
}

TEST(SteadyState, two_threads_that_record_do_not_allocate_for_each_request) {
  xray::detail::replace_emitter(std::make_shared<DiscardingEmitter>());
  // Used memory circulates between the threads and the sender: where one of them ends up holding
  // more than before, the other once asks for some. That is seldom, and ends.
  const auto work = [] {
    expect_no_allocation_now(
        "two hundred requests on one thread of two", trace_a_request,
        [] { xray::flush(std::chrono::seconds(5)); }, 40);
  };
  std::thread other(work);
  work();
  other.join();
}

TEST(SteadyState, a_context_carried_to_another_thread_allocates_nothing) {
  xray::detail::replace_emitter(std::make_shared<DiscardingEmitter>());
  const xray::Segment around("around");
  const xray::Context context = xray::current_context();
  std::thread([&context] {
    expect_no_allocation_now(
        "a context and its header",
        [&context] {
          const xray::ContextScope scope(context);
          EXPECT_TRUE(xray::current_context());
          xray::inject([](std::string_view, std::string_view) {});
        },
        [] {});
  }).join();
}

TEST(SteadyState, unsampled_requests_allocate_nothing) {
  expect_no_allocation("an unsampled segment", [] {
    const xray::Segment segment("checkout", xray::TraceHeader::parse("Sampled=0"));
    xray::Subsegment subsegment("call");
    subsegment.add_annotation("k", "v");
    EXPECT_FALSE(subsegment.trace_header().to_string().empty());
  });
}

TEST(SteadyState, headers_allocate_nothing) {
  expect_no_allocation("parse and write", [] {
    const auto header = xray::TraceHeader::parse(
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:1");
    EXPECT_EQ(header.to_string().size(), 86U);
  });
}
