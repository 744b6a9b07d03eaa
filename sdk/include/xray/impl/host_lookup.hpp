// The socket addresses behind the daemon's host name.
#pragma once

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include <xray/impl/daemon_address.hpp>
#include <xray/impl/helper_thread.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] int family() const noexcept { return storage.ss_family; }
  [[nodiscard]] const sockaddr* get() const noexcept {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
  [[nodiscard]] bool is_loopback() const noexcept {
    if (family() == AF_INET) {
      const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
      return ntohl(v4.sin_addr.s_addr) >> 24U == 127;
    }
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr);
  }
  friend bool operator==(const SocketAddress& a, const SocketAddress& b) noexcept {
    return a.size == b.size && std::memcmp(&a.storage, &b.storage, a.size) == 0;
  }
};

/// IPv4 first, for that is where daemons listen; otherwise in the resolver's order.
struct SocketAddresses {
  static constexpr unsigned most = 8;
  SocketAddress list[most];
  unsigned count = 0;

  friend bool operator==(const SocketAddresses& a, const SocketAddresses& b) noexcept {
    if (a.count != b.count) return false;
    for (unsigned i = 0; i < a.count; ++i) {
      if (!(a.list[i] == b.list[i])) return false;
    }
    return true;
  }
};

/// Looks a name up; 0, or getaddrinfo's error. May take as long as the resolver is patient.
inline int look_up(const HostPort& address, int flags, SocketAddresses& result) noexcept {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
  if (error != 0) return error;
  result.count = 0;
  for (const int family : {AF_INET, AF_INET6}) {
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
      if (one->ai_family != family || result.count == SocketAddresses::most) continue;
      SocketAddress& address_found = result.list[result.count++];
      address_found = {};
      address_found.size = one->ai_addrlen;
      std::memcpy(&address_found.storage, one->ai_addr, one->ai_addrlen);
    }
  }
  ::freeaddrinfo(found);
  return result.count == 0 ? EAI_NONAME : 0;
}

/// Looks names up on a thread of its own, one at a time. A resolver can take many seconds: neither
/// the sender, which has a good address meanwhile, nor fork() may wait so long.
class HostLookup {
 public:
  enum class State : unsigned char { idle, running, done };

  explicit HostLookup(HostPort address) : job_(std::make_shared<Job>()) {
    job_->address = std::move(address);
  }

  [[nodiscard]] State state() const noexcept { return job_->state.load(std::memory_order_acquire); }

  void start() noexcept {
    if (state() == State::running) return;
    job_->state.store(State::running, std::memory_order_relaxed);
    auto* const share = new (std::nothrow) std::shared_ptr<Job>(job_);
    if (share == nullptr || !start_thread(share)) {
      delete share;
      job_->error = EAI_MEMORY;
      job_->state.store(State::done, std::memory_order_release);
    }
  }

  /// Takes the outcome of a look-up that is done: 0, or getaddrinfo's error.
  [[nodiscard]] int take(SocketAddresses& result) noexcept {
    job_->state.store(State::idle, std::memory_order_relaxed);
    if (job_->error == 0) result = job_->found;
    return job_->error;
  }

 private:
  struct Job {
    HostPort address;
    std::atomic<State> state{State::idle};
    SocketAddresses found;
    int error = 0;
  };

  static bool start_thread(std::shared_ptr<Job>* share) noexcept {
    pthread_t thread{};
    return detail::start_thread(thread, ThreadEnd::detached, &HostLookup::run, share) == 0;
  }

  static void* run(void* argument) noexcept {
    auto* const share = static_cast<std::shared_ptr<Job>*>(argument);
    Job& job = **share;
    job.error = look_up(job.address, 0, job.found);
    job.state.store(State::done, std::memory_order_release);
    delete share;
    return nullptr;
  }

  /// Also the thread's: it may outlive the emitter.
  std::shared_ptr<Job> job_;
};

}  // namespace detail
XRAY_NAMESPACE_END
