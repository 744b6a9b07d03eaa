// A TCP service and its client, as coroutines on several threads; every request is one trace.
//
// The protocol is one line each way: `PRICE <article> <trace header>`, then `<price>`.
#include <xray/asio.hpp>
#include <xray/xray.hpp>

#include <boost/asio.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::use_awaitable;
using asio::ip::tcp;
using namespace std::chrono_literals;

/// A slow lookup. It is awaited by a coroutine with a scope, and uses that.
awaitable<int> look_up(xray::CoroutineScope& scope, const std::string& article) {
  xray::Subsegment subsegment("look-up");
  subsegment.add_annotation("article", article);
  asio::steady_timer timer(co_await asio::this_coro::executor, 5ms);
  co_await scope.carry(timer.async_wait(use_awaitable));  // meanwhile this thread serves others
  co_return static_cast<int>(article.size()) * 100;
}

/// One connection, spawned: a scope of its own.
awaitable<void> serve(tcp::socket socket) {
  xray::CoroutineScope scope;
  std::string buffer;
  const std::size_t size = co_await scope.carry(
      asio::async_read_until(socket, asio::dynamic_buffer(buffer), '\n', use_awaitable));
  std::istringstream line(buffer.substr(0, size));
  std::string verb;
  std::string article;
  std::string header;
  line >> verb >> article >> header;

  xray::Segment segment("prices", xray::TraceHeader::parse(header));
  const int price = co_await look_up(scope, article);
  {
    const xray::Subsegment subsegment("answer");
    const std::string answer = std::to_string(price) + "\n";
    co_await scope.carry(asio::async_write(socket, asio::buffer(answer), use_awaitable));
  }
  segment.add_annotation("price", price);

  // A handler that runs later, when this segment is over, belongs here all the same.
  auto timer = std::make_shared<asio::steady_timer>(socket.get_executor(), 10ms);
  timer->async_wait(xray::bind_context(
      [timer](boost::system::error_code) { const xray::Subsegment subsegment("audit"); }));
}

awaitable<void> listen(tcp::acceptor& acceptor, int connections) {
  for (int i = 0; i < connections; ++i) {
    tcp::socket socket = co_await acceptor.async_accept(use_awaitable);
    co_spawn(acceptor.get_executor(), serve(std::move(socket)), asio::detached);
  }
}

awaitable<void> buy(tcp::endpoint service, std::string article) {
  xray::CoroutineScope scope;
  xray::Segment segment("shop");
  xray::Subsegment call("prices", xray::Namespace::remote);
  tcp::socket socket(co_await asio::this_coro::executor);
  co_await scope.carry(socket.async_connect(service, use_awaitable));
  const std::string request =
      "PRICE " + article + " " + call.trace_header().to_string().str() + "\n";
  co_await scope.carry(asio::async_write(socket, asio::buffer(request), use_awaitable));
  std::string answer;
  co_await scope.carry(
      asio::async_read_until(socket, asio::dynamic_buffer(answer), '\n', use_awaitable));
  call.end();
  std::printf("%s costs %strace %s\n", article.c_str(), answer.c_str(),
              segment.trace_id().to_string().str().c_str());
}

}  // namespace

int main() {
  const char* const articles[] = {"tea", "cup", "kettle", "teapot", "sugar", "milk"};
  {
    asio::thread_pool pool(4);
    tcp::acceptor acceptor(pool, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    co_spawn(pool, listen(acceptor, static_cast<int>(std::size(articles))), asio::detached);
    for (const char* const article : articles) {
      co_spawn(pool, buy(acceptor.local_endpoint(), article), [](const std::exception_ptr& error) {
        if (error) std::rethrow_exception(error);
      });
    }
    pool.join();
  }
  xray::shutdown(std::chrono::seconds(2));
  return 0;
}
