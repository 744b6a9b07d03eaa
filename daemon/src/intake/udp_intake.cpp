#include "intake/udp_intake.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include "config/log.hpp"
#include "config/log_throttle.hpp"
#include "intake/nap.hpp"
#include "intake/receive_slots.hpp"
#include "intake/socket_address.hpp"
#include "startup_error.hpp"

namespace xrayd::intake {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::string left_out_note(std::uint64_t left_out) {
  return left_out == 0 ? "" : " (" + std::to_string(left_out) + " such lines left out)";
}

enum class Emptied { yes, not_yet, failed };

}  // namespace

/// The receiving thread's own state and work.
class UdpIntake::Receiver {
 public:
  explicit Receiver(UdpIntake& intake) : intake_(intake) {}

  void run() {
    Clock::time_point empty_at = Clock::now();
    Drained drained;
    while (true) {
      const Emptied emptied = drain(drained);
      const Clock::time_point now = Clock::now();
      intake_.last_turn_.store(now, std::memory_order_relaxed);
      watch_kernel_drops(now);
      std::chrono::microseconds pause{0};
      bool for_datagrams = false;
      if (emptied == Emptied::failed) {
        pause = 10ms;
      } else if (emptied == Emptied::yes) {
        for_datagrams = drained.datagrams == 0;
        drained.elapsed = now - empty_at;
        pause = for_datagrams ? 1s : nap_length(drained, intake_.socket_.granted_buffer());
        drained = {};
        empty_at = now;
      }
      if (wait(pause, for_datagrams)) break;
    }
    const Clock::time_point deadline = Clock::now() + 2s;
    while (drain(drained) == Emptied::not_yet && Clock::now() < deadline) {
    }
    watch_kernel_drops(Clock::time_point::max());
  }

 private:
  /// Reads until the socket is empty, a thousand datagrams at the longest.
  Emptied drain(Drained& drained) {
    for (int burst = 0; burst < 16; ++burst) {
      const int received = slots_.receive(intake_.socket_.get());
      if (received < 0) {
        if (errno == EAGAIN) return Emptied::yes;
        if (errno == EINTR) continue;
        complain("receiving failed: " + std::generic_category().message(errno));
        return Emptied::failed;
      }
      hand_on(static_cast<std::size_t>(received), drained);
      if (static_cast<std::size_t>(received) < ReceiveSlots::count) return Emptied::yes;
    }
    return Emptied::not_yet;
  }

  void hand_on(std::size_t count, Drained& drained) {
    std::size_t accepted = 0;
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view datagram = slots_.datagram(i);
      bytes += datagram.size();
      const Datagram parts = split_datagram(datagram);
      if (parts.refusal == Refusal::none) {
        bodies_[accepted++] = parts.body;
      } else {
        refuse(i, datagram.size(), parts.refusal);
      }
    }
    drained.datagrams += count;
    drained.bytes += bytes;
    intake_.received_.fetch_add(count, std::memory_order_relaxed);
    intake_.received_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    if (accepted > 0) intake_.sink_.accept({bodies_.data(), accepted});
  }

  void refuse(std::size_t slot, std::size_t size, Refusal refusal) {
    intake_.refused_[static_cast<std::size_t>(refusal)].fetch_add(1, std::memory_order_relaxed);
    const auto left_out = throttle_.admit(Clock::now());
    if (!left_out) return;
    log::warn("datagram of " + std::to_string(size) + " bytes from " +
              to_string(slots_.sender(slot)) + " refused: " + std::string(to_string(refusal)) +
              left_out_note(*left_out));
  }

  void complain(const std::string& text) {
    if (const auto left_out = throttle_.admit(Clock::now())) {
      log::error(text + left_out_note(*left_out));
    }
  }

  void watch_kernel_drops(Clock::time_point now) {
    if (now < next_look_) return;
    next_look_ = now == Clock::time_point::max() ? now : now + 1s;
    const std::uint32_t drops = intake_.socket_.kernel_drops();
    const std::uint32_t fresh = drops - seen_drops_;  // the kernel's counter may wrap
    if (fresh == 0) return;
    seen_drops_ = drops;
    log::warn("the kernel dropped " + std::to_string(fresh) +
              " datagrams because the socket's buffer of " +
              std::to_string(intake_.socket_.granted_buffer()) + " bytes was full");
  }

  /// Sleeps until stop() or, if wanted, a datagram, or until the time is over; true after stop().
  bool wait(std::chrono::microseconds longest, bool for_datagrams) const {
    std::array<pollfd, 2> watched = {
        {{intake_.stop_event_.get(), POLLIN, 0}, {intake_.socket_.get(), POLLIN, 0}}};
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest);
    const timespec timeout{seconds.count(), std::chrono::nanoseconds(longest - seconds).count()};
    const int ready = ppoll(watched.data(), for_datagrams ? 2 : 1, &timeout, nullptr);
    return ready > 0 && watched[0].revents != 0;
  }

  UdpIntake& intake_;
  ReceiveSlots slots_;
  std::array<std::string_view, ReceiveSlots::count> bodies_{};
  log::Throttle throttle_{5};
  std::uint32_t seen_drops_ = 0;
  Clock::time_point next_look_{};
};

UdpIntake::UdpIntake(const config::Address& address, DocumentSink& sink)
    : socket_(address), sink_(sink), stop_event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (stop_event_.get() < 0) {
    throw StartupError("no event descriptor: " + std::generic_category().message(errno));
  }
}

UdpIntake::~UdpIntake() {
  stop();
}

void UdpIntake::start() {
  last_turn_ = Clock::now();
  thread_ = std::thread([this] { Receiver(*this).run(); });
}

void UdpIntake::stop() {
  if (!thread_.joinable()) return;
  eventfd_write(stop_event_.get(), 1);
  thread_.join();
}

void UdpIntake::report(CounterRows& rows) const {
  const auto add = [&rows](const char* name, const char* help, std::string labels,
                           std::uint64_t value) {
    rows.push_back({name, help, std::move(labels), static_cast<std::int64_t>(value), false});
  };
  add("xrayd_datagrams_received_total", "Datagrams that the kernel delivered.", "", received_);
  add("xrayd_datagram_bytes_received_total", "Bytes in them.", "", received_bytes_);
  for (std::size_t i = 1; i < refused_.size(); ++i) {
    add("xrayd_datagrams_refused_total", "Datagrams that were not taken, by reason.",
        "reason=\"" + std::string(to_string(static_cast<Refusal>(i))) + "\"", refused_[i]);
  }
  add("xrayd_datagrams_dropped_by_kernel_total",
      "Datagrams that found the socket's buffer full and were lost.", "", socket_.kernel_drops());
  rows.push_back({"xrayd_socket_buffer_bytes", "Receive buffer that the system granted.", "",
                  static_cast<std::int64_t>(socket_.granted_buffer()), true});
}

}  // namespace xrayd::intake
