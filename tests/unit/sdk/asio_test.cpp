#include <xray/asio.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/documents.hpp"

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using support::at;
using support::Capture;
using support::find_subsegment;
using support::text_of;

namespace {

/// Counts in which an allocator can be recognised.
template <typename Value>
struct CountingAllocator {
  using value_type = Value;
  int* count;

  explicit CountingAllocator(int& counter) : count(&counter) {}
  template <typename Other>
  CountingAllocator(const CountingAllocator<Other>& other) : count(other.count) {}
  Value* allocate(std::size_t size) {
    ++*count;
    return std::allocator<Value>().allocate(size);
  }
  void deallocate(Value* memory, std::size_t size) {
    std::allocator<Value>().deallocate(memory, size);
  }
  template <typename Other>
  bool operator==(const CountingAllocator<Other>& other) const {
    return count == other.count;
  }
  template <typename Other>
  bool operator!=(const CountingAllocator<Other>& other) const {
    return count != other.count;
  }
};

std::string trace_here() {
  return xray::current_trace_header().trace_id().to_string();
}

}  // namespace

TEST(BoundContext, calls_as_its_callable_would) {
  const Capture capture;
  struct Callable {
    int operator()(int number) & { return number + 1; }
    int operator()(int number) const& noexcept { return number + 2; }
    int operator()(int number) && { return number + 3; }
  };
  auto bound = xray::bind_context(Callable());
  EXPECT_EQ(bound(0), 1);
  EXPECT_EQ(std::as_const(bound)(0), 2);
  EXPECT_EQ(std::move(bound)(0), 3);
  static_assert(!noexcept(bound(0)));
  static_assert(noexcept(std::as_const(bound)(0)));

  int number = 5;
  const auto reference = xray::bind_context([&number]() -> int& { return number; });
  static_assert(std::is_same_v<decltype(reference()), int&>);
  EXPECT_EQ(&reference(), &number);

  auto move_only = xray::bind_context(
      [kept = std::make_unique<int>(3)](std::unique_ptr<int> given) { return *kept + *given; });
  static_assert(!std::is_copy_constructible_v<decltype(move_only)>);
  EXPECT_EQ(std::move(move_only)(std::make_unique<int>(4)), 7);

  int calls = 0;
  const std::function<void()> function = xray::bind_context([calls]() mutable { ++calls; });
  function();
  static_assert(!std::is_invocable_v<decltype(bound)&, std::string>);
}

TEST(BoundContext, keeps_what_is_associated_with_a_handler) {
  const Capture capture;
  asio::io_context context;
  const auto strand = asio::make_strand(context);
  int allocations = 0;
  asio::cancellation_signal signal;
  auto handler = asio::bind_executor(
      strand, asio::bind_allocator(CountingAllocator<char>(allocations),
                                   asio::bind_cancellation_slot(signal.slot(), [] {})));
  const auto bound = xray::bind_context(handler);
  using Bound = std::decay_t<decltype(bound)>;
  static_assert(std::is_same_v<asio::associated_executor_t<Bound>, std::decay_t<decltype(strand)>>);
  static_assert(std::is_same_v<asio::associated_allocator_t<Bound>, CountingAllocator<char>>);
  EXPECT_EQ(asio::get_associated_executor(bound), strand);
  EXPECT_EQ(asio::get_associated_executor(bound, context.get_executor()), strand);
  EXPECT_EQ(asio::get_associated_allocator(bound).count, &allocations);
  EXPECT_EQ(asio::get_associated_cancellation_slot(bound), signal.slot());

  const auto plain = xray::bind_context([] {});
  EXPECT_EQ(asio::get_associated_executor(plain, strand), strand);
}

TEST(BoundContext, runs_a_timers_handler_on_its_strand_with_its_allocator) {
  Capture capture;
  asio::io_context context;
  const auto strand = asio::make_strand(context);
  int allocations = 0;
  asio::steady_timer timer(context, std::chrono::milliseconds(1));
  bool on_strand = false;
  {
    const xray::Segment segment("s");
    timer.async_wait(xray::bind_context(asio::bind_executor(
        strand, asio::bind_allocator(CountingAllocator<char>(allocations), [&](error_code error) {
          EXPECT_FALSE(error);
          on_strand = strand.running_in_this_thread();
          const xray::Subsegment subsegment("after the timer");
        }))));
    context.run();
  }
  EXPECT_TRUE(on_strand);
  EXPECT_GT(allocations, 0);
  EXPECT_NE(find_subsegment(capture.document(), "after the timer"), nullptr);
}

