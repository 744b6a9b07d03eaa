// Sends trace segments to a daemon by UDP, as fast as it is told to.
//
//   bench_sender --port=N --count=N [--size=1024] [--rate=N]      paced: per second
//   bench_sender --port=N --count=N [--size=1024] --burst=N [--gap-ms=20]
//
// Paced, it sends what is due every 200 us by sendmmsg in at most 32 packets; in bursts, that many
// back to back, then a pause. `--size` is the document's, without its header line. Every document
// has ids of its own. Prints `sent=<n> failed=<n> seconds=<s>`.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t packets_at_once = 32;
constexpr std::chrono::microseconds tick{200};

struct Options {
  long port = 0;
  long count = 0;
  long size = 1024;
  long rate = 0;
  long burst = 0;
  long gap_ms = 20;
};

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const auto number = [&](std::string_view name, long& value) {
      if (!argument.starts_with(name)) return false;
      const std::string_view digits = argument.substr(name.size());
      return std::from_chars(digits.data(), digits.data() + digits.size(), value).ptr ==
             digits.data() + digits.size();
    };
    if (!number("--port=", options.port) && !number("--count=", options.count) &&
        !number("--size=", options.size) && !number("--rate=", options.rate) &&
        !number("--burst=", options.burst) && !number("--gap-ms=", options.gap_ms)) {
      std::fprintf(stderr, "bench_sender: %s is not understood\n", argv[i]);
      return std::nullopt;
    }
  }
  if (options.port <= 0 || options.count <= 0 || options.size < 400 || options.size > 60'000) {
    std::fputs("bench_sender: --port, --count and a --size of 400 to 60000 are needed\n", stderr);
    return std::nullopt;
  }
  return options;
}

/// Packets that are made once; only their ids change.
class Packets {
 public:
  explicit Packets(std::size_t document_size) {
    const auto now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch());
    std::array<char, 64> time{};
    std::snprintf(time.data(), time.size(), "%.3f", now.count());
    std::array<char, 16> epoch{};
    std::snprintf(epoch.data(), epoch.size(), "%08x", static_cast<unsigned>(now.count()));
    const std::string head = "{\"format\": \"json\", \"version\": 1}\n";
    std::string text = head + R"({"trace_id":"1-)" + epoch.data() + "-";
    trace_id_at_ = text.size();
    text += std::string(24, '0') + R"(","id":")";
    id_at_ = text.size();
    text +=
        std::string(16, '0') + R"(","name":"checkout","start_time":)" + time.data() +
        R"(,"end_time":)" + time.data() +
        R"(,"http":{"request":{"method":"GET","url":"https://shop.example/cart?item=17",)"
        R"("client_ip":"192.0.2.17"},"response":{"status":200}},"annotations":{"customer":"c-17")"
        R"(},"metadata":{"default":{"note":")";
    const std::string tail = R"("}}})";
    while (text.size() + tail.size() < head.size() + document_size) {
      text += text.size() % 40 == 0 ? ' ' : static_cast<char>('a' + text.size() % 26);
    }
    text += tail;
    for (std::size_t i = 0; i < packets_at_once; ++i) {
      texts_[i] = text;
      pieces_[i] = {texts_[i].data(), texts_[i].size()};
      messages_[i].msg_hdr.msg_iov = &pieces_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
  }
  Packets(const Packets&) = delete;
  Packets& operator=(const Packets&) = delete;

  /// At most 32 packets; how many the system took.
  std::size_t send(int socket, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      write_hex(texts_[i].data() + trace_id_at_ + 8, next_);
      write_hex(texts_[i].data() + id_at_, next_);
      ++next_;
    }
    const int sent = sendmmsg(socket, messages_.data(), static_cast<unsigned>(count), 0);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }

 private:
  static void write_hex(char* to, std::uint64_t value) {
    for (int i = 15; i >= 0; --i) {
      to[i] = "0123456789abcdef"[value & 15U];
      value >>= 4U;
    }
  }

  std::array<std::string, packets_at_once> texts_;
  std::array<iovec, packets_at_once> pieces_{};
  std::array<mmsghdr, packets_at_once> messages_{};
  std::size_t trace_id_at_ = 0;
  std::size_t id_at_ = 0;
  std::uint64_t next_ = (static_cast<std::uint64_t>(getpid()) << 32U) + 1;
};

struct Outcome {
  std::uint64_t sent = 0;
  std::uint64_t failed = 0;
};

void send_some(int socket, Packets& packets, std::uint64_t count, Outcome& outcome) {
  while (count > 0) {
    const std::size_t now = std::min<std::uint64_t>(count, packets_at_once);
    const std::size_t sent = packets.send(socket, now);
    outcome.sent += sent;
    // What is refused is not sent again: a daemon that is away has missed it, too.
    outcome.failed += now - sent;
    count -= now;
  }
}

Outcome send_paced(int socket, Packets& packets, const Options& options) {
  Outcome outcome;
  const auto total = static_cast<std::uint64_t>(options.count);
  if (options.rate <= 0) {
    send_some(socket, packets, total, outcome);
    return outcome;
  }
  const auto begun = Clock::now();
  auto wake = begun;
  std::uint64_t done = 0;
  while (done < total) {
    wake += tick;
    std::this_thread::sleep_until(wake);
    const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    const auto due =
        std::min(total, static_cast<std::uint64_t>(seconds * static_cast<double>(options.rate)));
    // Late by much (the machine was busy): caught up over the next ticks, not in one burst.
    const std::uint64_t most =
        std::max<std::uint64_t>(packets_at_once, static_cast<std::uint64_t>(options.rate) / 1000);
    const std::uint64_t now = std::min(due - done, most);
    send_some(socket, packets, now, outcome);
    done += now;
  }
  return outcome;
}

Outcome send_bursts(int socket, Packets& packets, const Options& options) {
  Outcome outcome;
  for (long done = 0; done < options.count; done += options.burst) {
    if (done > 0) std::this_thread::sleep_for(std::chrono::milliseconds(options.gap_ms));
    send_some(socket, packets,
              static_cast<std::uint64_t>(std::min(options.burst, options.count - done)), outcome);
  }
  return outcome;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  if (!options) return EXIT_FAILURE;
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(options->port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::perror("bench_sender: no socket");
    return EXIT_FAILURE;
  }
  // Its own buffer must not be what limits a burst.
  const int buffer = 4 << 20;
  setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  Packets packets(static_cast<std::size_t>(options->size));
  const auto begun = Clock::now();
  const Outcome outcome = options->burst > 0 ? send_bursts(socket, packets, *options)
                                             : send_paced(socket, packets, *options);
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  std::printf("sent=%llu failed=%llu seconds=%.3f\n", static_cast<unsigned long long>(outcome.sent),
              static_cast<unsigned long long>(outcome.failed), seconds);
  return EXIT_SUCCESS;
}
