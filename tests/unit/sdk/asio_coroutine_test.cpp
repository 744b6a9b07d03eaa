#include <xray/asio.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "support/documents.hpp"

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using support::at;
using support::Capture;
using support::find_subsegment;
using support::text_of;

namespace {

std::string trace_here() {
  return xray::current_trace_header().trace_id().to_string();
}

asio::awaitable<void> request(milliseconds pause) {
  xray::CoroutineScope scope;
  const xray::Segment segment("s");
  const std::string trace = trace_here();
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (int i = 0; i < 3; ++i) {
    const xray::Subsegment subsegment("step");
    timer.expires_after(pause);
    co_await scope.carry(timer.async_wait(use_awaitable));
    EXPECT_EQ(trace_here(), trace);
    const xray::Subsegment below("below");
    timer.expires_after(pause);
    co_await scope.carry(timer.async_wait(asio::deferred));
    EXPECT_EQ(trace_here(), trace);
  }
}

/// Watches, on the same threads, that nobody's context is there.
void watch(const asio::any_io_executor& executor, std::atomic<int>& leaks, int times) {
  asio::post(executor, [executor, &leaks, times] {
    if (xray::current_context()) ++leaks;
    if (times > 1) watch(executor, leaks, times - 1);
  });
}

}  // namespace

TEST(AsioCoroutine, keeps_its_context_and_shows_it_to_nobody_else) {
  Capture capture;
  asio::io_context context;
  for (int i = 0; i < 5; ++i) co_spawn(context, request(milliseconds(i % 3)), asio::detached);
  std::atomic<int> leaks{0};
  watch(context.get_executor(), leaks, 2000);
  context.run();
  EXPECT_EQ(leaks.load(), 0);
  EXPECT_FALSE(xray::current_context());
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 5U);
  for (const auto& document : documents) {
    ASSERT_EQ(at(document, "subsegments").Size(), 3U);
    for (const auto& step : at(document, "subsegments").GetArray()) {
      EXPECT_EQ(text_of(at(step, "name")), "step");
      EXPECT_NE(find_subsegment(step, "below"), nullptr);
    }
  }
}

TEST(AsioCoroutine, a_hundred_on_four_threads) {
  Capture capture;
  std::atomic<int> leaks{0};
  {
    asio::thread_pool pool(4);
    for (int i = 0; i < 100; ++i) co_spawn(pool, request(milliseconds(i % 2)), asio::detached);
    watch(pool.get_executor(), leaks, 2000);
    pool.join();
  }
  EXPECT_EQ(leaks.load(), 0);
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 100U);
  for (const auto& document : documents) EXPECT_EQ(at(document, "subsegments").Size(), 3U);
}

TEST(AsioCoroutine, begins_in_the_context_handed_over) {
  Capture capture;
  asio::thread_pool pool(2);
  {
    const xray::Segment segment("s");
    co_spawn(
        pool,
        [](xray::Context parent) -> asio::awaitable<void> {
          xray::CoroutineScope scope(parent);
          asio::steady_timer timer(co_await asio::this_coro::executor, milliseconds(1));
          const xray::Subsegment subsegment("spawned");
          co_await scope.carry(timer.async_wait(use_awaitable));
        }(xray::current_context()),
        asio::detached);
    pool.join();
  }
  EXPECT_NE(find_subsegment(capture.document(), "spawned"), nullptr);
}

TEST(AsioCoroutine, results_and_errors_of_operations_come_through) {
  Capture capture;
  asio::io_context context;
  int checks = 0;
  const auto coroutine = [&]() -> asio::awaitable<void> {
    xray::CoroutineScope scope;
    const xray::Segment segment("s");
    const auto executor = co_await asio::this_coro::executor;
    tcp::acceptor acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    tcp::socket client(executor);
    client.connect(acceptor.local_endpoint());
    tcp::socket server = co_await scope.carry(acceptor.async_accept(use_awaitable));
    const std::size_t written =
        co_await scope.carry(asio::async_write(server, asio::buffer("ping", 4), use_awaitable));
    EXPECT_EQ(written, 4U);
    std::string text(4, ' ');
    const std::size_t read =
        co_await scope.carry(asio::async_read(client, asio::buffer(text), asio::deferred));
    EXPECT_EQ(read, 4U);
    EXPECT_EQ(text, "ping");
    server.close();
    const auto [error, size] = co_await scope.carry(
        asio::async_read(client, asio::buffer(text), asio::as_tuple(use_awaitable)));
    EXPECT_EQ(error, asio::error::eof);
    EXPECT_EQ(size, 0U);
    bool caught = false;
    try {
      const xray::Subsegment failing("failing");
      co_await scope.carry(asio::async_read(client, asio::buffer(text), use_awaitable));
    } catch (const boost::system::system_error&) {
      caught = true;
    }
    EXPECT_TRUE(caught);
    EXPECT_EQ(trace_here(), segment.trace_id().to_string().view());
    ++checks;
  };
  co_spawn(context, coroutine(), asio::detached);
  context.run();
  EXPECT_EQ(checks, 1);
  const auto document = capture.document();
  EXPECT_TRUE(at(*find_subsegment(document, "failing"), "fault").GetBool());
}