TEST(BoundContext, is_cancelled_through_its_handlers_slot) {
  const Capture capture;
  asio::io_context context;
  asio::cancellation_signal signal;
  asio::steady_timer timer(context, std::chrono::hours(1));
  error_code result;
  timer.async_wait(xray::bind_context(
      asio::bind_cancellation_slot(signal.slot(), [&](error_code error) { result = error; })));
  asio::post(context, [&] { signal.emit(asio::cancellation_type::terminal); });
  context.run();
  EXPECT_EQ(result, asio::error::operation_aborted);
}

TEST(BoundContext, takes_handlers_that_can_only_be_moved_and_keeps_those_that_are_lent) {
  const Capture capture;
  asio::io_context context;
  asio::steady_timer timer(context, std::chrono::milliseconds(0));
  int sum = 0;
  timer.async_wait(xray::bind_context(
      [&sum, number = std::make_unique<int>(1)](error_code) { sum += *number; }));
  auto lent = xray::bind_context(
      [&sum, number = std::make_shared<int>(10)](error_code) { sum += *number; });
  timer.async_wait(lent);
  timer.async_wait(lent);
  timer.async_wait(std::as_const(lent));
  context.run();
  EXPECT_EQ(sum, 31);
}

TEST(BoundContext, takes_completion_tokens) {
  Capture capture;
  asio::thread_pool pool(2);
  {
    const xray::Segment segment("s");
    asio::steady_timer timer(pool, std::chrono::milliseconds(1));
    std::future<void> future = timer.async_wait(xray::bind_context(asio::use_future));
    future.get();

    const std::string expected = trace_here();
    auto number = asio::post(pool, xray::bind_context(asio::use_future([&] {
                               EXPECT_EQ(trace_here(), expected);
                               const xray::Subsegment subsegment("in the token");
                               return 5;
                             })));
    EXPECT_EQ(number.get(), 5);

    std::promise<std::string> seen;
    asio::steady_timer other(pool, std::chrono::milliseconds(1));
    auto operation = other.async_wait(xray::bind_context(asio::deferred));
    {
      const xray::ContextScope elsewhere{xray::Context()};
      std::move(operation)([&](error_code) { seen.set_value(trace_here()); });
    }
    EXPECT_EQ(seen.get_future().get(), expected);
  }
  pool.join();
  EXPECT_NE(find_subsegment(capture.document(), "in the token"), nullptr);
}

TEST(BoundContext, does_not_reach_unrelated_handlers_of_the_same_thread) {
  Capture capture;
  asio::io_context context;
  int unrelated = 0;
  const auto look = [&] {
    EXPECT_FALSE(xray::current_context());
    ++unrelated;
  };
  {
    const xray::Segment segment("s");
    const std::string expected = trace_here();
    asio::post(context, xray::bind_context([&, expected] {
                 const xray::Subsegment outer("outer");
                 asio::post(context, look);
                 asio::post(context, xray::bind_context([&, expected] {
                              EXPECT_EQ(trace_here(), expected);
                              const xray::Subsegment inner("inner");
                              asio::post(context, look);
                            }));
                 asio::post(context, look);
               }));
    asio::post(context, look);
    const xray::ContextScope nothing{xray::Context()};
    context.run();
  }
  EXPECT_EQ(unrelated, 4);
  const auto document = capture.document();
  const auto* const outer = find_subsegment(document, "outer");
  ASSERT_NE(outer, nullptr);
  EXPECT_NE(find_subsegment(*outer, "inner"), nullptr);
}

