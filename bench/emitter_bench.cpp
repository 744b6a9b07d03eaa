// What handing a document of 1 KB to the network costs the thread that does it, by each way of
// sending, with a receiver that reads. Times are CPU times of the benchmark's thread, and on
// loopback they include the kernel's delivery; `ns_each` is one document. `unix_stream` is the
// socket of the lossless path. See README.md beside this file.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <xray/impl/udp_emitter.hpp>
#include <xray/impl/unix_emitter.hpp>
#include <xray/statistics.hpp>

#include "support/allocations.hpp"

namespace {

using xray::detail::HostPort;
using xray::detail::SendMethod;
using xray::detail::UdpEmitter;
using xray::detail::UnixEmitter;

constexpr int burst = 32;

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Reads datagrams and forgets them.
class Receiver {
 public:
  Receiver() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const int wanted = 4 << 20;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      std::abort();
    }
    address_ = address;
    thread_ = std::thread([this] { run(); });
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  ~Receiver() {
    over_ = true;
    thread_.join();
    ::close(socket_);
  }
  [[nodiscard]] HostPort host_port() const {
    return {"127.0.0.1", std::to_string(ntohs(address_.sin_port))};
  }
  [[nodiscard]] const sockaddr_in& address() const { return address_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }

 private:
  void run() {
    std::vector<char> memory(std::size_t{64} << 11U);
    iovec parts[64];
    mmsghdr messages[64] = {};
    for (std::size_t i = 0; i < 64; ++i) {
      parts[i] = {memory.data() + (i << 11U), std::size_t{1} << 11U};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    while (!over_) {
      const int count = ::recvmmsg(socket_, messages, 64, MSG_DONTWAIT, nullptr);
      if (count > 0) {
        received_ += static_cast<std::uint64_t>(count);
      } else {
        const timespec nap{0, 100'000};
        ::nanosleep(&nap, nullptr);
      }
    }
  }

  int socket_;
  sockaddr_in address_{};
  std::atomic<bool> over_{false};
  std::atomic<std::uint64_t> received_{0};
  std::thread thread_;
};

std::vector<std::string> documents(bool alike) {
  std::vector<std::string> result;
  result.reserve(burst);
  for (int i = 0; i < burst; ++i) {
    result.emplace_back(static_cast<std::size_t>(alike ? 1000 : 850 + (i * 61) % 300), 'x');
  }
  return result;
}

template <typename Send>
void time_bursts(benchmark::State& state, Send send) {
  double seconds = 0;
  std::uint64_t allocated = 0;
  send();  // opens what is opened once
  for (auto _ : state) {
    const std::uint64_t before = support::allocations();
    const double begin = thread_seconds();
    send();
    const double spent = thread_seconds() - begin;
    allocated += support::allocations() - before;
    state.SetIterationTime(spent);
    seconds += spent;
    const timespec pause{0, 100'000};
    ::nanosleep(&pause, nullptr);
  }
  const auto total = static_cast<double>(state.iterations()) * burst;
  state.counters["ns_each"] = seconds * 1e9 / total;
  state.counters["allocs"] = static_cast<double>(allocated) / total;
}

void floor_send(benchmark::State& state) {
  const Receiver receiver;
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&receiver.address()),
                sizeof(sockaddr_in)) != 0) {
    std::abort();
  }
  const std::string document(1030, 'x');
  time_bursts(state, [&] {
    for (int i = 0; i < burst; ++i) ::send(socket, document.data(), document.size(), 0);
  });
  ::close(socket);
}
BENCHMARK(floor_send)->UseManualTime();

void udp(benchmark::State& state, SendMethod method, bool alike) {
  const Receiver receiver;
  const auto emitter = std::make_unique<UdpEmitter>(receiver.host_port(), method);
  const std::vector<std::string> all = documents(alike);
  const std::uint64_t before = xray::statistics().documents_sent;
  time_bursts(state, [&] {
    for (const std::string& document : all) emitter->emit(document);
    emitter->flush();
  });
  if (emitter->method() != method) state.SkipWithError("this way of sending does not work here");
  const std::uint64_t sent = xray::statistics().documents_sent - before;
  for (int i = 0; i < 100 && receiver.received() < sent; ++i) ::poll(nullptr, 0, 10);
  state.counters["lost"] = static_cast<double>(sent - receiver.received());
}
BENCHMARK_CAPTURE(udp, single, SendMethod::single, true)->UseManualTime();
BENCHMARK_CAPTURE(udp, many, SendMethod::many, true)->UseManualTime();
BENCHMARK_CAPTURE(udp, segmented, SendMethod::segmented, true)->UseManualTime();
BENCHMARK_CAPTURE(udp, segmented_of_850_to_1150_bytes, SendMethod::segmented, false)
    ->UseManualTime();

void unix_stream(benchmark::State& state) {
  char directory[] = "/tmp/xray-bench-XXXXXX";
  const std::string path = std::string(::mkdtemp(directory)) + "/s";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 1) != 0) {
    std::abort();
  }
  std::thread reader([&] {
    const int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    std::vector<char> memory(std::size_t{256} << 10U);
    while (::recv(connection, memory.data(), memory.size(), 0) > 0) {
    }
    ::close(connection);
  });
  {
    const auto emitter = std::make_unique<UnixEmitter>(path);
    const std::vector<std::string> all = documents(true);
    time_bursts(state, [&] {
      for (const std::string& document : all) emitter->emit(document);
      emitter->flush();
      while (emitter->pending()) emitter->advance();
    });
  }
  reader.join();
  ::close(listener);
  ::unlink(path.c_str());
  ::rmdir(directory);
}
BENCHMARK(unix_stream)->UseManualTime();

}  // namespace

BENCHMARK_MAIN();