TEST(AsioCoroutine, branches_awaited_together_have_scopes_of_their_own) {
  using namespace asio::experimental::awaitable_operators;
  Capture capture;
  asio::thread_pool pool(4);
  struct Branch {
    static asio::awaitable<void> run(xray::Context parent, std::string name) {
      xray::CoroutineScope scope(parent);
      asio::steady_timer timer(co_await asio::this_coro::executor);
      for (int i = 0; i < 3; ++i) {
        const xray::Subsegment subsegment(name);
        timer.expires_after(milliseconds(1));
        co_await scope.carry(timer.async_wait(use_awaitable));
      }
    }
    static asio::awaitable<void> both() {
      xray::CoroutineScope scope;
      const xray::Segment segment("s");
      {
        const xray::Subsegment subsegment("both");
        const xray::Context here = xray::current_context();
        auto branches = run(here, "left") && run(here, "right");
        co_await scope.carry(std::move(branches));
      }
      const xray::Subsegment after("after");
    }
  };
  co_spawn(pool, Branch::both(), asio::detached);
  pool.join();
  const auto document = capture.document();
  EXPECT_EQ(at(*find_subsegment(document, "both"), "subsegments").Size(), 6U);
  EXPECT_EQ(at(document, "subsegments").Size(), 2U);
}

TEST(AsioCoroutine, one_that_is_cancelled_ends_what_is_open) {
  using namespace asio::experimental::awaitable_operators;
  Capture capture;
  asio::io_context context;
  struct Slow {
    static asio::awaitable<void> run() {
      xray::CoroutineScope scope;
      const xray::Segment segment("cancelled");
      const xray::Subsegment subsegment("waiting");
      asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
      co_await scope.carry(timer.async_wait(use_awaitable));
    }
    static asio::awaitable<void> soon() {
      asio::steady_timer timer(co_await asio::this_coro::executor, milliseconds(5));
      co_await timer.async_wait(use_awaitable);
      EXPECT_FALSE(xray::current_context());
    }
    static asio::awaitable<void> either() {
      auto first = run() || soon();
      co_await std::move(first);
      EXPECT_FALSE(xray::current_context());
    }
  };
  co_spawn(context, Slow::either(), asio::detached);
  context.run();
  const auto document = capture.document();
  EXPECT_TRUE(at(*find_subsegment(document, "waiting"), "fault").GetBool());
}

TEST(AsioCoroutine, one_destroyed_with_its_io_context_ends_what_is_open) {
  Capture capture;
  const xray::Segment own("own");
  {
    asio::io_context context;
    const auto coroutine = []() -> asio::awaitable<void> {
      xray::CoroutineScope scope;
      const xray::Segment segment("abandoned");
      const xray::Subsegment subsegment("waiting");
      asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
      co_await scope.carry(timer.async_wait(use_awaitable));
    };
    co_spawn(context, coroutine(), asio::detached);
    context.poll();
    EXPECT_EQ(xray::current_trace_header().trace_id(), own.trace_id());
  }
  EXPECT_EQ(xray::current_trace_header().trace_id(), own.trace_id());
  EXPECT_NE(find_subsegment(capture.document(), "waiting"), nullptr);
}

TEST(AsioCoroutine, a_bound_token_brings_its_context_for_as_long_as_the_handler_runs) {
  Capture capture;
  asio::io_context context;
  std::optional<xray::Segment> segment(std::in_place, "s");
  const auto coroutine = [](xray::Context parent) -> asio::awaitable<void> {
    asio::steady_timer timer(co_await asio::this_coro::executor, milliseconds(1));
    std::optional<xray::ContextScope> scope(std::in_place, parent);
    auto operation = timer.async_wait(xray::bind_context(use_awaitable));
    scope.reset();
    co_await std::move(operation);
    const xray::Subsegment subsegment("after");
  };
  co_spawn(context, coroutine(xray::current_context()), asio::detached);
  {
    const xray::ContextScope nothing{xray::Context()};
    std::atomic<int> leaks{0};
    watch(context.get_executor(), leaks, 500);
    context.run();
    EXPECT_EQ(leaks.load(), 0);
    EXPECT_FALSE(xray::current_context());
  }
  segment.reset();
  EXPECT_NE(find_subsegment(capture.document(), "after"), nullptr);
}