TEST(BoundContext, a_segment_begun_in_a_handler_goes_on_in_the_handlers_it_binds) {
  Capture capture;
  struct Session : std::enable_shared_from_this<Session> {
    Session(asio::io_context& context, xray::TraceId trace)
        : segment("session", xray::TraceHeader(trace, xray::SegmentId(), xray::Sampling::sampled)),
          timer(context) {}
    void step(int steps) {
      if (steps == 0) return;
      timer.expires_after(std::chrono::milliseconds(1));
      timer.async_wait(xray::bind_context([self = shared_from_this(), steps](error_code) {
        EXPECT_EQ(trace_here(), self->segment.trace_id().to_string().view());
        { const xray::Subsegment subsegment("step"); }
        self->step(steps - 1);
      }));
    }
    xray::Segment segment;
    asio::steady_timer timer;
  };
  asio::io_context context;
  constexpr std::size_t sessions = 5;
  for (std::size_t i = 0; i < sessions; ++i) {
    asio::post(context, xray::bind_context([&context] {
                 std::make_shared<Session>(context, xray::TraceId::generate())->step(3);
               }));
    asio::post(context, [] { EXPECT_FALSE(xray::current_context()); });
  }
  context.run();
  EXPECT_FALSE(xray::current_context());
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), sessions);
  for (const auto& document : documents) EXPECT_EQ(at(document, "subsegments").Size(), 3U);
}

TEST(BoundContext, follows_sockets) {
  Capture capture;
  asio::io_context context;
  tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  tcp::socket server(context);
  tcp::socket client(context);
  std::string received(4, ' ');
  {
    const xray::Segment segment("s");
    acceptor.async_accept(server, [&](error_code) {
      EXPECT_FALSE(xray::current_context());
      asio::async_write(server, asio::buffer("pong", 4),
                        [](error_code, std::size_t) { EXPECT_FALSE(xray::current_context()); });
    });
    client.async_connect(acceptor.local_endpoint(), xray::bind_context([&](error_code error) {
                           ASSERT_FALSE(error);
                           const xray::Subsegment connected("connected");
                           asio::async_read(client, asio::buffer(received),
                                            xray::bind_context([&](error_code, std::size_t size) {
                                              EXPECT_EQ(size, 4U);
                                              const xray::Subsegment read("read");
                                            }));
                         }));
    const xray::ContextScope nothing{xray::Context()};
    context.run();
  }
  EXPECT_EQ(received, "pong");
  const auto document = capture.document();
  const auto* const connected = find_subsegment(document, "connected");
  ASSERT_NE(connected, nullptr);
  EXPECT_NE(find_subsegment(*connected, "read"), nullptr);
}

TEST(BoundContext, holds_on_a_pool_of_four_threads_and_their_strands) {
  Capture capture;
  constexpr int chains = 50;
  constexpr int links = 20;
  std::atomic<int> wrong{0};
  {
    asio::thread_pool pool(4);
    const std::function<void(xray::TraceId, const asio::strand<asio::thread_pool::executor_type>&,
                             int, const std::shared_ptr<xray::Segment>&)>
        link = [&](xray::TraceId trace,
                   const asio::strand<asio::thread_pool::executor_type>& strand, int left,
                   const std::shared_ptr<xray::Segment>& segment) {
          if (xray::current_trace_header().trace_id() != trace) ++wrong;
          const xray::Subsegment subsegment("link");
          if (left == 1) return;
          asio::post(pool, [&wrong] {
            if (xray::current_context()) ++wrong;
          });
          asio::post(
              xray::bind_context(asio::bind_executor(strand, [&link, trace, strand, left, segment] {
                link(trace, strand, left - 1, segment);
              })));
        };
    for (int i = 0; i < chains; ++i) {
      asio::post(pool, xray::bind_context([&] {
                   auto segment = std::make_shared<xray::Segment>("s");
                   link(segment->trace_id(), asio::make_strand(pool.get_executor()), links,
                        segment);
                 }));
    }
    pool.join();
  }
  EXPECT_EQ(wrong.load(), 0);
  int count = 0;
  const std::function<void(const support::JsonValue&)> walk = [&](const support::JsonValue& node) {
    if (text_of(at(node, "name")) == "link") ++count;
    const auto children = node.FindMember("subsegments");
    if (children == node.MemberEnd()) return;
    for (const auto& child : children->value.GetArray()) walk(child);
  };
  for (const auto& document : capture.documents()) walk(document);
  EXPECT_EQ(count, chains * links);
}
